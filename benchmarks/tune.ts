import { pathToFileURL } from "node:url";
import { cl100k } from "../adapters/tokens.ts";
import { randomBits, shuffled } from "../src/eval/random.ts";
import {
  tune,
  type Budget,
  type EvalQuery,
  type TuneOptions,
  type TuningChoice,
  type TuningReport,
} from "../src/eval/index.ts";
import { ConfigError, fixed, markdown, memory, recursive, sentences } from "../src/index.ts";
import { fileCache } from "../src/node/file-cache.ts";
import { analyzerFlag, analyzerNamed } from "./analyzers.ts";
import { outputFlags, runCommand, type Arguments } from "./arguments.ts";
import { aboutLines, collectionFlags, collectionOf } from "./collection.ts";
import { signed } from "./comparison.ts";
import { endpointEmbedder, modelFlags } from "./models.ts";
import { progress } from "./progress.ts";
import { table } from "./table.ts";

/** Which chunk size, overlap, topK and fusion weight serve a collection best, and how much of the gain is luck. */

const chunkers = { recursive, sentences, fixed, markdown };
/** More rows than this say less. */
const ROWS = 20;

const command = {
  name: "tune",
  about: `Which chunk size, overlap, topK and fusion weight to use for a collection in BEIR's layout, beside the default of 600
characters and a quarter of overlap. With true spans: by the share of them inside a context budget, the only fair ground
for chunks of different sizes. Without: by nDCG@10 over documents. docs/tuning.md says how to read it.`,
  operand: "FOLDER",
  flags: {
    data: { value: "FOLDER", about: "the same as FOLDER" },
    ...collectionFlags("sample, folds and tests"),
    chunker: { value: "NAME,…", about: `of ${Object.keys(chunkers).join(", ")}`, default: "recursive" },
    size: { value: "N,N,…", about: "chunk sizes in characters", default: "200,300,400,600,800,1200" },
    overlap: { value: "N,N,…", about: "shares below 1, or characters", default: "0,0.25" },
    "top-k": { value: "N,N,…", about: "hits asked for", default: "5,10,20,30,50,100" },
    "dense-weight": {
      value: "N,N,…",
      about: "weights of the dense leg, where there is one",
      default: "0.1,0.3,0.5,0.7",
    },
    k1: { value: "N,N,…", about: "of BM25" },
    b: { value: "N,N,…", about: "of BM25" },
    budget: { value: "N", about: "tokens (cl100k) that the answer model is given", default: "1000" },
    characters: { value: "N", about: "the budget in characters instead" },
    queries: { value: "N", about: "a random sample of so many" },
    analyzer: analyzerFlag,
    latent: { about: "with the dense leg that needs no model" },
    halving: { about: "give combinations up early instead of reading all of them on all queries" },
    cache: { value: "FILE", about: "keeps vectors and searches: a run that was ended goes on, the next one is fast" },
    ...modelFlags,
    ...outputFlags,
  },
} as const;

async function main(given: Arguments<keyof typeof command.flags>): Promise<void> {
  const [characters] = given.numbers("characters", 1);
  const [tokens = 1000] = given.numbers("budget", 1);
  const [sample] = given.numbers("queries", 1);
  const budget: Budget = characters === undefined ? { tokens, tokenizer: await cl100k() } : { characters };
  const { documents, queries, seed, about } = await collectionOf(given, (all, lot) => sampled(all, sample, lot));
  const path = given.value("cache");
  const cache = path === undefined ? undefined : await fileCache(path);
  const bar = progress("tune");
  const report = await tune({
    documents,
    queries,
    budget,
    seed,
    search: given.on("halving") ? "halving" : "grid",
    ...(await askedFor(given)),
    ...(cache && { cache }),
    onProgress: (done, total, { chunks, left }) =>
      bar.update(done, total, `${chunks}${left === undefined ? "" : `, ${Math.ceil(left)} s left`}`),
  }).finally(() => cache?.close());
  bar.end();
  if (given.on("json")) {
    const shown = characters === undefined ? { tokens, tokenizer: "cl100k" } : { characters };
    console.log(JSON.stringify({ benchmark: "tune", ...about, budget: shown, report }, null, 2));
    return;
  }
  console.log(`${aboutLines(about)}\n`);
  console.log(tuningText(report, characters === undefined ? `${tokens} tokens` : `${characters} characters`));
}

async function askedFor(
  given: Arguments<keyof typeof command.flags>,
): Promise<Required<Pick<TuneOptions, "base" | "space">>> {
  const named = given.value("analyzer") ?? "english";
  const analyzer = named === "english" ? undefined : await analyzerNamed(named);
  const embedder = endpointEmbedder(given);
  const latent = given.on("latent");
  const names = (given.value("chunker") ?? "").split(",");
  const unknown = names.find((name) => !Object.hasOwn(chunkers, name));
  if (unknown !== undefined) {
    throw new ConfigError(`--chunker: expected some of ${Object.keys(chunkers).join(", ")}, received ${unknown}`);
  }
  const [k1, b] = [given.numbers("k1", 0), given.numbers("b", 0)];
  return {
    base: {
      ...(embedder && { embedder }),
      ...(analyzer && { analyzer }),
      ...(latent && { store: memory({ latent }) }),
    },
    space: {
      chunker: Object.fromEntries(names.map((name) => [name, chunkers[name as keyof typeof chunkers]])),
      size: given.numbers("size", 1),
      overlap: given.numbers("overlap", 0),
      topK: given.numbers("top-k", 1),
      ...((embedder || latent) && { denseWeight: given.numbers("dense-weight", 0) }),
      ...(k1.length > 0 && { k1 }),
      ...(b.length > 0 && { b }),
    },
  };
}

function sampled(queries: readonly EvalQuery[], count: number | undefined, seed: number): readonly EvalQuery[] {
  if (count === undefined) return queries;
  const chosen = new Set(shuffled(queries.length, randomBits(seed)).slice(0, count));
  return queries.filter((_, index) => chosen.has(index));
}

/** The report in words and tables. */
export function tuningText(report: TuningReport, context: string): string {
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
    chosen.source,
  ].join("\n");
}

/** What came of the best one, where the default stays. */
function challengerText({ challenger, standard }: TuningReport): string {
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await runCommand(command, main);
