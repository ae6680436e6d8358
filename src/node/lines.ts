import { createReadStream } from "node:fs";
import { ConfigError } from "../errors.ts";

/** A line of a text file, and `path:number` for messages. */
export interface Line {
  readonly text: string;
  readonly number: number;
  readonly at: string;
}

/**
 * The lines of a UTF-8 file that are not blank, read as a stream.
 *
 * Not `node:readline`: it also ends lines at U+2028 and U+2029, which may stand unescaped in a JSON string.
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  // Parts of one line, joined once: a line may be longer than what is read at a time.
  let parts: string[] = [];
  let number = 0;
  const end = function* (): Generator<Line> {
    number++;
    const joined = parts.join("");
    const text = joined.endsWith("\r") ? joined.slice(0, -1) : joined;
    parts = [];
    if (text.trim() !== "") yield { text, number, at: `${path}:${number}` };
  };
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch (cause) {
      throw new ConfigError(`${path}: expected UTF-8, received other bytes after line ${number}.`, { cause });
    }
  };
  for await (const bytes of chunks(path)) {
    const [first = "", ...rest] = decode(bytes).split("\n");
    parts.push(first);
    for (const part of rest) {
      yield* end();
      parts.push(part);
    }
  }
  parts.push(decode());
  yield* end();
}

async function* chunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new ConfigError(`${path}: cannot be read.`, { cause });
  }
}
