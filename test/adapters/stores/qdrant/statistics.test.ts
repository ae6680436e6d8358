import { expect, test } from "vitest";
import type { Place } from "../../../../adapters/stores/qdrant/places.ts";
import { corpusCounts } from "../../../../adapters/stores/qdrant/statistics.ts";
import { untyped } from "../../../untyped.ts";

test("the terms of a long query are counted a few at a time, in their order", async () => {
  let [running, most] = [0, 0];
  const place = untyped<Place>({
    collection: "docs-0",
    tenant: "-",
    filter: (_: unknown, condition: unknown) => condition,
    async count({ match }: { readonly match?: { readonly value: number } }) {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      return match === undefined ? 5_000 : match.value * 2;
    },
  });
  const ids = Uint32Array.from({ length: 1_000 }, (_, index) => index + 7);
  const counted = await corpusCounts().of(place, { ids, counts: new Uint32Array(1_000).fill(1) });
  expect(counted).toEqual({ chunks: 5_000, frequencies: Array.from(ids, (id) => id * 2) });
  expect(most).toBeLessThanOrEqual(32);
});

test("of any number of scopes written to, none is answered by a count from before its write", async () => {
  const rows = new Map<string, number>();
  const placeOf = (tenant: string): Place =>
    untyped<Place>({
      collection: "docs-0",
      tenant,
      filter: (_: unknown, condition: unknown) => condition,
      count: async () => rows.get(tenant) ?? 0,
    });
  const counts = corpusCounts();
  const chunksOf = async (tenant: string): Promise<number> =>
    (await counts.of(placeOf(tenant), { ids: new Uint32Array(0), counts: new Uint32Array(0) })).chunks;
  const write = (tenant: string): void => {
    rows.set(tenant, (rows.get(tenant) ?? 0) + 1);
    counts.forget(placeOf(tenant));
  };
  expect(await chunksOf("first")).toBe(0);
  write("first");
  expect(await chunksOf("first")).toBe(1);
  for (let tenant = 0; tenant < 10_100; tenant++) write(`tenant ${tenant}`);
  expect(await chunksOf("first")).toBe(1);
  expect(await chunksOf("idle")).toBe(0);
  write("idle");
  expect(await chunksOf("idle")).toBe(1);
});
