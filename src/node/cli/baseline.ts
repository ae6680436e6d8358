import { readFile } from "node:fs/promises";
import { ConfigError, SnapshotError } from "../../errors.ts";
import { compare, holm, type Comparison, type Evaluation } from "../../eval/index.ts";
import { meanOf } from "../../eval/statistics.ts";
import { writeAtomically } from "../atomic-file.ts";
import { errorCode, fileError } from "../disk.ts";

/** What a collection's queries scored when all was well: a file beside the code. */
export interface Baseline {
  readonly format: "groundline-baseline";
  readonly version: 1;
  readonly topK: number;
  readonly budget?: number;
  readonly perQuery: Evaluation["perQuery"];
}

/** One metric, then and now, on the queries that both have. */
export interface Verdict {
  readonly metric: string;
  readonly before: number;
  readonly now: number;
  /** p is corrected across the metrics (Holm). */
  readonly comparison: Comparison;
  readonly fell: boolean;
}

export interface Change {
  readonly queryId: string;
  readonly before: number;
  readonly now: number;
}

type Scores = Pick<Evaluation, "mean" | "perQuery">;

const level = 0.05;

export async function readBaseline(file: string): Promise<Baseline | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw fileError("read", file, error);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new SnapshotError(`${file}: expected a baseline, received something that is no JSON`, { cause });
  }
  if (!isBaseline(parsed)) throw new SnapshotError(`${file}: expected a baseline that this release can read`);
  return parsed;
}

function isBaseline(value: unknown): value is Baseline {
  if (typeof value !== "object" || value === null) return false;
  const { format, version, topK, perQuery } = value as Readonly<Record<string, unknown>>;
  if (format !== "groundline-baseline" || version !== 1 || typeof topK !== "number") return false;
  if (typeof perQuery !== "object" || perQuery === null) return false;
  return Object.values(perQuery).every(
    (scores: unknown) =>
      typeof scores === "object" && scores !== null && Object.values(scores).every((score) => Number.isFinite(score)),
  );
}

export async function writeBaseline(file: string, baseline: Omit<Baseline, "format" | "version">): Promise<void> {
  const text = JSON.stringify({ format: "groundline-baseline", version: 1, ...baseline }, undefined, 1);
  await writeAtomically(file, [new TextEncoder().encode(`${text}\n`)]);
}

/** Whether any metric fell beyond chance. */
export function verdictsOf(baseline: Baseline, evaluation: Evaluation, seed: number): readonly Verdict[] {
  const common = Object.keys(evaluation.perQuery).filter((id) => Object.hasOwn(baseline.perQuery, id));
  if (common.length < 2)
    throw new ConfigError(`--baseline: expected two of these queries in it, received ${common.length}`);
  // Queries without a true span have fewer metrics, and may get one after the baseline was written.
  const shared = Object.keys(evaluation.mean).flatMap((metric) => {
    const ids = common.filter((id) =>
      [baseline, evaluation].every((each) => each.perQuery[id]?.[metric] !== undefined),
    );
    return ids.length < 2 ? [] : { metric, before: scoresOf(baseline, ids), now: scoresOf(evaluation, ids) };
  });
  if (shared.length === 0) {
    const known = new Set(common.flatMap((id) => Object.keys(baseline.perQuery[id] ?? {})));
    throw new ConfigError(
      `--baseline: expected some of ${Object.keys(evaluation.mean).join(", ")} in it, received ${[...known].join(", ") || "no metric"}`,
    );
  }
  const compared = shared.map(({ metric, before, now }) => ({
    metric,
    before: meanIn(before, metric),
    now: meanIn(now, metric),
    comparison: compare(now, before, { metric, seed }),
  }));
  const adjusted = holm(compared.map(({ comparison }) => comparison.p));
  return compared.map(({ comparison, ...verdict }, index) => {
    const p = adjusted[index] ?? comparison.p;
    return { ...verdict, comparison: { ...comparison, p }, fell: comparison.difference < 0 && p < level };
  });
}

/** Of these queries alone. */
function scoresOf({ perQuery }: Pick<Evaluation, "perQuery">, ids: readonly string[]): Scores {
  return { mean: {}, perQuery: Object.fromEntries(ids.map((id) => [id, perQuery[id] ?? {}])) };
}

/** The queries that changed most, the worst first. */
export function changesOf(
  baseline: Baseline,
  { perQuery }: Evaluation,
  metric: string,
  count: number,
): readonly Change[] {
  const changes = Object.entries(perQuery).flatMap(([queryId, scores]) => {
    const [before, now] = [baseline.perQuery[queryId]?.[metric], scores[metric]];
    return before === undefined || now === undefined || before === now ? [] : { queryId, before, now };
  });
  const most = changes.toSorted((a, b) => Math.abs(b.now - b.before) - Math.abs(a.now - a.before)).slice(0, count);
  return most.toSorted((a, b) => a.now - a.before - (b.now - b.before));
}

function meanIn({ perQuery }: Scores, metric: string): number {
  return meanOf(Object.values(perQuery).flatMap((scores) => scores[metric] ?? []));
}
