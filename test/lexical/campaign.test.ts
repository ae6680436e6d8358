import { describe, expect, test } from "vitest";
import { bm25, bm25FromBytes, type Bm25Index } from "../../src/lexical/bm25.ts";
import { seededRandom } from "../../src/testing/random.ts";
import { expectRanking, spaces } from "./naive-bm25.ts";

/** GROUNDLINE_SEEDS=20 for a campaign. */
const seeds = Array.from({ length: Number(process.env["GROUNDLINE_SEEDS"] ?? 1) }, (_, i) => i + 1);
const OPERATIONS = 10_000;

/** BM25 by the formula, over postings of plain maps. */
function model() {
  const postings = new Map<string, Map<string, number>>();
  const lengths = new Map<string, number>();
  let total = 0;
  const put = (id: string, text: string, sign: 1 | -1): void => {
    for (const term of spaces.terms(text)) {
      const list = postings.get(term) ?? new Map<string, number>();
      postings.set(term, list);
      const count = (list.get(id) ?? 0) + sign;
      if (count === 0) list.delete(id);
      else list.set(id, count);
      lengths.set(id, (lengths.get(id) ?? 0) + sign);
      total += sign;
    }
    if (lengths.get(id) === 0) lengths.delete(id);
  };
  return {
    put,
    search(query: string) {
      const scores = new Map<string, number>();
      for (const term of spaces.terms(query)) {
        const list = postings.get(term) ?? new Map<string, number>();
        const idf = Math.log(1 + (lengths.size - list.size + 0.5) / (list.size + 0.5));
        for (const [id, count] of list) {
          const norm = 1.2 * (0.25 + (0.75 * (lengths.get(id) ?? 0) * lengths.size) / total);
          scores.set(id, (scores.get(id) ?? 0) + (idf * count * 2.2) / (count + norm));
        }
      }
      const found = [...scores].map(([id, score]) => ({ id, score }));
      return found.toSorted((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
    },
  };
}

describe.each(seeds)("seed %d", (seed) => {
  test(
    `${OPERATIONS} writes and searches, among rare words and frequent ones, saved and opened now and then`,
    { timeout: 120_000 },
    () => {
      const { next, below: pick } = seededRandom(seed);
      // Zipf's law: most rows share few words, so that searches stop reading the lists of these.
      const word = (): string => `w${Math.floor(900 ** next())}`;
      const words = (most: number): string => Array.from({ length: 1 + pick(most) }, word).join(" ");
      let index = bm25({ analyzer: spaces });
      const naive = model();
      const texts = new Map<string, string>();
      const rebuilt = (): Bm25Index => {
        const fresh = bm25({ analyzer: spaces });
        for (const [id, text] of [...texts].toReversed()) fresh.add(id, text);
        return fresh;
      };
      for (let operation = 0; operation < OPERATIONS; operation++) {
        const id = `d${pick(1200)}`;
        const before = texts.get(id);
        const kind = next();
        if (operation % 1000 === 999) index = bm25FromBytes(index.toBytes(), { analyzer: spaces });
        if (kind < 0.3) {
          const topK = 1 + pick(12);
          const query = words(6);
          const found = index.search(query, { topK });
          expectRanking(found, naive.search(query), topK);
          expect(found).toEqual(index.search(query, { topK: 5000 }).slice(0, topK));
          const some = index.ids(Array.from({ length: 400 }, (_, i) => `d${i * 3}`));
          const passing = index.search(query, { topK: 5000 }).filter((one) => Number(one.id.slice(1)) % 3 === 0);
          expect(index.search(query, { topK, where: some })).toEqual(passing.slice(0, topK));
          const third = (one: string): boolean => Number(one.slice(1)) % 3 === 0;
          expect(index.search(query, { topK, where: third })).toEqual(passing.slice(0, topK));
          if (operation % 20 === 0) expect(rebuilt().search(query, { topK })).toEqual(found);
          continue;
        }
        if (before !== undefined) naive.put(id, before, -1);
        if (kind < 0.45) {
          expect(index.delete(id)).toBe(texts.delete(id));
          continue;
        }
        const text = words(30);
        if (before === undefined) index.add(id, text);
        else index.update(id, text);
        texts.set(id, text);
        naive.put(id, text, 1);
      }
      expect(index.size).toBe(texts.size);
    },
  );
});
