import fc from "fast-check";
import { expect, test } from "vitest";
import { numberTable } from "../../src/lexical/number-table.ts";

/** Few keys, so that they meet and leave holes in each other's way; the extremes among them. */
const key = fc.oneof(fc.nat(40), fc.constantFrom(0xfffffffe, 0x7fffffff, 0x80000000, 999_999_999));
const steps = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant("set" as const), key, value: fc.nat(0xffffffff) }),
    fc.record({ type: fc.constant("delete" as const), key }),
  ),
  { maxLength: 200 },
);

test("behaves as a Map", () => {
  fc.assert(
    fc.property(steps, (list) => {
      const table = numberTable();
      const map = new Map<number, number>();
      for (const step of list) {
        if (step.type === "delete") expect(table.delete(step.key)).toBe(map.delete(step.key));
        else {
          table.set(step.key, step.value);
          map.set(step.key, step.value);
        }
        expect(table.size).toBe(map.size);
        for (const known of [...map.keys(), step.key, 77]) expect(table.get(known)).toBe(map.get(known) ?? -1);
      }
    }),
  );
});

test("ten thousand keys that differ only in high bits", () => {
  const table = numberTable();
  for (let i = 0; i < 10_000; i++) table.set(i * 65_536, i);
  for (let i = 0; i < 10_000; i += 2) expect(table.delete(i * 65_536)).toBe(true);
  for (let i = 0; i < 10_000; i++) expect(table.get(i * 65_536)).toBe(i % 2 === 0 ? -1 : i);
});
