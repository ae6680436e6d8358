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
 * Blank lines are passed over. A line that is no JSON object, or lacks the field that is to be text or id, is a
 * DocumentError with its `line`.
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
  let buffer = "";
  let searched = 0;
  let offset = 0;
  let line = 1;
  for await (const part of partsOf("jsonLines", source)) {
    buffer += part;
    let start = 0;
    for (let end = buffer.indexOf("\n", searched); end >= 0; end = buffer.indexOf("\n", start)) {
      if (end - start > longest) throw tooLong(line);
      yield* rowAt(buffer.slice(start, end), offset + start, line);
      start = end + 1;
      line++;
    }
    buffer = buffer.slice(start);
    offset += start;
    searched = buffer.length;
    if (searched > longest) throw tooLong(line);
  }
  yield* rowAt(buffer, offset, line);

  function tooLong(where: number): DocumentError {
    return rowError("jsonLines", where, `expected a line of at most ${longest} characters`);
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
