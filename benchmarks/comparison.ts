import { compare, holm, type Comparison, type Evaluation } from "../src/eval/index.ts";
import type { Cell } from "./table.ts";

/** Each evaluation compared with the first, p corrected across them by Holm; the first with nothing. */
export function againstFirst(
  evaluations: readonly Pick<Evaluation, "mean" | "perQuery">[],
  metric: string,
  seed: number,
): readonly (Comparison | undefined)[] {
  const [first, ...others] = evaluations;
  if (first === undefined) return [];
  const comparisons = others.map((evaluation) => compare(evaluation, first, { metric, seed }));
  const adjusted = holm(comparisons.map(({ p }) => p));
  return [
    undefined,
    ...comparisons.map((comparison, index) => ({ ...comparison, p: adjusted[index] ?? comparison.p })),
  ];
}

export const comparisonHeads: readonly string[] = ["to the first row", "95 %", "p (Holm)", "detectable"];

export function comparisonCells(comparison: Comparison | undefined): readonly Cell[] {
  if (comparison === undefined) return [];
  const { difference, interval, p, detectable } = comparison;
  return [signed(difference), interval.map(signed).join(" "), p.toFixed(4), detectable.toFixed(3)];
}

export function signed(value: number): string {
  return `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(3)}`;
}
