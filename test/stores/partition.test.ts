import { expect, test } from "vitest";
import { vectorRows } from "../../src/dense/vector-rows.ts";
import { partition } from "../../src/stores/partition.ts";
import { rows, spec, vector } from "../../src/testing/store-rows.ts";

test("a search that writes overtake again and again is begun anew with breaks, three times, then ends without one", () => {
  const vectors = () => vectorRows({ dimensions: 4, metric: "cosine", profile: "exact" });
  const { search, replace } = partition(spec, "memory", { vectors });
  const documents = Array.from({ length: 10 }, (_, part) => ({
    id: `document ${part}`,
    chunks: rows(`document ${part}`, 1_000),
  }));
  replace(documents);
  const steps = search({
    scope: { generation: "first", tenant: null },
    limit: 5,
    dense: { vector: vector(1, 0, 0, 0) },
  });
  let breaks = 0;
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) {
      expect(step.value.dense).toHaveLength(5);
      break;
    }
    breaks++;
    replace([{ id: "another", chunks: rows("another", breaks) }]);
  }
  expect(breaks).toBe(3);
});
