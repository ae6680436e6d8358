import { ConfigError, quoted, unexpected } from "../../errors.ts";
import { expectPart } from "../../expected-part.ts";
import { expectOptions, expectType } from "../../options.ts";
import type { Analyzer } from "../../types.ts";
import { murmur3, termsOf } from "../terms.ts";

/**
 * The analyzer with terms left out that `keep` refuses.
 *
 * `name` stands for `keep` in the fingerprint, so another function wants another name.
 */
export function withTermFilter(analyzer: Analyzer, name: string, keep: (term: string) => boolean): Analyzer {
  expectPart("analyzer", analyzer);
  if (typeof name !== "string" || name === "") {
    throw unexpected("name", "a name for the fingerprint", name);
  }
  if (typeof keep !== "function") throw unexpected("keep", "a function", keep);
  return {
    fingerprint: `${analyzer.fingerprint}+${name}`,
    terms: (text) =>
      termsOf(analyzer, text).filter((term) => {
        const kept = keep(term);
        expectType("keep", kept, "boolean");
        return kept;
      }),
  };
}

/**
 * The analyzer with synonyms after each word or phrase that has them: `{ k8s: ["kubernetes"] }` finds either by the other,
 * because documents and queries are read alike. Synonyms of synonyms are not followed.
 *
 * Keys and synonyms are texts, read by the analyzer itself.
 */
export function withSynonyms(analyzer: Analyzer, synonyms: Readonly<Record<string, readonly string[]>>): Analyzer {
  expectPart("analyzer", analyzer);
  expectOptions("synonyms", synonyms);
  const byLastTerm = new Map<string, { readonly phrase: readonly string[]; readonly added: readonly string[] }[]>();
  const entries = Object.entries(synonyms).map(([text, others]) => {
    if (!Array.isArray(others)) {
      throw unexpected("synonyms", `an array for ${quoted(text)}`, others);
    }
    return { phrase: searched(analyzer, text), added: others.flatMap((other) => searched(analyzer, other)) };
  });
  for (const entry of entries) {
    const last = entry.phrase.at(-1) ?? "";
    byLastTerm.set(last, [...(byLastTerm.get(last) ?? []), entry]);
  }

  function terms(text: string): readonly string[] {
    const plain = termsOf(analyzer, text);
    return plain.flatMap((term, at) => {
      const ending = byLastTerm.get(term);
      if (ending === undefined) return term;
      const here = ending.filter(({ phrase }) => endsAt(plain, at, phrase));
      return [term, ...here.flatMap(({ added }) => added)];
    });
  }

  return { fingerprint: `${analyzer.fingerprint}+synonyms:${digest(entries)}`, terms };
}

function searched(analyzer: Analyzer, text: unknown): readonly string[] {
  if (typeof text !== "string") throw unexpected("synonyms", "text", text);
  const terms = termsOf(analyzer, text);
  if (terms.length > 0) return terms;
  throw new ConfigError(
    `synonyms: expected words that are searched, but ${analyzer.fingerprint} finds none in ${quoted(text)}`,
  );
}

function endsAt(terms: readonly string[], at: number, phrase: readonly string[]): boolean {
  const start = at + 1 - phrase.length;
  return phrase.every((term, index) => terms[start + index] === term);
}

/** The same for the same synonyms in another order. */
function digest(entries: readonly object[]): string {
  const sorted = entries.map((entry) => JSON.stringify(entry)).toSorted();
  return murmur3(new TextEncoder().encode(JSON.stringify(sorted))).toString(16);
}
