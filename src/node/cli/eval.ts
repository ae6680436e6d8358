import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError, quoted, unexpected } from "../../errors.ts";
import { evaluate, type Evaluation } from "../../eval/index.ts";
import { isSearchable } from "../../eval/inputs.ts";
import { createRetriever } from "../../retriever.ts";
import type { Searchable } from "../../retriever-types.ts";
import { readBeir } from "../beir.ts";
import { changesOf, readBaseline, verdictsOf, writeBaseline, type Baseline, type Verdict } from "./baseline.ts";
import type { Arguments, Command } from "./command.ts";
import { table } from "./table.ts";

/** Letters of a query that are shown. */
const LONGEST = 60;

type Flags = "split" | "retriever" | "top-k" | "budget" | "baseline" | "update" | "changes" | "seed" | "json" | "help";

export const evalCommand: Command<Flags> = {
  name: "npx groundline eval",
  about: `Measures retrieval on a labelled collection in BEIR's layout, and compares it with a baseline: exits with 1 when a metric fell
beyond chance (paired randomisation test, p < .05, Holm across the metrics), and names the queries that changed most.
FOLDER has corpus.jsonl, queries.jsonl, qrels/test.tsv and, where there are true spans, spans.jsonl: docs/tuning.md of the package
says what is in them.`,
  operand: "FOLDER",
  flags: {
    split: { value: "NAME", about: "which of qrels/NAME.tsv", default: "test" },
    retriever: {
      value: "FILE",
      about:
        "a module that exports retriever: one that is filled, or a function of the documents (default: BM25 on the corpus)",
    },
    "top-k": { value: "N", about: "hits asked for", default: "10" },
    budget: { value: "N", about: "characters of context, for collections with true spans" },
    baseline: { value: "FILE", about: "what to compare with" },
    update: { about: "write the baseline instead of comparing with it" },
    changes: { value: "N", about: "queries to name", default: "10" },
    seed: { value: "N", about: "of the tests", default: "1" },
    json: { about: "print JSON" },
    help: { about: "print this" },
  },
};

/** Exit code 1 where a metric fell, and only there. */
export async function runEval(given: Arguments<Flags>): Promise<void> {
  const file = given.value("baseline");
  if (given.on("update") && file === undefined) throw new ConfigError("--update: expected --baseline FILE too");
  if (file !== undefined && !existsSync(dirname(resolve(file)))) {
    throw new ConfigError(`--baseline: there is no folder ${dirname(resolve(file))}`);
  }
  const [topK = 10] = given.numbers("top-k", 1);
  const [budget] = given.numbers("budget", 1);
  const [seed = 1] = given.numbers("seed", 0);
  const [count = 10] = given.numbers("changes", 0);
  const baseline = file === undefined || given.on("update") ? undefined : await readBaseline(file);
  if (file !== undefined && baseline === undefined && !given.on("update")) {
    throw new ConfigError(`--baseline: there is no ${file}; --update writes it`);
  }
  if (baseline !== undefined && (baseline.topK !== topK || baseline.budget !== budget)) {
    const made = `--top-k ${baseline.topK}${baseline.budget === undefined ? "" : ` --budget ${baseline.budget}`}`;
    throw new ConfigError(`--baseline: it was made with ${made}; scores at another depth cannot be compared`);
  }
  const { documents, queries, missing } = await readBeir(given.operand, { split: given.value("split") ?? "test" });
  const retriever = await retrieverOf(given.value("retriever"), documents);
  const evaluation = await evaluate(retriever, queries, {
    topK,
    ...(budget !== undefined && { budget: { characters: budget } }),
  });
  const { mean, perQuery, misses, degraded } = evaluation;
  if (given.on("update") && file !== undefined) {
    await writeBaseline(file, { topK, ...(budget !== undefined && { budget }), perQuery });
  }
  const verdicts = baseline === undefined ? [] : verdictsOf(baseline, evaluation, seed);
  const changes = baseline === undefined ? [] : changesOf(baseline, evaluation, verdicts[0]?.metric ?? "", count);
  if (verdicts.some(({ fell }) => fell)) process.exitCode = 1;
  if (given.on("json")) {
    console.log(JSON.stringify({ mean, verdicts, changes, misses, missing, degraded }, undefined, 2));
    return;
  }
  const remarks = [...partlyMeasured(evaluation), ...missingDocuments(missing), ...degradedAnswers(evaluation)];
  if (baseline === undefined) {
    const rows = Object.entries(mean).map(([metric, value]) => [metric, value.toFixed(4)]);
    console.log(table(["metric", `mean of ${queries.length} queries`], rows));
    for (const line of remarks) console.log(line);
    if (given.on("update")) console.log(`\nWritten to ${file}.`);
    return;
  }
  console.log(comparisonTable(verdicts));
  const uncompared = uncomparedMetrics(baseline, evaluation, verdicts);
  for (const line of [...differingQueries(baseline, evaluation), ...uncompared, ...remarks]) console.log(line);
  const [headline] = verdicts;
  if (headline !== undefined && changes.length > 0) {
    console.log(`\nQueries whose ${headline.metric} changed most:`);
    const texts = new Map(queries.map(({ id, text }) => [id, text]));
    const rows = changes.map(({ queryId, before, now }) => [
      queryId,
      before.toFixed(3),
      now.toFixed(3),
      shortened(texts.get(queryId) ?? ""),
    ]);
    console.log(table(["query", "before", "now", "text"], rows));
  }
  const fallen = verdicts.filter(({ fell }) => fell).map(({ metric }) => metric);
  console.log(fallen.length > 0 ? `\nFell: ${fallen.join(", ")}.` : "\nNo metric fell beyond chance.");
}

