import { expect } from "vitest";
import { evaluateFilter } from "../../../src/filter/evaluate.ts";
import { seededRandom } from "../../../src/testing/random.ts";
import { open, row, terms } from "../../../src/testing/store-rows.ts";
import type { FilterTree, Store, StoredMetadata } from "../../../src/types.ts";

/** Raised by hand for longer runs. */
export const hostileRuns = Number(process.env["GROUNDLINE_HOSTILE_RUNS"] ?? 400);

export const hostileNames: readonly string[] = [
  "a.b",
  "a[0]",
  "a[]",
  'q"q',
  "back\\slash",
  "%",
  "%25",
  "",
  " ",
  "$and",
  "__proto__",
  "constructor",
  "\u00e9",
  "a\0b",
  "'; --",
  "tenant",
  "document",
  "x".repeat(500),
];
export const hostileValues: readonly string[] = [
  "",
  "a",
  "\0",
  "null",
  '"',
  "\\",
  "\u{1f642}",
  "{}",
  "%",
  "a.b",
  "2024-01-01T00:00:00.000Z",
];

/** Random filters of odd names and values have the exact answer, or are refused by a typed error. `holds`: what rows may have. */
export async function expectHostileFiltersExact(
  store: Store,
  holds: (text: string) => boolean = () => true,
): Promise<void> {
  const random = seededRandom(813);
  const texts: [string, ...string[]] = ["", ...hostileValues, ...hostileNames, "\ud800", "a\udfff"];
  const numbers = [0, -0, 1, 0.1, 1e21, -1e308, 5e-324, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY] as const;
  const dates = ["0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "2024-02-30", "soon"] as const;
  const kinds = ["string", "number", "boolean", "date"] as const;
  const valueOf = (kind: (typeof kinds)[number]): string | number | boolean => {
    if (random.next() < 0.1) return random.pick<string | number | boolean>([1, true, ...texts]);
    if (kind === "string") return random.pick(texts);
    if (kind === "number") return random.pick(numbers);
    return kind === "boolean" ? random.next() < 0.5 : random.pick(dates);
  };
  const fields: [string, ...string[]] = ["number", "flag", "at", "list", ...hostileNames];
  const leaf = (): FilterTree => {
    const [field, kind] = [random.pick(fields), random.pick(kinds)];
    const some = Array.from({ length: random.below(4) }, () => valueOf(kind));
    const range = { op: "range", field, kind: random.next() < 0.5 ? "number" : "date" } as const;
    return random.pick<FilterTree>([
      { op: "exists", field },
      { op: "in", field, kind, values: some },
      { op: "prefix", field, value: random.pick(texts) },
      { ...range, gte: valueOf(range.kind) },
      { ...range, gt: valueOf(range.kind), lte: valueOf(range.kind) },
    ] as const);
  };
  const tree = (depth: number): FilterTree => {
    if (depth === 0 || random.next() < 0.4) return leaf();
    const parts = Array.from({ length: random.below(4) }, () => tree(depth - 1));
    return random.pick<FilterTree>([
      { op: "and", parts },
      { op: "or", parts },
      { op: "not", part: tree(depth - 1) },
    ] as const);
  };
  const sound = (value: unknown): boolean =>
    typeof value === "string"
      ? value.isWellFormed() && holds(value)
      : typeof value !== "number" || Number.isFinite(value);
  const index = await open(store);
  const written = Array.from({ length: 40 }, (_, number) => {
    const field = random.pick(hostileNames.filter(sound) as [string, ...string[]]);
    const texted = random.pick(texts);
    const numbered = random.pick(numbers);
    const metadata = Object.fromEntries([
      [field, sound(texted) ? texted : "a"],
      ["number", sound(numbered) && !Object.is(numbered, -0) ? numbered : 0],
      ["flag", number % 2 === 0],
      ["at", random.pick(dates.slice(0, 2) as [string, ...string[]])],
      ["list", ["a", "\u{1f642}"]],
    ]) as StoredMetadata;
    return row(`document ${number}`, 0, { metadata });
  });
  await index.write(...written);
  let refusals = 0;
  for (let run = 0; run < hostileRuns; run++) {
    const filter = tree(2);
    const about = `run ${run}: ${JSON.stringify(filter)}`;
    const answer = await index.search({ limit: 40, filter, lexical: terms({ 1: 1 }) }).catch((error: unknown) => {
      expect(error, about).toMatchObject({ name: "FilterError" });
      refusals++;
    });
    if (answer === undefined) continue;
    const expected = written.filter(({ metadata }) => evaluateFilter(filter, metadata)).map(({ id }) => id);
    expect(
      answer.lexical?.map(({ id }) => id),
      about,
    ).toEqual(expected.toSorted());
  }
  expect(refusals).toBeLessThan(hostileRuns / 2);
}
