import { createReadStream } from "node:fs";
import { ConfigError } from "../errors.ts";

/** A line of a text file, and `path:number` for messages. */
export interface Line {
  readonly text: string;
  readonly number: number;
  readonly at: string;
}

const LINE_FEED = 0x0a;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The lines of a UTF-8 file that are not blank, read as a stream.
 *
 * Not `node:readline`: it also ends lines at U+2028 and U+2029, which may stand unescaped in a JSON string.
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  // Parts of one line, joined once: a line may be longer than what is read at a time. A line feed is no part of a character.
  let parts: Uint8Array[] = [];
  let number = 0;
  const end = function* (): Generator<Line> {
    number++;
    const at = `${path}:${number}`;
    const decoded = decode(parts, at);
    parts = [];
    const unmarked = number === 1 && decoded.startsWith("\uFEFF") ? decoded.slice(1) : decoded;
    const text = unmarked.endsWith("\r") ? unmarked.slice(0, -1) : unmarked;
    if (text.trim() !== "") yield { text, number, at };
  };
  for await (const bytes of chunks(path)) {
    let start = 0;
    for (let feed = bytes.indexOf(LINE_FEED); feed >= 0; feed = bytes.indexOf(LINE_FEED, start)) {
      parts.push(bytes.subarray(start, feed));
      start = feed + 1;
      yield* end();
    }
    parts.push(bytes.subarray(start));
  }
  yield* end();
}

function decode(parts: readonly Uint8Array[], at: string): string {
  try {
    return decoder.decode(parts.length === 1 ? parts[0] : Buffer.concat(parts));
  } catch (cause) {
    throw new ConfigError(`${at}: expected UTF-8, received other bytes`, { cause });
  }
}

async function* chunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

export function unreadable(path: string, cause: unknown): ConfigError {
  return new ConfigError(`${path}: cannot be read${cause instanceof Error ? `: ${cause.message}` : ""}.`, { cause });
}