/** For one line of a table. */
function shortened(text: string): string {
  const letters = Array.from(text.replaceAll(/\s+/gu, " "));
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join("")}…` : letters.join("");
}

function comparisonTable(verdicts: readonly Verdict[]): string {
  return table(
    ["metric", "before", "now", "difference", "95 %", "p (Holm)", ""],
    verdicts.map(({ metric, before, now, comparison, fell }) => [
      metric,
      before.toFixed(4),
      now.toFixed(4),
      signed(comparison.difference),
      comparison.interval.map(signed).join(" "),
      comparison.p.toFixed(4),
      fell ? "fell" : "",
    ]),
  );
}

function differingQueries({ perQuery }: Baseline, evaluation: Evaluation): readonly string[] {
  const fresh = Object.keys(evaluation.perQuery).filter((id) => !Object.hasOwn(perQuery, id)).length;
  const gone = Object.keys(perQuery).filter((id) => !Object.hasOwn(evaluation.perQuery, id)).length;
  return fresh + gone === 0 ? [] : [`\n${fresh} queries are new and ${gone} are gone: they are not compared.`];
}

function uncomparedMetrics(
  { perQuery }: Baseline,
  { mean }: Evaluation,
  verdicts: readonly Verdict[],
): readonly string[] {
  const compared = new Set(verdicts.map(({ metric }) => metric));
  const before = Object.values(perQuery).flatMap((scores) => Object.keys(scores));
  const others = [...new Set([...before, ...Object.keys(mean)])].filter((metric) => !compared.has(metric));
  return others.length === 0
    ? []
    : [`\nNot compared, because fewer than two queries have it both then and now: ${others.join(", ")}.`];
}

function partlyMeasured({ perQuery }: Evaluation): readonly string[] {
  const all = Object.values(perQuery);
  const { length } = all.filter((scores) => Object.keys(scores).some((metric) => metric.startsWith("span")));
  return length === 0 || length === all.length
    ? []
    : [`\nSpan metrics are those of the ${length} queries that have true spans.`];
}

function missingDocuments(missing: readonly string[]): readonly string[] {
  const [first] = missing;
  return first === undefined
    ? []
    : [`\n${missing.length} judged documents are not in corpus.jsonl, e.g. ${quoted(first)}: no search can find them.`];
}

function degradedAnswers({ degraded }: Evaluation): readonly string[] {
  const counts = new Map<string, number>();
  for (const { stage, reason } of degraded) {
    const what = `${stage}: ${reason}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return Array.from(counts, ([what, count]) => `\n${count} answers lack a part, and count as they came: ${what}.`);
}

function signed(value: number): string {
  return `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(4)}`;
}

async function retrieverOf(file: string | undefined, documents: Parameters<Filling>[0]): Promise<Searchable> {
  if (file === undefined) {
    const retriever = createRetriever();
    // Nothing filters by metadata here, and a collection's may be none that a store can hold.
    await retriever.index(
      documents.map(({ id, text, title }) => ({ id, text, ...(title !== undefined && { title }) })),
    );
    return retriever;
  }
  if (!existsSync(file)) throw new ConfigError(`--retriever: there is no ${file}`);
  const module = (await import(pathToFileURL(resolve(file)).href)) as { readonly retriever?: unknown };
  const made: unknown =
    typeof module.retriever === "function" ? await (module.retriever as Filling)(documents) : module.retriever;
  if (!isSearchable(made)) {
    throw unexpected(
      "--retriever",
      `${quoted(file)} to export retriever, with a search method or as a function that gives one`,
      made,
    );
  }
  return made;
}

type Filling = (documents: Awaited<ReturnType<typeof readBeir>>["documents"]) => unknown;
