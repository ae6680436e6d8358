import type { TuningChoice, TuningReport } from "../src/eval/index.ts";
import { signed } from "./comparison.ts";
import { table } from "./table.ts";

/** What tune says, in words and tables. */

/** More rows than this say less. */
const ROWS = 20;

/** The report in words and tables, and code to paste, of which `base` comes first. */
export function tuningText(report: TuningReport, context: string, base = ""): string {
  const { metric, moved, chosen, heldOutGain, interval, optimism, depths, surface, standard } = report;
  const score = metric === "spanRecall@budget" ? `${metric}, ${context}` : metric;
  const verdict = moved
    ? `Chosen instead of the default: ${signed(heldOutGain)} (95 %: ${interval.map(signed).join(" to ")}) on queries it was not chosen by.`
    : `The default stays. ${challengerText(report)}`;
  const other = moved || !isSame(report.challenger.choice, standard);
  return [
    `${score}:`,
    "",
    combinationTable(report),
    "",
    ...(surface === undefined ? [] : [`${score}, at each topK:`, "", surfaceTable(surface), ""]),
    verdict,
    ...(other
      ? [`On the queries that chose it, it looked ${signed(optimism)} better than that: so much was luck.`]
      : []),
    `topK ${chosen.topK}: the fewest hits that lose nothing (${depths.map(({ topK, score: at }) => `${topK}: ${at.toFixed(3)}`).join(", ")}).`,
    ...report.notes,
    "",
    ...(base === "" ? [] : [base]),
    chosen.source,
  ].join("\n");
}

/** What came of the best one, where the default stays. */
export function challengerText({ challenger, standard, table: rows }: TuningReport): string {
  if (rows.length === 1) return "There is no other to choose.";
  const { heldOut, interval, p, choice } = challenger;
  const came = `${heldOut < 0 ? "lost" : "gained"} ${Math.abs(heldOut).toFixed(3)} (95 %: ${interval.map(signed).join(" to ")}, p ${p.toFixed(3)})`;
  if (isSame(choice, standard) && interval.every((end) => end === 0)) {
    return "None of the others was better by more than one standard error, on all queries and on any four fifths of them.";
  }
  return isSame(choice, standard)
    ? `None of the others was better by more than one standard error; what any four fifths of the queries chose ${came} on the other fifth.`
    : `The best of the others ${came} on queries it was not chosen by.`;
}

const settings = ["chunker", "size", "overlap", "candidates", "denseWeight", "k1", "b", "rerank"] as const;

/** topK apart. */
function isSame(a: TuningChoice, b: TuningChoice): boolean {
  return settings.every((name) => a[name] === b[name]);
}

function combinationTable({ table: rows, standard, queries }: TuningReport): string {
  const shown = rows.slice(0, ROWS);
  const isStandard = (row: TuningChoice): boolean => isSame(row, standard);
  const rest = rows.slice(ROWS).filter(isStandard);
  const varied = (["denseWeight", "k1", "b", "candidates", "rerank"] as const).filter(
    (name) => new Set(rows.map((row) => row[name])).size > 1,
  );
  // Scores on other queries are not to be compared.
  const partly = rows.some((row) => row.queries < queries);
  const lines = [...shown, ...rest].map((row) => [
    row.chunker,
    row.size,
    row.overlap,
    ...varied.map((name) => row[name]),
    row.chunks,
    ...(partly ? [row.queries] : []),
    row.score.toFixed(3),
    signed(row.gain),
    ...(isStandard(row) ? ["default"] : [""]),
  ]);
  const left = rows.length - lines.length;
  return (
    table(
      [
        "chunker",
        "size",
        "overlap",
        ...varied,
        "chunks",
        ...(partly ? ["queries"] : []),
        "score",
        "to the default",
        "",
      ],
      lines,
    ) +
    (left > 0 ? `\n… and ${left} more` : "") +
    (partly ? "\nEach was read on the first of the queries that tell: compare the differences, not the scores." : "")
  );
}

function surfaceTable(surface: Required<TuningReport>["surface"]): string {
  const topKs = [...new Set(surface.map(({ topK }) => topK))];
  const chunkings = new Map<string, { readonly topK: number; readonly score: number }[]>();
  const sorted = surface.toSorted(
    (a, b) => (a.chunker < b.chunker ? -1 : Number(a.chunker > b.chunker)) || a.overlap - b.overlap || a.size - b.size,
  );
  for (const { chunker, size, overlap, topK, score } of sorted) {
    const label = `${chunker} ${size}, overlap ${overlap}`;
    const known = chunkings.get(label) ?? [];
    chunkings.set(label, known);
    known.push({ topK, score });
  }
  return table(
    ["chunks \\ topK", ...topKs.map(String)],
    Array.from(chunkings, ([label, cells]) => [
      label,
      ...topKs.map((wanted) => cells.find(({ topK }) => topK === wanted)?.score.toFixed(3)),
    ]),
  );
}
