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
