import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { codeTerms, ConfigError, english, lucene, memory, unicode } from "../src/index.ts";
import { bm25, bm25FromBytes, type Bm25Index } from "../src/lexical/bm25.ts";
import { encodeTerms } from "../src/lexical/terms.ts";
import { readBeir } from "../src/node/beir.ts";
import type { Analyzer, FilterTree, PortOptions } from "../src/types.ts";
import { outputFlags, runCommand, seedFlag, splitFlag, type Arguments } from "./arguments.ts";
import { medianOf } from "./averages.ts";
import { ours, type TextEngine, type TextPeer, textPeersIn } from "./lexical-peers.ts";
import { bytesAlive, cpuOf } from "./cost.ts";
import { progress } from "./progress.ts";
import { rankedChunk } from "./ranked-chunk.ts";
import { settingOf } from "./setting.ts";
import { sheets, type Sheets } from "./sheets.ts";
import { random } from "./vector-sets.ts";
import { zipfTexts } from "./zipf-texts.ts";

const topK = 10;

const command = {
  name: "lexical",
  about: "CPU, memory and bytes of groundline/bm25 beside other packages, on made-up texts and on a collection.",
  operand: "FOLDER",
  flags: {
    documents: { value: "N", about: "made up", default: "100000" },
    large: { value: "N", about: "made up for groundline alone; 0 for none", default: "500000" },
    queries: { value: "N", about: "asked of every engine", default: "200" },
    split: splitFlag,
    peers: { value: "FOLDER", about: "where other packages are installed", default: join(tmpdir(), "lexical-peers") },
    seed: seedFlag("made-up texts, queries and filters"),
    ...outputFlags,
  },
} as const;

interface Texts {
  readonly name: string;
  readonly analyzer: () => Analyzer;
  readonly count: number;
  document(number: number): string;
  readonly queries: readonly string[];
}

interface Built {
  readonly peer: TextPeer;
  readonly engine: TextEngine;
  readonly indexing: number;
  readonly bytes: number;
}

const idOf = (number: number): string => `doc-${number}`;

/** Two digits after the point, or three digits in all. */
const digits = (value: number): string => (value >= 10 ? value.toFixed(0) : value.toPrecision(3));
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

function built(peer: TextPeer, texts: Texts): Built {
  const { name, count } = texts;
  const step = progress(`${name}: building ${peer.name}`);
  const documents = Array.from({ length: count }, (_, number) => texts.document(number));
  // One of its own that has met the words, so that no engine pays for another's.
  const mine = texts.analyzer();
  for (const text of documents) mine.terms(text);
  const before = bytesAlive();
  const engine = peer.create(mine);
  const indexing = cpuOf(() => {
    documents.forEach((text, number) => engine.add(idOf(number), text));
    engine.ready();
  });
  const bytes = bytesAlive() - before;
  step.end();
  return { peer, engine, indexing, bytes };
}

/** Each in turn; few documents several times, and the median of the times counts. */
function builtInTurn(peers: readonly TextPeer[], texts: Texts): readonly Built[] {
  const rounds = texts.count > 20_000 ? 1 : 5;
  const indexing = peers.map((): number[] => []);
  for (let round = 1; round < rounds; round++) {
    for (const [number, peer] of peers.entries()) indexing[number]?.push(built(peer, texts).indexing);
  }
  return peers.map((peer, number) => {
    const last = built(peer, texts);
    return { ...last, indexing: medianOf([...(indexing[number] ?? []), last.indexing]) };
  });
}

/** Milliseconds of CPU: long enough for a turn to pay for its own garbage, and little of that of the one before. */
const TURN = 400;

/**
 * Each engine in turn goes on through the queries, twenty at a time, for as long as a turn is, until each has been asked
 * all of them and has had nine turns; the median of the turns. What it costs to collect what an engine leaves behind is
 * part of what it costs.
 */
