import { unexpected } from "../errors.ts";
import type { Chunk, Span, Tokenizer } from "../types.ts";
import { checkSpans } from "./inputs.ts";

/** How much of the true spans the retrieved passages hold: interval arithmetic on UTF-16 units, each unit counted once. */

/** A stretch of one document. */
export interface DocumentSpan extends Span {
  readonly documentId: string;
}

/** A retrieved stretch with its text. */
export interface Passage extends DocumentSpan {
  readonly text: string;
}

/** How much context the answer model gets: the only fair ground on which chunk sizes can be compared. */
export type Budget = { readonly characters: number } | { readonly tokens: number; readonly tokenizer: Tokenizer };

/** What the answer model is given for a chunk: the parent, where it stands in one. */
export function passageOf({ documentId, span, text, parent }: Chunk<unknown>): Passage {
  return parent === undefined
    ? { documentId, start: span.start, end: span.end, text }
    : { documentId, start: parent.start, end: parent.end, text: parent.text };
}

/** With h = true units found, u = units retrieved, t = true units. */
export interface SpanScores {
  /** h / t. */
  readonly recall: number;
  /** h / u. */
  readonly precision: number;
  /** h / (u + t − h). */
  readonly iou: number;
  /** 1 where every true span was found whole, white space at cuts apart, else 0. */
  readonly full: number;
}

/** Compares what was retrieved with what is true; what overlaps counts once on either side. */
export function spanScores(retrieved: readonly DocumentSpan[], truth: readonly DocumentSpan[]): SpanScores {
  checkSpans("retrieved", retrieved);
  checkSpans("truth", truth);
  const found = byDocument(retrieved);
  const foundIn = (documentId: string): readonly Span[] => found.get(documentId) ?? [];
  let [hits, units, wanted] = [0, 0, 0];
  for (const spans of found.values()) units += total(spans);
  for (const [documentId, spans] of byDocument(truth)) {
    wanted += total(spans);
    hits += shared(spans, foundIn(documentId));
  }
  const whole = truth.length > 0 && truth.every((span) => missingOf(span, foundIn(span.documentId)).length === 0);
  return {
    recall: wanted === 0 ? 0 : hits / wanted,
    precision: units === 0 ? 0 : hits / units,
    iou: hits === 0 ? 0 : hits / (units + wanted - hits),
    full: whole ? 1 : 0,
  };
}

/** White space at a cut belongs to neither chunk: so few units, a blank line at most, are no loss to an answer. */
const SEAM = 2;

/** The stretches of a true span that a union does not hold, seams apart. */
export function missingOf(span: Span, held: readonly Span[]): readonly Span[] {
  const length = span.end - span.start;
  return without(span, held).filter(({ start, end }) => end - start > SEAM || end - start === length);
}

/**
 * What of the passages, best first, fits into the budget.
 *
 * Text that the context holds already costs nothing again, so overlap is not paid for twice. Filling stops at the first
 * passage that does not fit: what comes after it is worth less. Only a first passage larger than the whole budget is
 * cut to it, because an answer model would be given that much.
 */
export function withinBudget(passages: readonly Passage[], budget: Budget): readonly DocumentSpan[] {
  const { limit, sizeOf } = budgetOf(budget);
  checkSpans("passages", passages, true);
  const held = new Map<string, readonly Span[]>();
  const taken: DocumentSpan[] = [];
  let left = limit;
  for (const passage of passages) {
    const { documentId, start, text } = passage;
    const known = held.get(documentId) ?? [];
    const fresh = without(passage, known);
    const cost = fresh.reduce((sum, span) => sum + sizeOf(text.slice(span.start - start, span.end - start)), 0);
    if (cost > left) {
      if (taken.length === 0) taken.push({ documentId, start, end: start + fittingLength(text, limit, sizeOf) });
      break;
    }
    left -= cost;
    for (const span of fresh) taken.push({ documentId, start: span.start, end: span.end });
    held.set(documentId, union([...known, passage]));
  }
  return taken;
}

/** Throws a ConfigError where it is no budget. */
export function budgetOf(budget: Budget): { readonly limit: number; readonly sizeOf: (text: string) => number } {
  const given: unknown = budget;
  const limit =
    typeof given !== "object" || given === null ? undefined : "tokens" in budget ? budget.tokens : budget.characters;
  if (
    limit === undefined ||
    !Number.isSafeInteger(limit) ||
    limit < 1 ||
    ("tokens" in budget && "characters" in budget)
  ) {
    throw unexpected("budget", "{ characters } or { tokens, tokenizer } with a whole number from 1", limit ?? budget);
  }
  if (!("tokens" in budget)) return { limit, sizeOf: (text) => text.length };
  const { tokenizer } = budget;
  if (typeof tokenizer?.count !== "function") {
    throw unexpected("budget.tokenizer", "a Tokenizer to count tokens with", tokenizer);
  }
  return { limit, sizeOf: (text) => tokenizer.count(text) };
}

/** The length of the longest beginning found that fits, by bisection: token counts rise with the text, bar the last one or two. */
function fittingLength(text: string, limit: number, sizeOf: (text: string) => number): number {
  let [fits, tooLong] = [0, text.length];
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (sizeOf(text.slice(0, middle)) <= limit) fits = middle;
    else tooLong = middle;
  }
  // Not half of a surrogate pair.
  return (text.codePointAt(fits - 1) ?? 0) > 0xffff ? fits - 1 : fits;
}

function byDocument(spans: readonly DocumentSpan[]): ReadonlyMap<string, readonly Span[]> {
  const grouped = new Map<string, Span[]>();
  for (const span of spans) {
    const group = grouped.get(span.documentId);
    if (group === undefined) grouped.set(span.documentId, [span]);
    else group.push(span);
  }
  return new Map([...grouped].map(([documentId, group]) => [documentId, union(group)]));
}

/** The same units as disjoint spans in ascending order. */
export function union(spans: readonly Span[]): readonly Span[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else if (start < end) merged.push({ start, end });
  }
  return merged;
}

function total(spans: readonly Span[]): number {
  return spans.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** How many units two unions have in common. */
function shared(a: readonly Span[], b: readonly Span[]): number {
  let units = 0;
  for (let i = 0, j = 0; ;) {
    const left = a[i];
    const right = b[j];
    if (left === undefined || right === undefined) return units;
    units += Math.max(0, Math.min(left.end, right.end) - Math.max(left.start, right.start));
    if (left.end < right.end) i++;
    else j++;
  }
}

/** What of a span lies outside a union. */
function without(span: Span, known: readonly Span[]): readonly Span[] {
  const rest: Span[] = [];
  let { start } = span;
  for (const hole of known) {
    if (hole.end <= start) continue;
    if (hole.start >= span.end) break;
    if (hole.start > start) rest.push({ start, end: hole.start });
    start = hole.end;
  }
  if (start < span.end) rest.push({ start, end: span.end });
  return rest;
}
