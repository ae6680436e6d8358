import { describe, expect, test, vi } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { memorySettings } from "../../src/stores/memory-options.ts";
import { memoryDefaults } from "../../src/stores/memory-store.ts";
import { standardStore } from "../../src/stores/standard-store.ts";
import { memory } from "../../src/index.ts";
import { storeSuite } from "../../src/testing/index.ts";
import type { ChunkWrite, Store, StoreQuery } from "../../src/types.ts";
import { normal, random } from "../dense/generated.ts";
import { untyped } from "../untyped.ts";

const dimensions = 8;
const signal = new AbortController().signal;

/** Enough vectors for codes, and rows enough for several breaks of a filter's column. */
async function filled(store: Store, count: number): Promise<Omit<StoreQuery, "limit">> {
  const spec = {
    fingerprint: {},
    fields: { parity: { kind: "string", array: false } },
    tenancy: false,
    dense: { dimensions, metric: "cosine" },
  } as const;
  const opened = await store.prepare(spec, { signal });
  const scope = { generation: opened?.generation ?? "", tenant: null };
  const gauss = normal(random(1));
  const documents = Array.from({ length: count }, (_, number) =>
    document(number, Float32Array.from({ length: dimensions }, gauss)),
  );
  await store.replace({ scope, documents }, { signal });
  return { scope, dense: { vector: Float32Array.from({ length: dimensions }, gauss) } };
}

function document(
  number: number,
  vector: Float32Array,
): { readonly id: string; readonly chunks: readonly ChunkWrite[] } {
  const id = `document ${number}`;
  const chunk: ChunkWrite = {
    id: `chunk ${number}`,
    documentId: id,
    documentHash: "",
    ordinal: 0,
    span: { start: 0, end: 1 },
    line: 1,
    text: "x",
    gap: "",
    headings: [],
    metadata: { parity: number % 2 === 0 ? "even" : "odd" },
    legs: { vector },
  };
  return { id, chunks: [chunk] };
}

describe("memory", () => {
  test("a retriever without a store has memory() with its defaults", () => {
    expect(memorySettings("memory", {})).toEqual(memoryDefaults);
  });

  test("profiles: exact gives vectors back as they were, balanced to 1e-4, and both find the same", async () => {
    const filter = { op: "in", field: "parity", kind: "string", values: ["odd"] } as const;
    const exact = memory({ profile: "exact" });
    const balanced = memory();
    const query = await filled(exact, 4000);
    await filled(balanced, 4000);
    for (const more of [{}, { filter }]) {
      const [a, b] = [
        await exact.search({ ...query, ...more, limit: 10 }, { signal }),
        await balanced.search({ ...query, ...more, limit: 10 }, { signal }),
      ];
      expect(b.dense?.map(({ id }) => id)).toEqual(a.dense?.map(({ id }) => id));
      expect(b.dense?.map(({ score }) => score)).toEqual(a.dense?.map(({ score }) => expect.closeTo(score, 4)));
    }
    const page = { limit: 10 };
    const [a, b] = [
      await exact.export?.(query.scope, page, { signal }),
      await balanced.export?.(query.scope, page, { signal }),
    ];
    for (const [index, { legs }] of (a?.chunks ?? []).entries()) {
      const other = b?.chunks[index]?.legs;
      if (legs === "kept" || other === undefined || other === "kept") throw new Error("not exported");
      expect(other.vector).not.toEqual(legs.vector);
      legs.vector?.forEach((value, at) => expect(other.vector?.[at]).toBeCloseTo(value, 3));
    }
  });

  test("what is written while a search takes a break is seen by it whole, or not at all", async () => {
    const store = memory();
    const query = await filled(store, 40_000);
    const filter = { op: "in", field: "parity", kind: "string", values: ["odd"] } as const;
    const best = await store.search({ ...query, filter, limit: 1 }, { signal });
    const nearest = Number(best.dense?.[0]?.id.slice("chunk ".length));
    const { vector } = query.dense as { readonly vector: Float32Array };
    // Searches run until a break; then what was found best gives its row to another, which does not pass the filter.
    const searches = Array.from({ length: 5 }, (_, index) =>
      store.search({ ...query, filter: { ...filter, values: ["odd", `${index}`] }, limit: 5 }, { signal }),
    );
    for (let turn = 0; turn < 4; turn++) await Promise.resolve();
    await store.replace({ scope: query.scope, documents: [{ id: `document ${nearest}`, chunks: [] }] }, { signal });
    await store.replace({ scope: query.scope, documents: [document(40_000, vector)] }, { signal });
    for (const { dense, chunks } of await Promise.all(searches)) {
      expect(dense?.length).toBe(5);
      for (const { id } of dense ?? []) expect(chunks.get(id)?.metadata).toEqual({ parity: "odd" });
    }
  });

  test("an abort takes effect between two slices of a search", async () => {
    for (const [profile, rows] of [
      ["exact", 20_000],
      ["balanced", 40_000],
    ] as const) {
      const store = memory({ profile });
      const query = await filled(store, rows);
      // By this clock every slice was long.
      let now = 0;
      const clock = vi.spyOn(Date, "now").mockImplementation(() => (now += 11));
      const controller = new AbortController();
      const reason = new Error("enough");
      const searched = store.search({ ...query, limit: 5 }, { signal: controller.signal });
      const slices = clock.mock.calls.length;
      setTimeout(() => controller.abort(reason));
      await expect(searched).rejects.toBe(reason);
      clock.mockRestore();
      expect(slices).toBeLessThan(4);
      expect((await store.search({ ...query, limit: 5 }, { signal })).dense?.length).toBe(5);
    }
  });

  test.each([{ profile: "compact" }, { profiles: "exact" }, "exact"])("%j is a ConfigError", (options) => {
    expect(() => memory(untyped<{ profile: "exact" }>(options))).toThrow(ConfigError);
  });
});

describe("the store of a retriever that was given none", () => {
  for (const { name, run } of storeSuite(standardStore)) test(name, run);
});

describe('memory({ profile: "exact" })', () => {
  test.each(storeSuite(() => memory({ profile: "exact" })))("$name", async ({ run }) => run());
});
