import fc from "fast-check";
import { expect, test } from "vitest";
import { idRows, type IdSet } from "../src/id-rows.ts";
import { hasRow } from "../src/row-set.ts";

const id = fc.nat(15).map((number) => `d${number}`);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("toggle" as const), id }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("ids" as const), ids: fc.array(id, { maxLength: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("use" as const), which: fc.nat() }) },
);

test("rows are given back and taken by others; sets follow, however long they were not used", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps) => {
      const rows = idRows();
      const live = new Map<string, number>();
      const sets: { readonly set: IdSet; readonly ids: ReadonlySet<string> }[] = [];
      for (const each of steps) {
        if (each.type === "ids") {
          sets.push({ set: rows.ids(each.ids), ids: new Set(each.ids) });
        } else if (each.type === "toggle" && live.delete(each.id)) {
          rows.delete(each.id);
        } else if (each.type === "toggle") {
          const row = rows.add(each.id);
          expect([...live.values()]).not.toContain(row);
          live.set(each.id, row);
        } else if (each.type === "use" && sets.length > 0) {
          const used = sets[each.which % sets.length];
          if (used === undefined) continue;
          const held = rows.rowsIn(used.set);
          const inside = [...live].filter(([, row]) => hasRow(held, row)).map(([name]) => name);
          expect(inside).toEqual([...live.keys()].filter((name) => used.ids.has(name)));
        }
      }
      expect(rows.size).toBe(live.size);
      for (const [name, row] of live) expect([rows.rowOf(name), rows.idOf(row)]).toEqual([row, name]);
      const documents = rows.documents();
      expect(documents).toEqual([...live].map(([name, row]) => ({ id: name, row })).toSorted((a, b) => a.row - b.row));
    }),
    { numRuns: 200 },
  );
});
