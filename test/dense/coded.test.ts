import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coded } from "../../src/dense/coded.ts";
import { flat } from "../../src/dense/flat.ts";
import { kernelMemory, scalarMemory } from "../../src/dense/kernels/memory.ts";
import type { Metric } from "../../src/dense/shape.ts";
import { joined } from "../../src/bytes.ts";
import { finished } from "../../src/signal.ts";
import { type ReadValues, unread } from "../../src/dense/unread-values.ts";
import type { FoundRows, VectorRows } from "../../src/dense/rows.ts";
import type { SavedBytes } from "../../src/dense/saved.ts";
import { restOf, restoreRows, saveRows } from "../../src/dense/saved-rows.ts";
import { rowSet, type RowSet } from "../../src/row-set.ts";
import { normal, random } from "./generated.ts";

const metrics: readonly Metric[] = ["cosine", "dot", "euclidean"];
const precedes = (a: number, b: number): boolean => a < b;

function search(held: VectorRows, vector: Float32Array, limit: number, allowed?: RowSet): FoundRows {
  return finished(held.search(vector, { limit, precedes, ...(allowed && { allowed }) }));
}

/** What scores may be off by: they are exact for a vector that differs in the last of 16 bits. */
function tolerance(metric: Metric, vectors: Iterable<Float32Array>, query: Float32Array): number {
  if (metric === "cosine") return 1e-4;
  const longest = Math.max(0, ...Array.from(vectors, (vector) => Math.hypot(...vector)));
  return 1e-4 * longest * (metric === "dot" ? Math.hypot(...query) : 1) + 1e-44;
}

/** The same rows as those of a plain scan, but for rows whose scores are as good as the same. */
function expectSame(found: FoundRows, exact: FoundRows, all: FoundRows, within: number): void {
  expect(found.rows.length).toBe(exact.rows.length);
  expect(new Set(found.rows).size).toBe(found.rows.length);
  for (const [i, row] of found.rows.entries()) {
    const truth = all.scores[all.rows.indexOf(row)] ?? Number.NaN;
    expect(Math.abs((found.scores[i] ?? 0) - truth)).toBeLessThanOrEqual(within);
    expect(Math.abs(truth - (exact.scores[i] ?? 0))).toBeLessThanOrEqual(2 * within);
  }
}

function recall(held: VectorRows, exact: VectorRows, queries: readonly Float32Array[], allowed?: RowSet): number {
  let [met, all] = [0, 0];
  for (const query of queries) {
    const wanted = search(exact, query, 10, allowed);
    const least = wanted.scores.at(-1) ?? 0;
    for (const [i, row] of search(held, query, 10, allowed).rows.entries()) {
      const score = wanted.scores[i] ?? 0;
      if (wanted.rows.includes(row) || score === least) met++;
    }
    all += wanted.rows.length;
  }
  return met / all;
}

/** Clusters of uneven sizes around a mean that is not zero. */
function clustered(count: number, dimensions: number, seed: number): Float32Array[] {
  const next = random(seed);
  const gauss = normal(next);
  const centres = Array.from({ length: 40 }, () => Float32Array.from({ length: dimensions }, gauss));
  return Array.from({ length: count }, () => {
    const centre = centres[Math.floor(next() ** 2 * 40)] as Float32Array;
    return centre.map((value) => 0.5 + value + 0.6 * gauss());
  });
}

