import { ConfigError, DocumentError, shown, unexpected } from "../errors.ts";
import { expectType, wholeNumber } from "../options.ts";
import type { Metadata, Span } from "../types.ts";

/** The text of a file, whole or as it comes, e.g. from `stream.pipeThrough(new TextDecoderStream())`. */
export type TextSource = string | Iterable<string> | AsyncIterable<string>;

/**
 * A row as a document, and where it stands: `file.slice(span.start, span.end)` is its source. `index` does not keep that:
 * what is to be cited goes into the metadata, whose function is told the place.
 */
export interface RowDocument<M> {
  readonly id: string;
  readonly text: string;
  readonly title?: string;
  readonly metadata: M;
  readonly span: Span;
  /** The line it begins on, from 1. */
  readonly line: number;
}

export interface RowPlace {
  /** From 1, without the header. */
  readonly row: number;
  readonly line: number;
  readonly span: Span;
}

type Fields<V> = Readonly<Record<string, V>>;

/** What of a row becomes what of a document: the name of a field, or a function of all of them. */
export interface RowOptions<V, M = Metadata> {
  /** Several fields become lines of `name: value`, without those that are empty. Default: all fields. */
  readonly text?: string | readonly string[] | ((fields: Fields<V>) => string);
  /** Default: the number of the row, from 1. Where rows may move, name a field, so that a row keeps its id. */
  readonly id?: string | ((fields: Fields<V>, place: RowPlace) => string);
  readonly title?: string | ((fields: Fields<V>) => string | undefined);
  /** The fields to filter by. Default: none. */
  readonly metadata?: readonly string[] | ((fields: Fields<V>, place: RowPlace) => M);
  /** Gets each row that is refused, and the others go on. Default: the first one is thrown. */
  readonly onRefused?: (error: DocumentError) => unknown;
  /** Characters of the longest row: what is never closed does not fill the memory. Default 16,777,216. */
  readonly longest?: number;
}

export const rowOptionNames: readonly string[] = ["text", "id", "title", "metadata", "onRefused", "longest"];
export const LONGEST: number = 2 ** 24;

export interface Row<V> extends Omit<RowPlace, "row"> {
  readonly fields: Fields<V>;
}

export function checkRowOptions(name: string, options: RowOptions<never, unknown>): void {
  const { text, id, title, metadata, onRefused, longest } = options;
  const isName = (value: unknown): boolean => value === undefined || (typeof value === "string" && value !== "");
  const isList = (value: unknown): boolean => Array.isArray(value) && value.every((one) => typeof one === "string");
  const isFunction = (value: unknown): boolean => typeof value === "function";
  const refused = (option: string, expected: string, value: unknown): ConfigError =>
    unexpected(`${name}.${option}`, expected, value);
  if (!isName(text) && !isList(text) && !isFunction(text)) {
    throw refused("text", "the name of a field, an array of names or a function", text);
  }
  for (const [option, value] of Object.entries({ id, title })) {
    if (!isName(value) && !isFunction(value)) throw refused(option, "the name of a field or a function", value);
  }
  if (metadata !== undefined && !isList(metadata) && !isFunction(metadata)) {
    throw refused("metadata", "an array of names of fields or a function", metadata);
  }
  expectType(`${name}.onRefused`, onRefused, "function");
  wholeNumber(`${name}.longest`, longest, 1, LONGEST);
}

/** Rows as documents. Of one that is refused there is an error in its place. */
export async function* rowsAsDocuments<V, M>(
  name: string,
  rows: AsyncIterable<Row<V> | DocumentError>,
  options: RowOptions<V, M>,
): AsyncGenerator<RowDocument<M>, void, undefined> {
  const { onRefused } = options;
  let number = 0;
  for await (const row of rows) {
    number++;
    try {
      if (row instanceof DocumentError) throw row;
      yield documentOf(name, row, number, options);
    } catch (error) {
      if (!(error instanceof DocumentError) || onRefused === undefined) throw error;
      await onRefused(error);
    }
  }
}

