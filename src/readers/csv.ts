import { ConfigError, DocumentError, shown, unexpected } from "../errors.ts";
import { checkOptions } from "../options.ts";
import type { Metadata } from "../types.ts";
import { csvRecords } from "./csv-records.ts";
import type { Row, RowDocument, RowOptions, TextSource } from "./rows.ts";
import { checkRowOptions, LONGEST, partsOf, rowError, rowOptionNames, rowsAsDocuments } from "./rows.ts";

export interface CsvOptions<M = Metadata> extends RowOptions<string, M> {
  /** Between fields. Default ",". */
  readonly delimiter?: string;
  /** The names of the fields. Default: the first row has them. */
  readonly header?: readonly string[];
}

/**
 * The rows of comma-separated values (RFC 4180) as documents, with their spans in the file: `docs.index(csv(file, options))`.
 *
 * Quoted fields may hold line ends and doubled quotes; blank lines are passed over. A row with more or fewer fields than the
 * header, a name that is missing or comes twice, and a quote that is never closed is a DocumentError with its `line`.
 *
 * @example csv(file.pipeThrough(new TextDecoderStream()), { id: "sku", text: ["name", "notes"], metadata: ["brand"] })
 */
export function csv<M = Metadata>(
  source: TextSource,
  options: CsvOptions<M> = {},
): AsyncGenerator<RowDocument<M>, void, undefined> {
  checkOptions("csv", options, [...rowOptionNames, "delimiter", "header"]);
  checkRowOptions("csv", options);
  const { delimiter = ",", header, longest = LONGEST } = options;
  if (typeof delimiter !== "string" || delimiter.length !== 1 || '"\r\n'.includes(delimiter)) {
    throw unexpected("csv.delimiter", "one character that is no quote and no line end", delimiter);
  }
  if (header !== undefined && (!Array.isArray(header) || header.some((name) => typeof name !== "string"))) {
    throw unexpected("csv.header", "an array of names", header);
  }
  const problem = header && headerProblem(header);
  if (problem !== undefined) throw new ConfigError(`csv.header: ${problem}`);
  if (header !== undefined) checkNames(header);
  return rowsAsDocuments("csv", rows(), options);

  async function* rows(): AsyncGenerator<Row<string> | DocumentError, void, undefined> {
    let names = header;
    for await (const record of csvRecords(partsOf("csv", source), { delimiter, longest })) {
      if (names === undefined) {
        // Without a header no row means anything.
        if (record instanceof DocumentError) throw record;
        const fault = headerProblem(record.fields);
        if (fault !== undefined) throw rowError("csv", record.line, fault);
        names = record.fields;
        checkNames(names);
      } else yield record instanceof DocumentError ? record : rowOf(record, names);
    }
  }

  /** A name in the options that the file does not have is a mistake, not a row without that field. */
  function checkNames(names: readonly string[]): void {
    const { text, id, title, metadata } = options;
    for (const [option, value] of Object.entries({ text, id, title, metadata })) {
      const missing = [value].flat().find((name) => typeof name === "string" && !names.includes(name));
      if (missing === undefined) continue;
      throw unexpected(`csv.${option}`, `a field of the file (${names.join(", ")})`, missing);
    }
  }
}

function rowOf(
  { fields, span, line }: Omit<Row<string>, "fields"> & { readonly fields: readonly string[] },
  names: readonly string[],
): Row<string> | DocumentError {
  if (fields.length !== names.length) {
    return rowError("csv", line, `expected ${names.length} fields as in the header, received ${fields.length}`);
  }
  return { fields: Object.fromEntries(names.map((name, index) => [name, fields[index] ?? ""])), span, line };
}

function headerProblem(names: readonly string[]): string | undefined {
  const nameless = names.findIndex((name) => name.trim() === "");
  if (nameless >= 0) return `expected a name for each field, field ${nameless + 1} has none`;
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return `expected each name once, ${shown(name)} comes twice`;
    seen.add(name);
  }
  return undefined;
}