function searchCpu(engines: readonly TextEngine[], queries: readonly string[]): readonly number[] {
  const runs = engines.map((engine) => ({ engine, asked: 0, times: [] as number[] }));
  const turn = (run: (typeof runs)[number]): void => {
    const { engine, asked } = run;
    let time = 0;
    while (time < TURN) {
      time += cpuOf(() => {
        for (let i = 0; i < 20; i++) engine.search(queries[run.asked++ % queries.length] ?? "", topK);
      });
    }
    run.times.push(time / (run.asked - asked));
  };
  // Compiled by then.
  runs.forEach(turn);
  for (const run of runs) run.times.pop();
  while (runs.some(({ asked, times }) => asked < queries.length || times.length < 9)) runs.forEach(turn);
  return runs.map(({ times }) => medianOf(times));
}

async function compare(out: Sheets, texts: Texts, peers: readonly TextPeer[], folder: string): Promise<void> {
  const engines = builtInTurn([ours, ...peers], texts);
  const searching = searchCpu(
    engines.map(({ engine }) => engine),
    texts.queries,
  );
  const [mine = Number.NaN] = searching;
  const rows = engines.map(({ peer, indexing, bytes, engine }, number) => {
    const step = progress(`${texts.name}: saving and loading ${peer.name}`);
    const saved = engine.save();
    const size = Buffer.byteLength(saved);
    const opening = openingCpu(peer, saved, texts, folder);
    step.end();
    return { name: peer.name, search: searching[number] ?? 0, indexing, bytes, size, ...opening };
  });
  const [base] = rows;
  if (base === undefined) return;
  const ratio = (value: number, ofOurs: number): string => (value === ofOurs ? "" : ` (${digits(value / ofOurs)}×)`);
  out.add(
    `## ${texts.name}: ${texts.count} documents, ${texts.analyzer().fingerprint} for all`,
    ["", "CPU ms per query", "CPU s to index", "MB in memory", "MB saved", "CPU ms to load", "and search once"],
    rows.map(({ name, search, indexing, bytes, size, load, loadAndSearch }) => [
      name,
      digits(search) + ratio(search, mine),
      digits(indexing / 1000) + ratio(indexing, base.indexing),
      megabytes(bytes) + ratio(bytes, base.bytes),
      megabytes(size) + ratio(size, base.size),
      digits(load) + ratio(load, base.load),
      digits(loadAndSearch) + ratio(loadAndSearch, base.loadAndSearch),
    ]),
  );
}

interface Opening {
  readonly load: number;
  /** What is read late is paid for by then. */
  readonly loadAndSearch: number;
}

/** In a process of its own, as a service loads when it starts. Medians of five. */
function openingCpu(peer: TextPeer, saved: Uint8Array | string, texts: Texts, folder: string): Opening {
  const file = join(tmpdir(), `lexical-${process.pid}`);
  writeFileSync(file, saved);
  const load = JSON.stringify({ file, peer: peer.name, folder, query: texts.queries[0] });
  const times = Array.from({ length: 5 }, (): Opening => {
    const answer = execFileSync(process.execPath, [import.meta.filename, "--load", load], {
      encoding: "utf8",
      // What it says of absent packages was said before.
      stdio: ["ignore", "pipe", "ignore"],
    });
    return JSON.parse(answer) as Opening;
  });
  rmSync(file);
  return {
    load: medianOf(times.map((one) => one.load)),
    loadAndSearch: medianOf(times.map((one) => one.loadAndSearch)),
  };
}

async function loadAlone(asked: string): Promise<void> {
  const { file, peer: name, folder, query } = JSON.parse(asked) as Readonly<Record<string, string>>;
  const peer = [ours, ...(await textPeersIn(folder ?? ""))].find((one) => one.name === name) ?? ours;
  // All analyzers are alike to a search that looks up one query.
  const fingerprints = [english(), unicode()];
  const bytes = readFileSync(file ?? "");
  const saved = peer === ours ? new Uint8Array(bytes) : bytes.toString();
  const analyzer = fingerprints.find((one) => bytes.includes(one.fingerprint)) ?? unicode();
  // The engine compiles in other threads for a while what the start of the process has used.
  await setTimeout(200);
  let engine: TextEngine | undefined;
  const load = cpuOf(() => (engine = peer.load(saved, analyzer)));
  const search = cpuOf(() => engine?.search(query ?? "", topK));
  console.log(JSON.stringify({ load, loadAndSearch: load + search } satisfies Opening));
}

