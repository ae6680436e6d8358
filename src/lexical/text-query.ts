import { unexpected } from "../errors.ts";
import { checkOptions } from "../options.ts";

/** A query in parts, for those who want more of a search box than words. */
export interface TextQuery {
  /** Words that score, as a query that is a plain text. */
  readonly text?: string;
  /**
   * Each stands in every document found, its terms one right after the other, and its terms score. What the analyzer leaves
   * out, it leaves out here too: "state of the art" is "state art". One of stop words alone asks for nothing.
   */
  readonly phrases?: readonly string[];
  /** Words and phrases that stand in no document found. */
  readonly without?: readonly string[];
}

/**
 * Reads `"an exact phrase"`, `-word` and `-"a phrase"` out of what somebody typed; all else is text. Nothing does this
 * unasked: a quotation mark in a plain query is no operator.
 *
 * @example index.search(parseQuery('rotate "api key" -ssh'));
 */
export function parseQuery(typed: string): TextQuery {
  if (typeof typed !== "string") throw unexpected("query", "a string", typed);
  const phrases: string[] = [];
  const without: string[] = [];
  const text = typed.replace(OPERATORS, (_, minus: string | undefined, phrase: string, word: string) => {
    if (word !== undefined) without.push(word);
    else (minus === "-" ? without : phrases).push(phrase);
    return "";
  });
  return { text: text.trim(), phrases, without };
}

/** Only where a word could begin: the hyphen of "e-mail" and the inches of 5" are none. */
const OPERATORS =
  /(?<!\S)(?:(-)?["\u201c\u201d\u201e]([^"\u201c\u201d\u201e]*)["\u201c\u201d]|-([^\s"\u201c\u201d\u201e]\S*))/gu;

export interface QueryParts {
  /** All that scores. */
  readonly texts: readonly string[];
  readonly phrases: readonly string[];
  readonly without: readonly string[];
}

/** A query of either form, checked. */
export function queryParts(query: string | TextQuery): QueryParts {
  if (typeof query === "string") return { texts: [query], phrases: [], without: [] };
  if (typeof query !== "object" || query === null) {
    throw unexpected("query", "a string, or an object with text, phrases or without", query);
  }
  checkOptions("query", query, ["text", "phrases", "without"]);
  const { text = "", phrases = [], without = [] } = query;
  if (typeof text !== "string") throw unexpected("query.text", "a string", text);
  for (const [name, list] of Object.entries({ phrases, without })) {
    if (!Array.isArray(list) || list.some((one) => typeof one !== "string")) {
      throw unexpected(`query.${name}`, "an array of strings", list);
    }
  }
  return { texts: [text, ...phrases], phrases, without };
}
