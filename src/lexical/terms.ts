import { unexpected } from "../errors.ts";
import { checkOptions, fraction } from "../options.ts";
import type { Analyzer, LexicalSpec, Terms } from "../types.ts";

/** From text to terms with counts, and from counts to BM25: the numbers that are the same on every store. */

/** Ids are below it: the width of pgvector's `sparsevec`, and little enough for an int4. */
export const TERM_IDS = 1_000_000_000;

/** |int32(murmur3(utf8))| mod 1e9: before the mod, what Qdrant's own BM25 and fastembed call the token. */
export function termId(term: string): number {
  const { length } = term;
  const long = length * 3 > scratch.length;
  const bytes = long ? encoder.encode(term) : scratch;
  return Math.abs(murmur3(bytes, 0, long ? bytes.length : utf8Into(scratch, term)) | 0) % TERM_IDS;
}

/** MurmurHash3_x86_32 (Austin Appleby, public domain) of the first `length` bytes, unsigned. */
export function murmur3(bytes: Uint8Array, seed = 0, length: number = bytes.length): number {
  const tail = length & ~3;
  let hash = seed;
  for (let i = 0; i < tail; i += 4) {
    hash ^= scrambled(at(bytes, i) | (at(bytes, i + 1) << 8) | (at(bytes, i + 2) << 16) | (at(bytes, i + 3) << 24));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  if (tail < length) {
    let word = at(bytes, tail);
    if (tail + 1 < length) word |= at(bytes, tail + 1) << 8;
    if (tail + 2 < length) word |= at(bytes, tail + 2) << 16;
    hash ^= scrambled(word);
  }
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** An analyzer may be anyone's: what it answers is checked before it is counted. */
export function termsOf(analyzer: Analyzer, text: string): readonly string[] {
  const terms: unknown = analyzer.terms(text);
  if (!Array.isArray(terms)) throw unexpected("analyzer", "terms() to return an array of strings", terms);
  for (const term of terms as readonly unknown[]) {
    if (typeof term !== "string") throw unexpected("analyzer", "strings in the array that terms() returns", term);
  }
  return terms;
}

const sooner = /* @__PURE__ */ new WeakMap<Analyzer, (text: string) => readonly number[]>();

/** The analyzer, which has the ids of a text's terms sooner than from one term after the other. */
export function withTermIds(analyzer: Analyzer, ids: (text: string) => readonly number[]): Analyzer {
  // Another `terms` in it would have other ids.
  const frozen = Object.freeze(analyzer);
  sooner.set(frozen, ids);
  return frozen;
}

/** The ids of a text's terms, in its order. */
export function termIds(analyzer: Analyzer, text: string): readonly number[] {
  return sooner.get(analyzer)?.(text) ?? termsOf(analyzer, text).map(termId);
}

/** What a chunk is indexed with, as terms. */
export function encodeTerms(analyzer: Analyzer, text: string): Terms {
  return countIds(termIds(analyzer, text));
}

/** A query's terms; `names[i]` is the term of `terms.ids[i]`, the first one where two share an id. */
export function queryTerms(
  analyzer: Analyzer,
  texts: readonly string[],
): { readonly terms: Terms; readonly names: readonly string[] } {
  const found = texts.flatMap((text) => termsOf(analyzer, text));
  const terms = countIds(found.map(termId));
  const names = new Map(found.toReversed().map((term) => [termId(term), term]));
  return { terms, names: Array.from(terms.ids, (id) => names.get(id) ?? "") };
}

/** A chunk's length in terms. */
export function termsLength(terms: Terms): number {
  let length = 0;
  for (const termCount of terms.counts) length += termCount;
  return length;
}

/** BM25's document side, `saturation` of each term: what a store may keep with the row. */
export function saturate(terms: Terms, spec: LexicalSpec): Float32Array {
  if (!(terms?.counts instanceof Uint32Array)) {
    throw unexpected("saturate", "terms { ids, counts }", terms);
  }
  const norm = spec ? lengthNorm(termsLength(terms), spec) : Number.NaN;
  // NaN, where one of its numbers is missing.
  if (!(norm >= 0)) throw unexpected("saturate", "spec { k1, b, averageLength }", spec);
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
  const { k1 = 1.2 } = options;
  if (!(Number.isFinite(k1) && k1 >= 0)) {
    throw unexpected(`${name}.k1`, "a number of at least 0", k1);
  }
  return { k1, b: fraction(`${name}.b`, options.b, 0.75) };
}

/**
 * Two terms with one id are one term, here and on every store. Sorted and run through: a map for every text would take
 * several times as long.
 */
export function countIds(found: readonly number[]): Terms {
  const ids = new Uint32Array(found);
  ids.sort();
  const counts = new Uint32Array(ids.length);
  let size = 0;
  for (let from = 0; from < ids.length;) {
    const id = ids[from] ?? 0;
    let to = from + 1;
    while (ids[to] === id) to++;
    ids[size] = id;
    counts[size++] = to - from;
    from = to;
  }
  return { ids: ids.slice(0, size), counts: counts.slice(0, size) };
}

const encoder = /* @__PURE__ */ new TextEncoder();
const scratch = /* @__PURE__ */ new Uint8Array(256);

/** How many bytes it took. The call of an encoder costs more than the letters of a word. */
function utf8Into(bytes: Uint8Array, term: string): number {
  for (let i = 0; i < term.length; i++) {
    const code = term.charCodeAt(i);
    if (code > 127) return encoder.encodeInto(term, bytes).written;
    bytes[i] = code;
  }
  return term.length;
}

function scrambled(word: number): number {
  const product = Math.imul(word, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
