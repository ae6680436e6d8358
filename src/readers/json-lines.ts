import type { DocumentError } from "../errors.ts";
import { shown } from "../errors.ts";
import { checkOptions } from "../options.ts";
import type { Metadata } from "../types.ts";
import type { Row, RowDocument, RowOptions, TextSource } from "./rows.ts";
import { checkRowOptions, LONGEST, partsOf, rowError, rowOptionNames, rowsAsDocuments } from "./rows.ts";

/** Fields that are no string are written as JSON in a text of several fields. */
export type JsonLinesOptions<M = Metadata> = RowOptions<unknown, M>;

/**
 * The objects of a file with one JSON object per line (JSON Lines) as documents, with their spans in the file:
 * `docs.index(jsonLines(file, options))`.
 *
 * Blank lines are passed over. A line that is no JSON object, lacks the field that is to be text or id, or has a whole number
 * beyond 2^53 in a field that is read by its name, is a DocumentError with its `line`.
 *
 * @example jsonLines(await readFile("tickets.jsonl", "utf8"), { id: "key", title: "summary", text: "body", metadata: ["status"] })
 */
export function jsonLines<M = Metadata>(
  source: TextSource,
  options: JsonLinesOptions<M> = {},
): AsyncGenerator<RowDocument<M>, void, undefined> {
  checkOptions("jsonLines", options, rowOptionNames);
  checkRowOptions("jsonLines", options);
  return rowsAsDocuments("jsonLines", rows(source, options.longest ?? LONGEST), options);
}

async function* rows(
  source: TextSource,
  longest: number,
): AsyncGenerator<Row<unknown> | DocumentError, void, undefined> {
  /** Of the line that is being read, joined when it is whole: with each part it would take the square of its length. */
  let pieces: string[] = [];
  let length = 0;
  let offset = 0;
  let line = 1;
  for await (const part of partsOf("jsonLines", source)) {
    let start = 0;
    for (let end = part.indexOf("\n"); end >= 0; end = part.indexOf("\n", start)) {
      add(part.slice(start, end));
      yield* rowAt(pieces.join(""), offset, line);
      offset += length + 1;
      pieces = [];
      length = 0;
      start = end + 1;
      line++;
    }
    add(part.slice(start));
  }
  yield* rowAt(pieces.join(""), offset, line);

  function add(piece: string): void {
    pieces.push(piece);
    length += piece.length;
    if (length > longest) throw rowError("jsonLines", line, `expected a line of at most ${longest} characters`);
  }
}

/** The byte order mark and the CR before the line end are white space to `trim`. */
function* rowAt(
  source: string,
  offset: number,
  line: number,
): Generator<Row<unknown> | DocumentError, void, undefined> {
  const json = source.trim();
  if (json === "") return;
  const start = offset + source.length - source.trimStart().length;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    yield rowError("jsonLines", line, "expected a JSON object, this is no JSON", cause);
    return;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    yield rowError("jsonLines", line, `expected a JSON object, received ${shown(value)}`);
    return;
  }
  yield { fields: value as Readonly<Record<string, unknown>>, span: { start, end: start + json.length }, line };
}
