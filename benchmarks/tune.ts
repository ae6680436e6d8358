import { pathToFileURL } from "node:url";
import { cl100k } from "../adapters/tokens.ts";
import { randomBits, shuffled } from "../src/eval/random.ts";
import { tune, type Budget, type EvalQuery, type TuneOptions } from "../src/eval/index.ts";
import { ConfigError, fixed, markdown, memory, recursive, sentences } from "../src/index.ts";
import { fileCache } from "../src/node/file-cache.ts";
import { analyzerAsked, analyzerFlag } from "./analyzers.ts";
import { outputFlags, runCommand, type Arguments } from "./arguments.ts";
import { aboutLines, checkTitles, collectionFlags, collectionOf } from "./collection.ts";
import { endpointEmbedder, modelFlags } from "./models.ts";
import { pastedBase } from "./pasted.ts";
import { progress } from "./progress.ts";
import { tuningText } from "./tuning-text.ts";

/** Which chunk size, overlap, topK and fusion weight serve a collection best, and how much of the gain is luck. */

const chunkers = { recursive, sentences, fixed, markdown };
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
      about: "weights of the dense leg, where there is one; 0.1,0.3,0.5,0.7 where none are given",
    },
    k1: { value: "N,N,…", about: "of BM25" },
    b: { value: "N,N,…", about: "of BM25" },
    budget: { value: "N", about: "tokens (cl100k) that the answer model is given; 1000 where no budget is given" },
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
  if (characters !== undefined && given.value("budget") !== undefined) {
    throw new ConfigError("--characters: expected no --budget, which is the same in tokens");
  }
  const [sample] = given.numbers("queries", 1);
  const budget: Budget = characters === undefined ? { tokens, tokenizer: await cl100k() } : { characters };
  const { documents, queries, seed, about } = await collectionOf(given, (all, lot) => sampled(all, sample, lot));
  await checkTitles(documents, given.operand);
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
  const context = characters === undefined ? `${tokens} tokens` : `${characters} characters`;
  console.log(tuningText(report, context, await pastedBase(given, given.on("latent"))));
}

async function askedFor(
  given: Arguments<keyof typeof command.flags>,
): Promise<Required<Pick<TuneOptions, "base" | "space">>> {
  const analyzer = await analyzerAsked(given);
  const embedder = endpointEmbedder(given);
  const latent = given.on("latent");
  const weights = given.numbers("dense-weight", 0);
  if (weights.length > 0 && embedder === undefined && !latent) {
    throw new ConfigError("--dense-weight: expected a dense leg: --latent, or --embedder-url and --embedder-model");
  }
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
      ...((embedder || latent) && { denseWeight: weights.length > 0 ? weights : [0.1, 0.3, 0.5, 0.7] }),
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await runCommand(command, main);
