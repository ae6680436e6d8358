import type { DocumentError } from "../errors.ts";
import type { Span } from "../types.ts";
import { rowError } from "./rows.ts";

/** The fields between two line ends that stand outside quotes. */
export interface CsvRecord {
  readonly fields: readonly string[];
  readonly span: Span;
  readonly line: number;
}

const BYTE_ORDER_MARK = "\ufeff";

/** The records of a file however it is cut on its way in, each looked at twice. Blank lines are none. */
export async function* csvRecords(
  parts: AsyncIterable<string>,
  { delimiter, longest }: { readonly delimiter: string; readonly longest: number },
): AsyncGenerator<CsvRecord | DocumentError, void, undefined> {
  let buffer = "";
  /** Of the buffer in the file. */
  let offset = 0;
  let line = 1;
  /** How far the record at the start of the buffer is read, and whether that is inside quotes or behind them. */
  let read = 0;
  let state: "start" | "plain" | "quoted" | "closed" = "start";

  let isFirst = true;
  for await (const part of parts) {
    buffer += part;
    if (isFirst && buffer !== "") {
      isFirst = false;
      if (buffer.startsWith(BYTE_ORDER_MARK)) drop(1);
    }
    yield* complete(false);
    if (buffer.length > longest) throw tooLong();
  }
  yield* complete(true);

  function tooLong(): DocumentError {
    return rowError("csv", line, `expected a row of at most ${longest} characters`);
  }

  function* complete(isLast: boolean): Generator<CsvRecord | DocumentError, void, undefined> {
    for (let end = recordEnd(isLast); end !== undefined; end = recordEnd(isLast)) {
      if (end > longest) throw tooLong();
      const record = recordTo(end);
      const breakLength = buffer.startsWith("\r\n", end) ? 2 : 1;
      line += lineEnds(buffer, end + breakLength);
      drop(end + breakLength);
      if (record) yield record;
      if (buffer === "") return;
    }
  }

  /** Where the first record ends, if that is known yet. */
  function recordEnd(isLast: boolean): number | undefined {
    for (; read < buffer.length; read++) {
      const character = buffer.charAt(read);
      if (state === "quoted") {
        if (character === '"') state = "closed";
      } else if (character === '"' && state !== "plain") state = "quoted";
      else if (character === delimiter) state = "start";
      else if (character === "\n") return read;
      else if (character === "\r") return read + 1 < buffer.length || isLast ? read : undefined;
      else state = "plain";
    }
    return isLast && buffer !== "" ? buffer.length : undefined;
  }

  function drop(characters: number): void {
    offset += Math.min(characters, buffer.length);
    buffer = buffer.slice(characters);
    read = 0;
    state = "start";
  }

  function recordTo(end: number): CsvRecord | DocumentError | undefined {
    const record = buffer.slice(0, end);
    if (record.trim() === "") return undefined;
    const fields: string[] = [];
    for (let position = 0; position <= end; position++) {
      let close =
        record.charAt(position) === '"' ? quoteEnd(record, position + 1) : record.indexOf(delimiter, position);
      if (record.charAt(position) !== '"') {
        if (close < 0) close = end;
        fields.push(record.slice(position, close));
        position = close;
        continue;
      }
      const place = line + lineEnds(record, position);
      if (close < 0) return rowError("csv", place, "expected the quote to be closed, it is not");
      fields.push(record.slice(position + 1, close).replaceAll('""', '"'));
      position = close + 1;
      if (position < end && record.charAt(position) !== delimiter) {
        return rowError("csv", place, `expected ${JSON.stringify(delimiter)} or a line end behind a quoted field`);
      }
    }
    return { fields, span: { start: offset, end: offset + end }, line };
  }
}

/** Where a quoted field is closed, -1 where it is not. */
function quoteEnd(record: string, from: number): number {
  let position = record.indexOf('"', from);
  while (position >= 0 && record.charAt(position + 1) === '"') position = record.indexOf('"', position + 2);
  return position;
}

/** Line ends before a position: LF, CR LF and CR. */
function lineEnds(text: string, end: number): number {
  let count = 0;
  for (let position = 0; position < Math.min(end, text.length); position++) {
    const character = text.charAt(position);
    if (character === "\n" || (character === "\r" && text.charAt(position + 1) !== "\n")) count++;
  }
  return count;
}
