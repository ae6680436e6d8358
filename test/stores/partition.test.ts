import { describe, expect, test, vi } from "vitest";
import { vectorRows } from "../../src/dense/vector-rows.ts";
import { finished } from "../../src/signal.ts";
import { partition } from "../../src/stores/partition.ts";
import { row, rows, spec, vector } from "../../src/testing/store-rows.ts";
import type { FilterTree } from "../../src/types.ts";

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

describe("what looks at everything lets others run, who may write", () => {
  const numbered = (id: string) => ({ id, chunks: [row(id, 0)] });
  const ids = Array.from({ length: 20_000 }, (_, n) => `d${(n * 7919) % 20_011}`);
  const filled = () => {
    const held = partition(spec, "memory", {});
    held.replace(ids.map(numbered));
    return held;
  };
  const none: FilterTree = { op: "in", field: "product", kind: "string", values: ["none"] };
  const all: FilterTree = { op: "not", part: none };
  /** Runs to the end; what is given runs in the first break. */
  const answer = <T>(steps: Generator<void, T, undefined>, inBreak = (): void => undefined): T => {
    const first = steps.next();
    expect(first.done).toBe(false);
    inBreak();
    return finished(steps);
  };

  test("list: the first time and where a filter selects nothing, page by page, in order", () => {
    const { list, replace } = filled();
    const inOrder = ids.toSorted();
    const first = answer(list({ limit: 9_000 }));
    expect(first.documents.map(({ id }) => id)).toEqual(inOrder.slice(0, 9_000));
    expect(answer(list({ limit: 10, filter: none }))).toEqual({ documents: [] });
    replace([{ id: inOrder[9_000] ?? "", chunks: [] }, numbered("a"), numbered("z")]);
    const rest = finished(list({ limit: 20_000, ...(first.next && { after: first.next }) }));
    expect(rest).toEqual({ documents: rest.documents });
    expect(rest.documents.map(({ id }) => id)).toEqual([...inOrder.slice(9_001), "z"]);
    expect(finished(list({ limit: 1 }))).toMatchObject({ documents: [{ id: "a" }], next: "a" });
  });

  test("list: what was written meanwhile is in the next list, what was deleted in none", () => {
    const { list, replace } = filled();
    const listed = answer(list({ limit: 30_000 }), () =>
      replace([numbered("a"), { id: "d1", chunks: [] }, numbered("d2")]),
    );
    const without = ids.filter((id) => id !== "d1").toSorted();
    expect(listed.documents.map(({ id }) => id)).toEqual(without);
    expect(finished(list({ limit: 30_000 })).documents.map(({ id }) => id)).toEqual(["a", ...without]);
  });

  test("export: the first time", () => {
    const exported = answer(filled().export({ limit: 2 }));
    expect(exported.chunks.map(({ documentId }) => documentId)).toEqual(ids.toSorted().slice(0, 2));
  });

  test("count: what there was at one moment", () => {
    const { count, replace } = filled();
    expect(answer(count(all))).toEqual({ documents: 20_000, chunks: 20_000 });
    const first = count(all);
    for (const _ of Array(10)) expect(first.next().done).toBe(false);
    replace([numbered("a"), { id: ids[0] ?? "", chunks: [] }, { id: ids[1] ?? "", chunks: [] }]);
    expect(finished(first)).toEqual({ documents: 19_999, chunks: 19_999 });
    expect(finished(count(undefined))).toEqual({ documents: 19_999, chunks: 19_999 });
    expect(answer(count(none))).toEqual({ documents: 0, chunks: 0 });
  });

  test("all ids are sorted once, however many are deleted page by page", () => {
    const { list, replace, documentIds } = filled();
    const sort = vi.spyOn(Array.prototype, "toSorted");
    for (let after: string | undefined; ;) {
      const page = finished(list({ limit: 100, ...(after !== undefined && { after }) }));
      replace(page.documents.map(({ id }) => ({ id, chunks: [] })));
      if ((after = page.next) === undefined) break;
    }
    const sorted = sort.mock.contexts.reduce<number>((sum, array) => sum + (array as unknown[]).length, 0);
    sort.mockRestore();
    expect([...documentIds()]).toEqual([]);
    expect(sorted).toBeLessThan(3 * ids.length);
  });
});