describe("coded vectors", () => {
  test("random histories answer like a plain scan, up to scores that are the same to 1e-4", () => {
    const row = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.constantFrom(...metrics),
        fc.integer(),
        fc.array(fc.record({ row, deleted: fc.boolean(), like: fc.option(row) }), { maxLength: 60 }),
        fc.option(fc.array(row)),
        (dimensions, metric, seed, steps, chosen) => {
          const gauss = normal(random(seed));
          const [held, exact] = [coded({ dimensions, metric }), flat({ dimensions, metric })];
          for (const step of steps) {
            const copied = step.like === null ? undefined : exact.vectorOf(step.like);
            const vector = copied ?? Float32Array.from({ length: dimensions }, gauss);
            if (step.deleted) expect(held.delete(step.row)).toBe(exact.delete(step.row));
            else for (const one of [held, exact]) one.set(step.row, vector);
          }
          expect(held.size).toBe(exact.size);
          expect([...held.rows()].toSorted((a, b) => a - b)).toEqual([...exact.rows()]);
          const query = Float32Array.from({ length: dimensions }, gauss);
          const allowed = chosen === null ? undefined : rowSet(41, chosen);
          const vectors = [...exact.rows()].flatMap((one) => exact.vectorOf(one) ?? []);
          const all = search(exact, query, 100);
          for (const limit of [1, 5, 100, Number.MAX_SAFE_INTEGER]) {
            const within = tolerance(metric, vectors, query);
            expectSame(search(held, query, limit, allowed), search(exact, query, limit, allowed), all, within);
          }
          for (const one of exact.rows()) {
            const [given, back] = [exact.vectorOf(one) ?? query, held.vectorOf(one) ?? query];
            const most = Math.max(...given.map(Math.abs));
            given.forEach((value, i) => expect(Math.abs(value - (back[i] ?? 0))).toBeLessThanOrEqual(1e-4 * most));
          }
        },
      ),
      { numRuns: Number(process.env["GROUNDLINE_RUNS"] ?? 1000) },
    );
  });

  test("every dimension from 2 to 130, and those of models", () => {
    const sizes = [...Array.from({ length: 129 }, (_, i) => i + 2), 384, 768, 1024, 1536, 4096];
    for (const dimensions of sizes) {
      const gauss = normal(random(dimensions));
      for (const metric of metrics) {
        const [held, exact] = [coded({ dimensions, metric }), flat({ dimensions, metric })];
        for (let row = 0; row < 20; row++) {
          const vector = Float32Array.from({ length: dimensions }, gauss);
          for (const one of [held, exact]) one.set(row, vector);
        }
        const query = Float32Array.from({ length: dimensions }, gauss);
        const all = search(exact, query, 20);
        const vectors = [...exact.rows()].flatMap((row) => exact.vectorOf(row) ?? []);
        expectSame(search(held, query, 20), all, all, tolerance(metric, vectors, query));
      }
    }
  });

  const rows = 6000;
  const all = clustered(rows, 48, 1);
  const gauss = normal(random(2));
  const queries = {
    near: all.slice(0, 40).map((vector) => vector.map((value) => value + 0.3 * gauss())),
    noise: Array.from({ length: 40 }, () => Float32Array.from({ length: 48 }, gauss)),
    negated: all.slice(40, 80).map((vector) => vector.map((value) => -value)),
  };
  const filled = (held: VectorRows, vectors: readonly Float32Array[] = all): VectorRows => {
    for (const [row, vector] of vectors.entries()) held.set(row, vector);
    return held;
  };

  test.each(metrics)("%s: recall by codes, whatever the query and whatever the filter", (metric) => {
    const [held, exact] = [filled(coded({ dimensions: 48, metric })), filled(flat({ dimensions: 48, metric }))];
    const next = random(3);
    const some = (share: number): RowSet =>
      rowSet(
        rows,
        [...Array(rows).keys()].filter(() => next() < share),
      );
    for (const asked of Object.values(queries)) {
      expect(recall(held, exact, asked)).toBeGreaterThanOrEqual(0.99);
      for (const share of [0.9, 0.6, 0.1, 0.01, 0.001]) {
        expect(recall(held, exact, asked, some(share))).toBeGreaterThanOrEqual(0.99);
      }
    }
    // Without the neighbourhood of the query itself.
    const far = queries.near.map((query) => {
      const near = new Set(search(exact, query, 1500).rows);
      const allowed = rowSet(
        rows,
        [...Array(rows).keys()].filter((row) => !near.has(row)),
      );
      expect(search(held, query, 10, allowed).rows.some((row) => near.has(row))).toBe(false);
      return recall(held, exact, [query], allowed);
    });
    expect(far.reduce((sum, one) => sum + one, 0) / far.length).toBeGreaterThanOrEqual(0.99);
    expect(search(held, all[0] as Float32Array, 10, rowSet(rows)).rows.length).toBe(0);
  });

  test("without WebAssembly the same rows and the same scores are found", () => {
    for (const metric of metrics) {
      const [fast, plain] = [
        filled(coded({ dimensions: 48, metric })),
        filled(coded({ dimensions: 48, metric, memoryOf: scalarMemory })),
      ];
      for (const query of Object.values(queries).flat()) {
        expect(search(fast, query, 10)).toEqual(search(plain, query, 10));
      }
      for (let row = 0; row < rows; row++) if (row % 3 > 0) expect(fast.delete(row)).toBe(plain.delete(row));
      for (const query of queries.near) expect(search(fast, query, 10)).toEqual(search(plain, query, 10));
      expect(fast.vectorOf(3)).toEqual(plain.vectorOf(3));
    }
  });

  test("searches that take turns find what each finds alone, and one left in the middle disturbs none", () => {
    const held = filled(coded({ dimensions: 128, metric: "cosine" }), clustered(18_000, 128, 11));
    const asked = clustered(3, 128, 12);
    const alone = asked.map((query) => search(held, query, 10));
    const turns = asked.map((query) => held.search(query, { limit: 10, precedes }));
    turns[2]?.next();
    const found: (FoundRows | undefined)[] = [];
    let pauses = 0;
    for (let left = 2; left > 0;) {
      for (const [i, steps] of turns.slice(0, 2).entries()) {
        if (found[i] !== undefined) continue;
        const step = steps.next();
        if (step.done === true) {
          found[i] = step.value;
          left--;
        } else pauses++;
      }
    }
    expect(pauses).toBeGreaterThanOrEqual(4);
    expect(found).toEqual(alone.slice(0, 2));
  });

  test.each([kernelMemory, scalarMemory])("%o: searches that pause while values are read find the same", (memoryOf) => {
    const size = 18_000;
    const options = { dimensions: 20, metric: "euclidean", memoryOf } as const;
    const held = coded(options);
    const vectors = clustered(size, 20, 31);
    for (const [row, one] of vectors.entries()) held.set(row, one);
    const bytes = joined(saveRows(held, [...held.rows()], 20).parts);
    const opened = coded(options);
    let at = 0;
    const readAt =
      (start: number): ReadValues =>
      (from, into) =>
        into.set(bytes.subarray(start + from, start + from + into.length));
    const saved: SavedBytes = {
      length: bytes.length,
      unread,
      next(into) {
        readAt(at)(0, into);
        at += into.length;
      },
      later(length) {
        at += length;
        return readAt(at - length);
      },
    };
    expect(finished(restoreRows(opened, { plain: false, size }, saved, 20))).toBe(true);
    const sets = [undefined, rowSet(size, [3, 70, 71, 2047, 2048, 9000, 17_999])];
    for (let row = 0, wanted = 5000; row < size; row += 977, wanted += 500) {
      const query = vectors[row] as Float32Array;
      const allowed = sets[wanted % 3];
      const slow = opened.search(query, { limit: 10, precedes, ...(allowed && { allowed }) });
      slow.next();
      restOf(opened)[0]?.();
      expect(finished(slow)).toEqual(search(held, query, 10, allowed));
    }
    expect(restOf(opened)).toEqual([]);
    expect(opened.bytes).toBeLessThanOrEqual(held.bytes);
  });

  test("a search that ends leaves others as they were, in segments that it is done with too", () => {
    const many = clustered(75_000, 16, 13);
    const held = filled(coded({ dimensions: 16, metric: "cosine" }), many);
    const [first, second] = many.slice(0, 2).map((query) => held.search(query, { limit: 10, precedes }));
    const alone = search(held, many[1] as Float32Array, 10);
    // The last of its pauses is in the second segment; the other search is then within the first one.
    for (let pause = 0; pause < 20; pause++) expect(first?.next().done).toBe(false);
    for (let pause = 0; pause < 3; pause++) expect(second?.next().done).toBe(false);
    expect(first?.next().done).toBe(true);
    expect(second && finished(second)).toEqual(alone);
  });

  test("near-copies, at cosines of .98 to .9999, come in their right order", () => {
    const copies = all.slice(0, 100).flatMap((vector) => {
      const length = Math.hypot(...vector);
      return Array.from({ length: 50 }, (_, i) =>
        vector.map((value) => value + (gauss() * length * 10 ** (-0.7 - i / 43)) / Math.sqrt(48)),
      );
    });
    const [held, exact] = [coded({ dimensions: 48, metric: "cosine" }), flat({ dimensions: 48, metric: "cosine" })];
    for (const one of [held, exact]) filled(one, copies);
    expect(
      recall(
        held,
        exact,
        copies.filter((_, i) => i % 25 === 0),
      ),
    ).toBeGreaterThanOrEqual(0.995);
  });

  test.each(metrics.slice(1))("%s: zeros, the least and the greatest numbers", (metric) => {
    const dimensions = 20;
    const next = random(4);
    const magnitudes = [0, 1e-45, 1e-30, 1, 1e19, 3.4e38];
    const wild = Array.from({ length: 4000 }, (_, i) =>
      Float32Array.from({ length: dimensions }, () => (next() * 2 - 1) * (magnitudes[i % magnitudes.length] ?? 0)),
    );
    const [held, exact] = [filled(coded({ dimensions, metric }), wild), filled(flat({ dimensions, metric }), wild)];
    for (const query of wild.slice(0, 24)) {
      const [found, wanted] = [search(held, query, 10), search(exact, query, 10)];
      const within = tolerance(metric, [wild[wanted.rows[0] ?? 0] as Float32Array], query);
      for (const [i, score] of found.scores.entries()) {
        expect(Math.abs(score - (wanted.scores[i] ?? 0))).toBeLessThanOrEqual(within);
      }
    }
  });

  test("copies of one vector are found in the order of their rows", () => {
    const held = coded({ dimensions: 16, metric: "cosine" });
    const vector = Float32Array.from({ length: 16 }, gauss);
    for (let row = 5000; row-- > 0;) held.set(row, vector);
    expect([...search(held, vector, 12).rows]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  test("rows that go give their space back, rows that change take none, and recall stays", () => {
    const dimensions = 192;
    const many = clustered(70_000, dimensions, 5);
    const held = filled(coded({ dimensions, metric: "cosine" }), many);
    const exact = filled(flat({ dimensions, metric: "cosine" }), many);
    const asked = many
      .filter((_, row) => row % 7000 === 7)
      .map((vector) => vector.map((value) => value + 0.3 * gauss()));
    expect(recall(held, exact, asked)).toBeGreaterThanOrEqual(0.99);
    const full = held.bytes;
    const next = random(6);
    for (let row = 0; row < many.length; row++) {
      if (next() < 0.9) expect(held.delete(row) && exact.delete(row)).toBe(true);
    }
    expect(recall(held, exact, asked)).toBeGreaterThanOrEqual(0.99);
    const kept = [...exact.rows()];
    const fresh = filled(
      coded({ dimensions, metric: "cosine" }),
      kept.map((row) => many[row] as Float32Array),
    );
    expect(held.bytes).toBeLessThanOrEqual(1.3 * fresh.bytes);
    const odd = rowSet(
      many.length,
      kept.filter((row) => row % 2 === 1),
    );
    expect(recall(held, exact, asked, odd)).toBeGreaterThanOrEqual(0.99);
    for (let round = 0; round < 10; round++) {
      for (const row of kept) {
        const vector = many[(row * 7 + round) % many.length] as Float32Array;
        for (const one of [held, exact]) one.set(row, vector);
      }
    }
    expect(held.bytes).toBeLessThanOrEqual(1.3 * fresh.bytes);
    expect(recall(held, exact, asked)).toBeGreaterThanOrEqual(0.99);
    for (const [row, vector] of many.entries()) for (const one of [held, exact]) one.set(row, vector);
    expect(held.size).toBe(many.length);
    expect(held.bytes).toBeLessThanOrEqual(1.3 * full);
    expect(recall(held, exact, asked)).toBeGreaterThanOrEqual(0.99);
    for (const row of many.keys()) held.delete(row);
    expect(search(held, asked[0] as Float32Array, 10).rows.length).toBe(0);
    expect(held.bytes).toBeLessThan(full / 10);
  });
});
