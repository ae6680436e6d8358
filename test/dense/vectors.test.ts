import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { vectorsFrom } from "../../src/dense/vector-index.ts";
import { type VectorIndex, vectors, vectorsFromBytes } from "../../src/dense/vectors.ts";
import { unread } from "../../src/dense/unread-values.ts";
import { bytesHeld, type ByteSource } from "../../src/dense/vectors-snapshot.ts";
import { finished } from "../../src/signal.ts";
import { ConfigError, SnapshotError } from "../../src/errors.ts";
import { untyped } from "../untyped.ts";
import { normal, random } from "./generated.ts";

const dimensions = 3;
const vector = fc
  .array(fc.integer({ min: -9, max: 9 }), { minLength: dimensions, maxLength: dimensions })
  .map(Float32Array.from.bind(Float32Array));
const id: fc.Arbitrary<string> = fc.constantFrom("a", "b", "c", "d", "__proto__");
const metric = fc.constantFrom("cosine", "dot", "euclidean");

function score(kind: string, a: Float32Array, b: Float32Array): number {
  const dot = a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  if (kind === "dot") return dot;
  if (kind === "euclidean") return -Math.hypot(...a.map((value, i) => value - (b[i] ?? 0)));
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}

describe("vectors", () => {
  test("random histories answer like brute force, also from their bytes", () => {
    const step = fc.oneof(fc.record({ id, vector }), fc.record({ id }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), vector, metric, fc.array(id), (steps, query, kind, chosen) => {
        fc.pre(kind !== "cosine" || query.some((value) => value !== 0));
        let index = vectors({ dimensions, metric: kind });
        const set = index.ids(chosen);
        const held = new Map<string, Float32Array>();
        for (const done of steps) {
          if (!("vector" in done)) expect(index.delete(done.id)).toBe(held.delete(done.id));
          else if (kind !== "cosine" || done.vector.some((value) => value !== 0)) {
            index.add(done.id, done.vector);
            held.set(done.id, done.vector);
          }
        }
        expect(index.size).toBe(held.size);
        const expected = Array.from(held, ([key, value]) => ({ id: key, score: score(kind, value, query) })).toSorted(
          (a, b) => (Math.abs(b.score - a.score) > 1e-9 ? b.score - a.score : a.id < b.id ? -1 : 1),
        );
        const check = (found: ReturnType<typeof index.search>, wanted: typeof expected) => {
          expect(found.map((hit) => hit.score)).toEqual(wanted.map((hit) => expect.closeTo(hit.score, 6)));
          expect(new Set(found.map((hit) => hit.id))).toEqual(new Set(wanted.map((hit) => hit.id)));
        };
        const among = expected.filter((hit) => chosen.includes(hit.id));
        check(index.search(query), expected);
        check(index.search(query, { where: set }), among);
        check(index.search(query, { where: (key) => chosen.includes(key) }), among);
        index = vectorsFromBytes(index.toBytes());
        check(index.search(query), expected);
      }),
    );
  });

  test("addAll takes all or none", () => {
    const index = vectors({ dimensions: 2 });
    expect(() => index.addAll(["a", "b"], Float32Array.of(1, 0, 0, Number.NaN))).toThrow(/finite.*"b".*NaN at 1/);
    expect(index.size).toBe(0);
    index.addAll(["a", "b"], Float32Array.of(1, 0, 0, 1));
    expect(index.search(Float32Array.of(0, 2), { topK: 1 })).toEqual([{ id: "b", score: 1 }]);
    expect(index.bytes).toBeGreaterThan(0);
  });

  test("a where that answers with a promise, which counts as true, is a ConfigError", () => {
    const index = vectors({ dimensions: 2 });
    index.add("a", Float32Array.of(1, 0));
    const search = (): unknown => index.search(Float32Array.of(1, 0), { where: untyped(async () => false) });
    expect(search).toThrow(ConfigError);
    expect(search).toThrow("where: expected true or false, received a promise; await it");
  });

  test.each<[string, () => unknown]>([
    ["no dimensions", () => vectors(untyped<{ dimensions: number }>({}))],
    ["one dimension", () => vectors({ dimensions: 1 })],
    ["an unknown profile", () => vectors({ dimensions: 2, profile: untyped<"exact">("compact") })],
    ["an unknown metric", () => vectors({ dimensions: 2, metric: untyped<"dot">("manhattan") })],
    ["an unknown option", () => vectors(untyped<{ dimensions: number }>({ dimensions: 2, size: 3 }))],
    ["an empty id", () => vectors({ dimensions: 2 }).add("", Float32Array.of(1, 1))],
    ["an id that no snapshot could give back", () => vectors({ dimensions: 2 }).add("\uD800", Float32Array.of(1, 1))],
    ["the wrong length", () => vectors({ dimensions: 2 }).add("a", Float32Array.of(1))],
    ["numbers in an array", () => vectors({ dimensions: 2 }).add("a", untyped<Float32Array>([1, 2]))],
    ["Infinity", () => vectors({ dimensions: 2 }).add("a", Float32Array.of(1, Infinity))],
    ["a zero vector under cosine", () => vectors({ dimensions: 2 }).add("a", Float32Array.of(0, -0))],
    ["a zero query under cosine", () => vectors({ dimensions: 2 }).search(Float32Array.of(0, 0))],
    ["a where that got lost", () => vectors({ dimensions: 2 }).search(Float32Array.of(1, 0), { where: untyped(null) })],
    ["topK 0", () => vectors({ dimensions: 2 }).search(Float32Array.of(1, 0), { topK: 0 })],
    [
      "another index's ids",
      () => vectors({ dimensions: 2 }).search(Float32Array.of(1, 0), { where: vectors({ dimensions: 2 }).ids([]) }),
    ],
    ["too few vectors", () => vectors({ dimensions: 2 }).addAll(["a", "b"], Float32Array.of(1, 0))],
  ])("%s is a ConfigError", (_, run) => {
    expect(run).toThrow(ConfigError);
  });

  test("every damaged byte and every truncation of a snapshot is a SnapshotError", () => {
    const index = vectors({ dimensions: 2, metric: "dot" });
    index.addAll(["a", "ä"], Float32Array.of(1, 2, 3, -4));
    const bytes = index.toBytes();
    for (let at = 0; at < bytes.length; at++) {
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      expect(() => vectorsFromBytes(flipped)).toThrow(SnapshotError);
      expect(() => vectorsFromBytes(bytes.slice(0, at))).toThrow(SnapshotError);
    }
  });

  test("a snapshot of many is memory as it stands, and every damage to it is found", () => {
    const gauss = normal(random(9));
    const random16 = (): Float32Array => Float32Array.from({ length: 16 }, gauss);
    for (const profile of ["balanced", "exact"] as const) {
      const index = vectors({ dimensions: 16, profile });
      for (let i = 0; i < 1500; i++) index.add(`id ${i}`, random16());
      const queries = Array.from({ length: 20 }, random16);
      const answers = (asked: VectorIndex) => queries.map((query) => asked.search(query, { topK: 5 }));
      expect(answers(vectorsFromBytes(index.toBytes()))).toEqual(answers(index));
      for (let i = 0; i < 1500; i += 3) index.delete(`id ${i}`);
      index.add("new", random16());
      const bytes = index.toBytes();
      const opened = vectorsFromBytes(bytes);
      expect(answers(opened)).toEqual(answers(index));
      expect(opened.size).toBe(1001);
      for (const one of [index, opened]) one.add("newer", queries[0] ?? random16());
      expect(answers(opened)).toEqual(answers(index));
      const next = random(10);
      for (let i = 0; i < 100; i++) {
        const at = Math.floor(next() * bytes.length);
        const flipped = bytes.slice();
        flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(next() * 8));
        expect(() => vectorsFromBytes(flipped)).toThrow(SnapshotError);
        expect(() => vectorsFromBytes(bytes.slice(0, at))).toThrow(SnapshotError);
      }
    }
  });

  test("what is read when it is wanted answers like what is in memory, however far it was read, and whatever is written", () => {
    const gauss = normal(random(11));
    const random16 = (): Float32Array => Float32Array.from({ length: 16 }, gauss);
    const before = vectors({ dimensions: 16 });
    for (let i = 0; i < 3000; i++) before.add(`id ${i}`, random16());
    const bytes = before.toBytes();
    const queries = Array.from({ length: 10 }, random16);
    const answers = (asked: VectorIndex) => queries.map((query) => asked.search(query, { topK: 5 }));
    const writes: readonly ((index: VectorIndex) => unknown)[] = [
      (index) => index.add("id 7", queries[0] ?? random16()),
      (index) => index.add("new", queries[1] ?? random16()),
      (index) => {
        for (let i = 0; i < 1500; i++) index.delete(`id ${i}`);
      },
      (index) => index.toBytes(),
      () => undefined,
    ];
    for (const steps of [0, 1, 2, 9]) {
      for (const write of writes) {
        let closed = false;
        const held = bytesHeld(bytes);
        const read: ByteSource["read"] = (at, into) => {
          if (closed) throw new Error("closed");
          held.read(at, into);
        };
        const { index, rest } = finished(vectorsFrom({ ...held, unread, read }));
        const expected = vectorsFromBytes(bytes);
        for (const step of rest.slice(0, steps)) step();
        expect(answers(index)).toEqual(answers(expected));
        const [done, same] = [index, expected].map((one) => write(one));
        if (done instanceof Uint8Array) expect(Buffer.compare(done, same as Uint8Array)).toBe(0);
        expect(answers(index)).toEqual(answers(expected));
        for (const step of rest) step();
        closed = true;
        expect(answers(index)).toEqual(answers(expected));
        expect(Buffer.compare(index.toBytes(), expected.toBytes())).toBe(0);
      }
    }
  });
});
