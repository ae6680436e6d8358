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
  /** Of the record that is being read, joined when it is whole: with each part it would take the square of its length. */
  let pieces: string[] = [];
  let length = 0;
  /** Of that record in the file. */
  let offset = 0;
  let line = 1;
  /** Whether what was read last is inside quotes or behind them. */
  let state: "start" | "plain" | "quoted" | "closed" = "start";
  /** A line feed behind it belongs to it. */
  let isAfterReturn = false;
  let isFirst = true;

  for await (const part of parts) {
    if (part === "") continue;
    let from = 0;
    if ((isFirst && part.startsWith(BYTE_ORDER_MARK)) || (isAfterReturn && part.startsWith("\n"))) {
      from = 1;
      offset++;
    }
    isFirst = false;
    isAfterReturn = false;
    for (let end = recordEnd(part, from); end < part.length; end = recordEnd(part, from)) {
      const record = whole(part.slice(from, end));
      if (record) yield record;
      from = end + 1;
      if (part.charAt(end) === "\r") {
        isAfterReturn = from === part.length;
        if (part.charAt(from) === "\n") from++;
      }
      offset += from - end;
    }
    add(part.slice(from));
  }
  if (length > 0) {
    const record = whole("");
    if (record) yield record;
  }

  function add(piece: string): void {
    pieces.push(piece);
    length += piece.length;
    if (length > longest) throw rowError("csv", line, `expected a row of at most ${longest} characters`);
  }

  /** Where the record ends that is read on from there; behind the part where it does not. */
  function recordEnd(part: string, from: number): number {
    for (let read = from; read < part.length; read++) {
      const character = part.charAt(read);
      if (state === "quoted") {
        if (character === '"') state = "closed";
      } else if (character === '"' && state !== "plain") state = "quoted";
      else if (character === delimiter) state = "start";
      else if (character === "\n" || character === "\r") return read;
      else state = "plain";
    }
    return part.length;
  }

  /** The record that this ends. */
  function whole(piece: string): CsvRecord | DocumentError | undefined {
    add(piece);
    const source = pieces.join("");
    const record = recordOf(source);
    offset += length;
    line += lineEnds(source, length) + 1;
    pieces = [];
    length = 0;
    state = "start";
    return record;
  }

  function recordOf(source: string): CsvRecord | DocumentError | undefined {
    if (source.trim() === "") return undefined;
    const end = source.length;
    const fields: string[] = [];
    for (let position = 0; position <= end; position++) {
      let close =
        source.charAt(position) === '"' ? quoteEnd(source, position + 1) : source.indexOf(delimiter, position);
      if (source.charAt(position) !== '"') {
        if (close < 0) close = end;
        fields.push(source.slice(position, close));
        position = close;
        continue;
      }
      const place = line + lineEnds(source, position);
      if (close < 0) return rowError("csv", place, "expected the quote to be closed, it is not");
      fields.push(source.slice(position + 1, close).replaceAll('""', '"'));
      position = close + 1;
      if (position < end && source.charAt(position) !== delimiter) {
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
