import fc from "fast-check";
import { expect, test } from "vitest";
import { finished } from "../../src/signal.ts";
import { evaluateFilter } from "../../src/filter/evaluate.ts";
import { rowsOf } from "../../src/row-set.ts";
import { columns } from "../../src/stores/columns.ts";
import type { FilterTree, StoredMetadata, StoredValue } from "../../src/types.ts";

const field: fc.Arbitrary<string> = fc.constantFrom("product", "year", "tags", "__proto__", "constructor");
const value: fc.Arbitrary<StoredValue> = fc.oneof(
  fc.constantFrom<StoredValue>("", "api", "apis", "1", 1, 0, -1.5, 2024, true, false),
  fc.constantFrom<StoredValue>("2024-01-01T00:00:00.000Z", "2025-06-30T12:00:00.000Z"),
);
const metadata: fc.Arbitrary<StoredMetadata> = fc
  .array(fc.tuple(field, fc.oneof(value, fc.array(value, { maxLength: 3 }))), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries));
const kind = fc.constantFrom("string" as const, "number" as const, "boolean" as const, "date" as const);
const { tree } = fc.letrec<{ tree: FilterTree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.record({ op: fc.constant("exists" as const), field }),
    fc.record({ op: fc.constant("in" as const), field, kind, values: fc.array(value, { maxLength: 3 }) }),
    fc.record({ op: fc.constant("prefix" as const), field, value: fc.constantFrom("", "a", "api", "20") }),
    fc.record({ op: fc.constant("range" as const), field, kind, gte: value }) as fc.Arbitrary<FilterTree>,
    fc.record({ op: fc.constant("range" as const), field, kind, gt: value, lte: value }) as fc.Arbitrary<FilterTree>,
    fc.constantFrom<FilterTree>({ op: "always" }, { op: "never" }),
    fc.record({ op: fc.constantFrom("and" as const, "or" as const), parts: fc.array(tie("tree"), { maxLength: 3 }) }),
    fc.record({ op: fc.constant("not" as const), part: tie("tree") }),
  ),
}));

test("after any writes a filter gives the rows that it holds for", () => {
  const step = fc.oneof(
    fc.record({ row: fc.integer({ min: 0, max: 70 }), metadata: fc.option(metadata) }),
    fc.record({ filter: tree }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), tree, (steps, last) => {
      const rows: (StoredMetadata | undefined)[] = [];
      const held = columns(
        (row) => rows[row],
        () => rows.length,
      );
      for (const done of [...steps, { filter: last }, { filter: last }]) {
        if ("filter" in done) {
          const expected = rows.flatMap((one, row) => (one && evaluateFilter(done.filter, one) ? row : []));
          expect([...rowsOf(finished(held.match(done.filter)))]).toEqual(expected);
        } else if (done.metadata === null) {
          if (rows[done.row] === undefined) continue;
          rows[done.row] = undefined;
          held.delete(done.row);
        } else {
          while (rows.length < done.row) rows.push(undefined);
          rows[done.row] = done.metadata;
          held.set(done.row, done.metadata);
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test("a column that is interrupted while it is built follows what is written meanwhile", () => {
  const rows: (StoredMetadata | undefined)[] = Array.from({ length: 40_000 }, (_, row) => ({ even: row % 2 === 0 }));
  const held = columns(
    (row) => rows[row],
    () => rows.length,
  );
  for (const [row, one] of rows.entries()) held.set(row, one ?? {});
  const filter: FilterTree = { op: "in", field: "even", kind: "boolean", values: [true] };
  const steps = held.match(filter);
  expect(steps.next().done).toBe(false);
  for (const row of [0, 39_998]) {
    rows[row] = { even: false };
    held.set(row, { even: false });
  }
  expect(finished(held.match(filter)).size).toBe(19_998);
});
