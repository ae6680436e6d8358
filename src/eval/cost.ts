import { unexpected } from "../errors.ts";
import { checkOptions } from "../options.ts";
import type { Tokenizer } from "../types.ts";
import type { DocumentSpan, Passage } from "./spans.ts";

/** What a query costs, by the user's own prices. */

/** In any currency; what is left out costs nothing. */
export interface Prices {
  readonly tokenizer: Tokenizer;
  /** Per million tokens of the query, which are embedded. */
  readonly queryTokens?: number;
  /** Per million tokens of the context, which the answer model reads. */
  readonly contextTokens?: number;
  /** For each search, e.g. a reranker's. */
  readonly search?: number;
}

/** Means over the queries. */
export interface Cost {
  readonly perQuery: number;
  readonly queryTokens: number;
  readonly contextTokens: number;
}

const MILLION = 1e6;

export function checkPrices(prices: Prices): void {
  checkOptions("prices", prices, ["tokenizer", "queryTokens", "contextTokens", "search"]);
  if (typeof prices.tokenizer?.count !== "function") {
    throw unexpected("prices.tokenizer", "a Tokenizer to count with", prices.tokenizer);
  }
  for (const name of ["queryTokens", "contextTokens", "search"] as const) {
    const price = prices[name];
    if (price !== undefined && !(Number.isFinite(price) && price >= 0)) {
      throw unexpected(`prices.${name}`, "a price of at least 0", price);
    }
  }
}

/** One query's tokens. The context is what is inside the budget, or all hits where there is none. */
export interface Asked {
  readonly text: string;
  readonly passages: readonly Passage[];
  readonly context: readonly DocumentSpan[];
}

export function costOf(asked: readonly Asked[], prices: Prices): Cost {
  const { tokenizer, queryTokens = 0, contextTokens = 0, search = 0 } = prices;
  const sum = { query: 0, context: 0 };
  for (const { text, passages, context } of asked) {
    sum.query += tokenizer.count(text);
    for (const span of context) sum.context += tokenizer.count(textOf(span, passages));
  }
  const [query, context] = [sum.query / asked.length, sum.context / asked.length];
  return {
    perQuery: (query * queryTokens + context * contextTokens) / MILLION + search,
    queryTokens: query,
    contextTokens: context,
  };
}

/** A stretch of the context is a part of the passage that brought it. */
function textOf({ documentId, start, end }: DocumentSpan, passages: readonly Passage[]): string {
  const passage = passages.find((each) => each.documentId === documentId && each.start <= start && end <= each.end);
  return passage?.text.slice(start - passage.start, end - passage.start) ?? "";
}