const portOptions: PortOptions = { signal: new AbortController().signal };

/** Wall-clock p50 of each, in turn query by query. */
async function medians(
  runners: Readonly<Record<string, (query: string) => unknown>>,
  queries: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number[]>(Object.keys(runners).map((name) => [name, []]));
  for (let round = 0; round < 4; round++) {
    for (const query of queries) {
      for (const [name, run] of Object.entries(runners)) {
        const start = performance.now();
        await run(query);
        if (round > 0) times.get(name)?.push(performance.now() - start); // compiled by then
      }
    }
  }
  return new Map([...times].map(([name, all]) => [name, medianOf(all)]));
}

/** One document in a hundred passes, by its id and by a number in its metadata. */
async function filters(out: Sheets, texts: Texts, seed: number): Promise<void> {
  const { count, queries } = texts;
  const analyzer = texts.analyzer();
  const next = random(seed);
  const rank = Float64Array.from({ length: count }, () => Math.floor(next() * 1000));
  const passing = new Set(Array.from({ length: count }, (_, at) => at).filter((at) => (rank[at] ?? 0) < 10));
  const index = bm25({ analyzer });
  const store = memory();
  const spec = {
    fingerprint: {},
    fields: { rank: { kind: "number", array: false } },
    tenancy: false,
    lexical: { k1: 1.2, b: 0.75, averageLength: 72 },
  } as const;
  const opened = await store.prepare(spec, portOptions);
  const scope = { generation: opened?.generation ?? "", tenant: null };
  for (let at = 0; at < count; at++) {
    const text = texts.document(at);
    index.add(idOf(at), text);
    const terms = encodeTerms(analyzer, text);
    const chunk = rankedChunk(idOf(at), rank[at] ?? 0, { terms });
    await store.replace({ scope, documents: [{ id: chunk.id, chunks: [chunk] }] }, portOptions);
  }
  const inStore = (query: string, filter?: FilterTree): Promise<unknown> =>
    store.search(
      {
        scope,
        limit: topK,
        lexical: encodeTerms(analyzer, query),
        ...(filter && { filter }),
      },
      portOptions,
    );
  const ids = new Set([...passing].map(idOf));
  const set = index.ids(ids);
  const p50 = await medians(
    {
      "groundline/bm25": (query) => index.search(query, { topK }),
      "groundline/bm25, IdSet": (query) => index.search(query, { topK, where: set }),
      "groundline/bm25, function": (query) => index.search(query, { topK, where: (id) => ids.has(id) }),
      "memory()": (query) => inStore(query),
      "memory(), typed metadata": (query) => inStore(query, { op: "range", field: "rank", kind: "number", lt: 10 }),
    },
    queries,
  );
  const plain = (name: string): number => p50.get(name.split(",")[0] ?? "") ?? Number.NaN;
  out.add(
    `### ${texts.name}: a filter that one document in a hundred passes`,
    ["", "ms p50", "time / unfiltered"],
    [...p50].map(([name, time]) => [name, time.toFixed(3), (time / plain(name)).toFixed(2)]),
  );
}