function documentOf<V, M>(
  name: string,
  { fields, line, span }: Row<V>,
  row: number,
  options: RowOptions<V, M>,
): RowDocument<M> {
  const place: RowPlace = { row, line, span };
  const { id = String(row), title, text, metadata = [] } = options;
  const found = typeof id === "function" ? id(fields, place) : options.id === undefined ? id : words(id, true);
  const heading = typeof title === "function" ? title(fields) : title && words(title, false);
  const passage =
    typeof text === "function" ? text(fields) : typeof text === "string" ? words(text, true) : lines(text);
  return {
    id: checked("id", found),
    text: checked("text", passage),
    ...(heading !== undefined && heading !== "" && { title: checked("title", heading) }),
    metadata: typeof metadata === "function" ? metadata(fields, place) : (picked(metadata) as M),
    span,
    line,
  };

  function valueOf(field: string): V | undefined {
    return Object.hasOwn(fields, field) ? fields[field] : undefined;
  }

  function words(field: string, needed: boolean): string | undefined {
    const value: unknown = valueOf(field);
    if (value === undefined || value === null) {
      if (needed) throw rowError(name, line, `expected a field ${shown(field)}, there is none`);
      return undefined;
    }
    if (typeof value === "object")
      throw rowError(name, line, `expected ${field} to be a string, received ${shown(value)}`);
    return word(field, value);
  }

  /** JSON has larger numbers than JavaScript, and two of them may have become one. */
  function word(field: string, value: unknown): string {
    const isExact =
      typeof value !== "number" || Number.isSafeInteger(value) || (Number.isFinite(value) && value % 1 !== 0);
    if (isExact) return String(value);
    throw rowError(name, line, `expected ${field} to be a string, received ${shown(value)}`);
  }

  /** Fields that are no text, such as objects, are written as JSON. */
  function lines(chosen: readonly string[] = Object.keys(fields)): string {
    return chosen
      .map((field) => [field, valueOf(field)] as const)
      .filter(([, value]) => value !== undefined && value !== null && value !== "")
      .map(([field, value]) => `${field}: ${typeof value === "object" ? JSON.stringify(value) : word(field, value)}`)
      .join("\n");
  }

  function picked(chosen: readonly string[]): Fields<V> {
    const entries = chosen.map((field) => [field, valueOf(field)] as const);
    // A filter would take two numbers that became one for the same.
    for (const [field, value] of entries) {
      for (const item of [value].flat()) if (typeof item === "number") word(field, item);
    }
    return Object.fromEntries(
      entries.filter(([, value]) => value !== undefined && value !== null && value !== ""),
    ) as Fields<V>;
  }

  function checked(what: string, value: unknown): string {
    if (typeof value === "string" && (what !== "id" || value !== "")) return value;
    throw rowError(
      name,
      line,
      `expected ${what} to be a${what === "id" ? " non-empty" : ""} string, received ${shown(value)}`,
    );
  }
}

export function rowError(name: string, line: number, what: string, cause?: unknown): DocumentError {
  return new DocumentError("", `${name}, line ${line}: ${what}`, { line, ...(cause !== undefined && { cause }) });
}

/** The parts of a source; an array of strings is one too. */
export async function* partsOf(name: string, source: TextSource): AsyncGenerator<string, void, undefined> {
  if (typeof source === "string") {
    yield source;
    return;
  }
  const isIterable =
    typeof source === "object" && source !== null && (Symbol.asyncIterator in source || Symbol.iterator in source);
  if (!isIterable) throw unexpected(name, "the source to be a string or strings in turn", source);
  for await (const part of source) {
    if (typeof part !== "string") {
      const way = 'Bytes are read as text by createReadStream(path, "utf8") or through a TextDecoderStream.';
      throw new ConfigError(`${name}: expected the source to yield strings, received ${shown(part)}. ${way}`);
    }
    yield part;
  }
}
