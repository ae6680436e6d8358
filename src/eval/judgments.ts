import { ConfigError, quoted, shown, unexpected } from "../errors.ts";
import type { Filter } from "../filter/language.ts";
import type { Span } from "../types.ts";
import { expectArray } from "./inputs.ts";
import type { DocumentSpan } from "./spans.ts";

/** What is known to be right. */

/** Truth is a document or a span of it, never a chunk: chunks change with every setting that is worth measuring. */
export interface Judgment {
  readonly documentId: string;
  /** Where in the document's text the answer stands. All spans of a query are needed. */
  readonly span?: Span;
  /** Whole number; 1 and more is relevant, 0 is known not to be. Default 1. */
  readonly grade?: number;
}

/** `EvalQuery` alone goes to any retriever: what its filter names is checked when it is searched. */
// oxlint-disable-next-line typescript/no-explicit-any -- no other type is that of every schema's queries
export interface EvalQuery<M = any> {
  readonly id: string;
  readonly text: string;
  readonly judgments: readonly Judgment[];
  readonly filter?: Filter<M>;
}

/** The relevant spans, where truth is as exact as that. */
export function trueSpans(judgments: readonly Judgment[]): readonly DocumentSpan[] {
  return judgments.flatMap(({ documentId, span, grade = 1 }) =>
    span === undefined || grade < 1 ? [] : [{ documentId, start: span.start, end: span.end }],
  );
}

/** A document is as relevant as its most relevant span. */
export function bestGrades(judgments: readonly Judgment[]): Readonly<Record<string, number>> {
  const best = new Map<string, number>();
  for (const { documentId, grade = 1 } of judgments) {
    best.set(documentId, Math.max(grade, best.get(documentId) ?? -Infinity));
  }
  return Object.fromEntries(best);
}

/** Throws a ConfigError where queries share an id or a judgment cannot be one. */
export function checkQueries(
  queries: readonly { readonly id: string; readonly text: string; readonly judgments: readonly Judgment[] }[],
): void {
  expectArray("queries", queries);
  const seen = new Set<string>();
  for (const query of queries) {
    if (typeof query !== "object" || query === null) {
      throw unexpected("queries", "{ id, text, judgments }", query);
    }
    const { id, text, judgments } = query;
    if (typeof id !== "string" || seen.has(id)) {
      throw new ConfigError(
        `queries: expected every id to be a string of its own, received ${shown(id)}${seen.has(id) ? " twice" : ""}`,
      );
    }
    seen.add(id);
    if (typeof text !== "string") {
      throw unexpected("queries", `text of ${quoted(id)} to be a string`, text);
    }
    if (!Array.isArray(judgments)) {
      throw unexpected("queries", `judgments of ${quoted(id)} to be an array`, judgments);
    }
    for (const judgment of judgments) {
      const problem = problemOf(judgment);
      if (problem !== undefined) throw new ConfigError(`queries: in a judgment of ${quoted(id)}, expected ${problem}`);
    }
  }
}

function problemOf(judgment: Judgment): string | undefined {
  if (typeof judgment !== "object" || judgment === null)
    return `{ documentId, span, grade }, received ${shown(judgment)}`;
  const { documentId, span, grade } = judgment;
  if (typeof documentId !== "string") return `documentId to be a string, received ${shown(documentId)}`;
  if (grade !== undefined && !Number.isSafeInteger(grade))
    return `grade to be a whole number, received ${shown(grade)}`;
  if (span === undefined) return undefined;
  if (typeof span !== "object" || span === null) return `span to be { start, end }, received ${shown(span)}`;
  const { start, end } = span;
  const sound = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start < end;
  return sound ? undefined : `span to be 0 ≤ start < end, received ${shown(start)} to ${shown(end)}`;
}
