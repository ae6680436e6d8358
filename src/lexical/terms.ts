import { ConfigError, shown } from "../errors.ts";
import { checkOptions } from "../options.ts";
import type { Analyzer, LexicalSpec, Terms } from "../types.ts";

/** From text to terms with counts, and from counts to BM25: the numbers that are the same on every store. */

/** Ids are below it: the width of pgvector's `sparsevec`, and little enough for an int4. */
export const TERM_IDS = 1_000_000_000;

/** |int32(murmur3(utf8))| mod 1e9: before the mod, what Qdrant's own BM25 and fastembed call the token. */
export function termId(term: string): number {
  return Math.abs(murmur3(utf8Bytes(term)) | 0) % TERM_IDS;
}

/** MurmurHash3_x86_32 (Austin Appleby, public domain), unsigned. */
export function murmur3(bytes: Uint8Array, seed = 0): number {
  const tail = bytes.length & ~3;
  let hash = seed;
  for (let i = 0; i < tail; i += 4) {
    hash ^= scrambled(at(bytes, i) | (at(bytes, i + 1) << 8) | (at(bytes, i + 2) << 16) | (at(bytes, i + 3) << 24));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  if (tail < bytes.length) {
    hash ^= scrambled(at(bytes, tail) | (at(bytes, tail + 1) << 8) | (at(bytes, tail + 2) << 16));
  }
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * What a chunk is indexed with, as terms. A part's `weight` is how often each of its terms counts, a whole number, so
 * that a title can outweigh the text. Two terms with one id are one term, here and on every store.
 */
export function encodeTerms(
  analyzer: Analyzer,
  parts: readonly { readonly text: string; readonly weight: number }[],
): Terms {
  const counts = new Map<string, number>();
  for (const { text, weight } of parts) {
    if (!Number.isInteger(weight) || weight < 1) {
      throw new ConfigError(`weight of a part: expected a whole number of at least 1, received ${shown(weight)}`);
    }
    count(analyzer.terms(text), weight, counts);
  }
  return termsFrom(counts);
}

/** A query's terms; `names[i]` is the term of `terms.ids[i]`, the first one where two share an id. */
export function queryTerms(
  analyzer: Analyzer,
  text: string,
): { readonly terms: Terms; readonly names: readonly string[] } {
  const counts = new Map<string, number>();
  count(analyzer.terms(text), 1, counts);
  const terms = termsFrom(counts);
  const names = new Map([...counts.keys()].toReversed().map((term) => [termId(term), term]));
  return { terms, names: Array.from(terms.ids, (id) => names.get(id) ?? "") };
}

/** A chunk's length in terms, field multipliers included. */
export function termsLength(terms: Terms): number {
  let length = 0;
  for (const termCount of terms.counts) length += termCount;
  return length;
}

/** BM25's document side, `saturation` of each term: what a store may keep with the row. */
export function saturate(terms: Terms, spec: LexicalSpec): Float32Array {
  const norm = lengthNorm(termsLength(terms), spec);
  return Float32Array.from(terms.counts, (termCount) => saturation(termCount, norm, spec.k1));
}

/** k1(1 - b + b·length/averageLength) */
export function lengthNorm(length: number, { k1, b, averageLength }: LexicalSpec): number {
  return k1 * (1 - b + (b * length) / averageLength);
}

/** tf(k1 + 1) / (tf + norm) */
export function saturation(termCount: number, norm: number, k1: number): number {
  return (termCount * (k1 + 1)) / (termCount + norm);
}

/** ln(1 + (n - df + ½) / (df + ½)), as Lucene has it: never negative. */
export function idf(rows: number, frequency: number): number {
  return Math.log(1 + (rows - frequency + 0.5) / (frequency + 0.5));
}

/** k1 and b out of a part's options, with their defaults 1.2 and 0.75. `others` are the options it has besides. */
export function bm25Parameters(
  name: string,
  options: { readonly k1?: number; readonly b?: number },
  others: readonly string[],
): { readonly k1: number; readonly b: number } {
  checkOptions(name, options, ["k1", "b", ...others]);
  const { k1 = 1.2, b = 0.75 } = options;
  if (!(k1 >= 0 && Number.isFinite(k1))) {
    throw new ConfigError(`${name}.k1: expected a number of at least 0, received ${shown(k1)}`);
  }
  if (!(b >= 0 && b <= 1)) throw new ConfigError(`${name}.b: expected a number between 0 and 1, received ${shown(b)}`);
  return { k1, b };
}

function count(terms: readonly string[], weight: number, counts: Map<string, number>): void {
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + weight);
}

function termsFrom(counts: ReadonlyMap<string, number>): Terms {
  const byId = new Map<number, number>();
  for (const [term, termCount] of counts) {
    const id = termId(term);
    const together = (byId.get(id) ?? 0) + termCount;
    if (together > 0xffffffff) throw new ConfigError(`weight of a part: it makes a term count ${together} times`);
    byId.set(id, together);
  }
  const ids = Uint32Array.from(byId.keys()).toSorted();
  return { ids, counts: ids.map((id) => byId.get(id) ?? 0) };
}

const encoder = /* @__PURE__ */ new TextEncoder();
const scratch = /* @__PURE__ */ new Uint8Array(256);

/** Valid until the next call: an array of its own for each term would take seven times as long. */
function utf8Bytes(term: string): Uint8Array {
  if (term.length * 3 > scratch.length) return encoder.encode(term);
  return scratch.subarray(0, encoder.encodeInto(term, scratch).written);
}

function scrambled(word: number): number {
  const product = Math.imul(word, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
