import { ConfigError, quoted, shown, unexpected } from "../errors.ts";
import { expectPart } from "../expected-part.ts";
import { bm25Parameters } from "../lexical/terms.ts";
import { expectOptions, expectType } from "../options.ts";
import type { RetrieverOptions, Searchable } from "../retriever-types.ts";
import type { MetadataSchema } from "../schema/standard-schema.ts";
import { checkCallOptions } from "../signal.ts";
import type { CallOptions, SourceDocument } from "../types.ts";

/** What untyped code may hand over instead of what was asked for: refused by name, before it is looked into. */

/** The options that every run has. */
export function checkRun(options: CallOptions & { readonly onProgress?: unknown }): void {
  checkCallOptions(options);
  expectType("onProgress", options.onProgress, "function");
}

/** The parts of retrievers that a run makes, before it makes one. */
export function checkBase(base: RetrieverOptions<MetadataSchema>): void {
  expectOptions("base", base);
  for (const kind of ["metadata", "store", "embedder", "analyzer", "fusion", "reranker"] as const) {
    if (base[kind] !== undefined) expectPart(kind, base[kind], `base.${kind}`);
  }
  if (base.bm25 !== undefined) bm25Parameters("base.bm25", base.bm25, ["averageLength"]);
}

export function expectArray(name: string, value: unknown, of = ""): asserts value is readonly unknown[] {
  if (Array.isArray(value)) return;
  throw unexpected(name, `an array${of && ` of ${of}`}`, value);
}

export function expectText(name: string, value: unknown): asserts value is string {
  if (typeof value !== "string") throw unexpected(name, "a text", value);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** With what its entries are, e.g. "scores by document". */
export function expectRecord(
  name: string,
  value: unknown,
  of: string,
): asserts value is Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw unexpected(name, `an object of ${of}`, value);
}

/** Two deep: by query, then by something else. */
export function expectTable(name: string, value: unknown, of: string): void {
  expectRecord(name, value, `${of} by query`);
  for (const [query, inner] of Object.entries(value)) {
    if (!isRecord(inner)) {
      throw unexpected(name, `${of} for ${quoted(query)}`, inner);
    }
  }
}

/** An array whose items are objects. */
export function expectRecords(name: string, value: unknown, of: string): asserts value is readonly object[] {
  expectArray(name, value, of);
  const wrong = value.findIndex((item) => !isRecord(item));
  if (wrong >= 0) throw unexpected(`${name}[${wrong}]`, of, value[wrong]);
}

/** With metadata of any schema: evaluation hands it on. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyDocument = SourceDocument<any>;

/** As far as evaluation reads them. */
export function checkDocuments(documents: unknown): void {
  const of = "{ id, text }";
  expectRecords("documents", documents, of);
  for (const [index, document] of documents.entries()) {
    const { id, text, title } = document as Readonly<Record<string, unknown>>;
    if (typeof id === "string" && typeof text === "string" && (title === undefined || typeof title === "string"))
      continue;
    const [field, value] =
      typeof id !== "string" ? ["id", id] : typeof text !== "string" ? ["text", text] : ["title", title];
    throw unexpected(`documents[${index}].${field}`, "a text", value);
  }
}

/** Stretches of documents, with their text where it is needed. */
export function checkSpans(name: string, spans: unknown, withText = false): void {
  const of = withText ? "{ documentId, start, end, text }" : "{ documentId, start, end }";
  expectRecords(name, spans, of);
  for (const [index, span] of spans.entries()) {
    const { documentId, start, end, text } = span as Readonly<Record<string, unknown>>;
    const sound = Number.isSafeInteger(start) && Number.isSafeInteger(end) && Number(start) <= Number(end);
    if (typeof documentId === "string" && sound && (!withText || typeof text === "string")) continue;
    const found = `${shown(documentId)}, ${shown(start)} to ${shown(end)}${withText ? `, ${shown(text)}` : ""}`;
    throw new ConfigError(`${name}[${index}]: expected ${of} with start ≤ end, received ${found}`);
  }
}

export function isSearchable(value: unknown): value is Searchable {
  return typeof value === "object" && value !== null && "search" in value && typeof value.search === "function";
}

export function expectSearchable(value: unknown): void {
  if (!isSearchable(value)) throw unexpected("retriever", "one with search()", value);
}

/** What came back from a search of anyone's, as far as it is read. */
export function expectAnswer(answer: unknown): void {
  const { hits, degraded } = Object(answer) as Readonly<Record<string, unknown>>;
  if (!Array.isArray(hits) || !Array.isArray(degraded)) {
    const found = isRecord(answer) ? `hits: ${shown(hits)}, degraded: ${shown(degraded)}` : shown(answer);
    throw new ConfigError(`retriever: expected search() to answer { hits, degraded }, both arrays, received ${found}`);
  }
  const passages = hits.map((hit: unknown) => {
    const { chunk } = Object(hit) as { readonly chunk?: unknown };
    const { documentId, text, span, parent } = Object(chunk) as Readonly<Record<string, unknown>>;
    return { documentId, text, ...Object(span), ...Object(parent) } as unknown;
  });
  checkSpans("retriever: hits of search()", passages, true);
}