function large(out: Sheets, count: number, queries: number, seed: number): void {
  const texts = zipfTexts(count, seed);
  const analyzer = unicode();
  const step = progress(`${count} documents`);
  const before = bytesAlive();
  const index = bm25({ analyzer });
  let indexing = 0;
  for (let from = 0; from < count; from += 1000) {
    const some = Array.from({ length: Math.min(1000, count - from) }, (_, at) => texts.document(from + at));
    indexing += cpuOf(() => some.forEach((text, at) => index.add(idOf(from + at), text)));
    step.update(from, count);
  }
  step.end();
  const bytes = bytesAlive() - before;
  const engine: TextEngine = { ...ours.create(analyzer), search: (query) => index.search(query, { topK }).length };
  const [searching = Number.NaN] = searchCpu([engine], texts.queries(queries));
  let saved = new Uint8Array(0);
  const saving = cpuOf(() => (saved = Uint8Array.from(index.toBytes())));
  let again: Bm25Index | undefined;
  const loading = cpuOf(() => (again = bm25FromBytes(saved, { analyzer })));
  const asked = texts.queries(queries);
  const answers = (one: Bm25Index | undefined): string => JSON.stringify(asked.map((query) => one?.search(query)));
  const same = answers(again) === answers(index);
  const writing = cpuOf(() => again?.add("new", "a first document after that"));
  out.add(
    `## Made up: ${count} documents, groundline/bm25 alone`,
    [
      "CPU ms per query",
      "CPU s to index",
      "MB in memory",
      "MB saved",
      "CPU s to save",
      "CPU s to load",
      "same answers",
      "CPU s of the first write",
    ],
    [
      [
        digits(searching),
        digits(indexing / 1000),
        megabytes(bytes),
        megabytes(saved.length),
        digits(saving / 1000),
        digits(loading / 1000),
        same ? "yes" : "NO",
        digits(writing / 1000),
      ],
    ],
  );
}

const megabyte = 1_000_000;
const hostile: Readonly<Record<string, string>> = {
  "one letter": "a",
  的: "的",
  "combining marks": "\u0301",
  "zero-width joiners": "\u200d",
  digits: "7",
};

/** Twice the text must not take much more than twice the time. */
function adversarial(out: Sheets): void {
  const analyzers = [english(), unicode(), lucene(), codeTerms()];
  const timeOf = (analyzer: Analyzer, unit: string, length: number): number => {
    const text = unit.repeat(length);
    return Math.min(...Array.from({ length: 7 }, () => cpuOf(() => bm25({ analyzer }).add("a", text))));
  };
  out.add(
    "## One megabyte without a space: CPU ms, and t(2n) / t(n)",
    ["", ...analyzers.map(({ fingerprint }) => fingerprint)],
    Object.entries(hostile).map(([name, unit]) => [
      name,
      ...analyzers.map((analyzer) => {
        const once = timeOf(analyzer, unit, megabyte);
        return `${digits(once)}, ${(timeOf(analyzer, unit, 2 * megabyte) / once).toFixed(2)}`;
      }),
    ]),
  );
}

async function collectionIn(folder: string, split: string): Promise<Texts> {
  if (!existsSync(folder)) throw new ConfigError(`${folder} is not there`);
  const { documents, queries } = await readBeir(folder, { split });
  const texts = documents.map(({ title, text }) => (title === undefined ? text : `${title}\n\n${text}`));
  return {
    name: folder,
    analyzer: english,
    count: texts.length,
    document: (number) => texts[number] ?? "",
    queries: queries.map(({ text }) => text),
  };
}

async function main(given: Arguments<keyof typeof command.flags>): Promise<void> {
  const [documents = 0] = given.numbers("documents", 1);
  const [count = 0] = given.numbers("queries", 1);
  const [most = 0] = given.numbers("large", 0);
  const folder = given.value("peers") ?? "";
  const [seed = 1] = given.numbers("seed", 0);
  const split = given.value("split") ?? "test";
  const collection = await collectionIn(given.operand, split);
  const peers = await textPeersIn(folder);
  const setting = await settingOf(given.operand, split);
  const out = sheets({ benchmark: "lexical", setting, json: given.on("json"), given: { split, seed } });
  await compare(out, collection, peers, folder);
  const generated = zipfTexts(documents, seed);
  const madeUp = { ...generated, name: "Made up", analyzer: unicode, queries: generated.queries(count) };
  await compare(out, madeUp, peers, folder);
  await filters(out, madeUp, seed);
  if (most > 0) large(out, most, count, seed);
  adversarial(out);
  out.end();
}

const [flag, value = ""] = process.argv.slice(2);
if (flag === "--load") await loadAlone(value);
else await runCommand(command, main);
