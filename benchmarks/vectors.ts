import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type VectorIndex, vectors } from "../src/dense/vectors.ts";
import { finished } from "../src/signal.ts";
import { ConfigError, memory } from "../src/index.ts";
import { idRows } from "../src/id-rows.ts";
import { columns } from "../src/stores/columns.ts";
import type { FilterTree, PortOptions } from "../src/types.ts";
import { outputFlags, runCommand, seedFlag } from "./arguments.ts";
import { medianOf } from "./averages.ts";
import { bytesAlive, computed } from "./cost.ts";
import { progress } from "./progress.ts";
import { rankedChunk } from "./ranked-chunk.ts";
import { settingWith, sha256Of } from "./setting.ts";
import { sheets, type Sheets } from "./sheets.ts";
import { type Peer, peersIn, plainLoop, type Search } from "./vector-peers.ts";
import { generated, queriesOf, queryKinds, random, setNames, type VectorSet } from "./vector-sets.ts";

const topK = 10;

const command = {
  name: "vectors",
  about:
    "Recall@10, milliseconds of CPU, bytes and ingest of groundline/vectors beside a plain loop and other packages.",
  operand: "ROWS",
  flags: {
    dimensions: { value: "N", about: "of generated vectors", default: "384" },
    sets: { value: "NAMES", about: "of generated vectors", default: setNames.join(",") },
    queries: { value: "N", about: "of each kind", default: "100" },
    peers: { value: "FOLDER", about: "where other packages are installed", default: join(tmpdir(), "vector-peers") },
    vectors: { value: "FILE", about: "also float32 vectors of 384 dimensions from a file, one after the other" },
    filters: { about: "also filters, typed metadata, snapshots and memory, on the first set" },
    tenth: { about: "also an index of a tenth of the rows, to see how time grows" },
    seed: seedFlag("generated vectors"),
    ...outputFlags,
  },
} as const;

interface Runner {
  readonly name: string;
  readonly search: Search;
  readonly every: number;
}

interface Measured {
  readonly name: string;
  readonly recall: number;
  readonly median: number;
}

const idOf = (row: number): string => `row ${row}`;
const rowOf = (id: string): number => Number(id.slice(4));

/** Queries in a row before the next runner's turn: caches are then its own. */
const burst = 10;

/** Some queries each in turn, so that whatever else the machine does falls on all of them alike. */
async function interleaved(
  runners: readonly Runner[],
  queries: readonly Float32Array[],
  set: VectorSet,
): Promise<readonly Measured[]> {
  const exact = (await plainLoop.build(set))(undefined);
  const times = runners.map((): number[] => []);
  const met = runners.map(() => 0);
  const product = (row: number, query: Float32Array): number => {
    let sum = 0;
    for (let i = 0; i < set.dimensions; i++) sum += (set.values[row * set.dimensions + i] ?? 0) * (query[i] ?? 0);
    return sum;
  };
  for (let from = 0; from < queries.length; from += burst) {
    const asked = queries.slice(from, from + burst);
    const least: number[] = [];
    for (const query of asked) least.push(product((await exact(query, topK)).at(-1) ?? 0, query) - 2e-6);
    for (const [index, { search, every }] of runners.entries()) {
      for (const [number, query] of asked.entries()) {
        if (number % every > 0) continue;
        const start = computed();
        const rows = await search(query, topK);
        times[index]?.push(computed() - start);
        met[index] = (met[index] ?? 0) + rows.filter((row) => product(row, query) >= (least[number] ?? 0)).length;
      }
    }
  }
  return runners.map(({ name }, index) => {
    const mine = times[index] ?? [];
    return { name, recall: (met[index] ?? 0) / (mine.length * topK), median: medianOf(mine) };
  });
}

/** Until all is compiled: V8 takes its time with what is called a hundred times for a search. */
async function warm(runners: readonly Runner[], queries: readonly Float32Array[], set: VectorSet): Promise<void> {
  await interleaved(runners, queries.slice(0, burst), set);
  for (let searches = 0; searches < 300; searches += queries.length) {
    for (const { search, every } of runners) {
      if (every === 1) for (const query of queries) await search(query, topK);
    }
  }
}

function indexOf(set: VectorSet): { readonly index: VectorIndex; readonly seconds: number } {
  const index = vectors({ dimensions: set.dimensions });
  const start = computed();
  for (let row = 0; row < set.count; row++) {
    index.add(idOf(row), set.values.subarray(row * set.dimensions, (row + 1) * set.dimensions));
  }
  return { index, seconds: (computed() - start) / 1000 };
}

async function compare(
  out: Sheets,
  set: VectorSet,
  peers: readonly Peer[],
  { count, tenth = false }: { readonly count: number; readonly tenth?: boolean },
): Promise<VectorIndex> {
  const title = `${set.name}, ${set.count} × ${set.dimensions}`;
  const { index, seconds } = indexOf(set);
  const ours: Search = async (query, limit) => index.search(query, { topK: limit }).map(({ id }) => rowOf(id));
  const runners: Runner[] = [{ name: "groundline/vectors", search: ours, every: 1 }];
  if (tenth) {
    const rows = Math.floor(set.count / 10);
    const { index: small } = indexOf({ ...set, count: rows });
    runners.push({
      name: `groundline/vectors, ${rows} rows`,
      search: async (query, limit) => small.search(query, { topK: limit }).map(({ id }) => rowOf(id)),
      every: 1,
    });
  }
  const built = [["groundline/vectors", seconds.toFixed(2), Math.round(index.bytes / set.count)]];
  for (const peer of [plainLoop, ...peers]) {
    const step = progress(`building ${peer.name}`);
    const start = computed();
    const searching = await peer.build(set);
    const took = (computed() - start) / 1000;
    step.end();
    if (peer !== plainLoop) built.push([peer.name, took.toFixed(2), ""]);
    for (const setting of peer.settings) {
      const name = setting === undefined ? peer.name : `${peer.name}, ef ${setting}`;
      runners.push({ name, search: searching(setting), every: peer.slow ? 5 : 1 });
    }
  }
  out.add(`## ${title}`, ["ingest", "s of CPU", "bytes per vector, ids apart"], built);
  for (const kind of queryKinds) {
    const queries = queriesOf(set, kind, count);
    await warm(runners, queries, set);
    const measured = await interleaved(runners, queries, set);
    const first = measured[0]?.median ?? Number.NaN;
    out.add(
      `### ${title}; queries: ${kind}, recall@${topK}, p50 of CPU time`,
      ["", "recall", "ms", "time / ours"],
      measured.map(({ name, recall, median }) => [
        name,
        recall.toFixed(4),
        median.toFixed(3),
        (median / first).toFixed(2),
      ]),
    );
  }
  return index;
}

const portOptions: PortOptions = { signal: new AbortController().signal };
const scope = { generation: "", tenant: null };
const shares = [0.5, 0.1, 0.01, 0.001];

/** Rows of each share of all, and all but those that queries come from. */
async function filters(out: Sheets, set: VectorSet, index: VectorIndex, count: number): Promise<void> {
  const queries = queriesOf(set, "rows", count);
  const tenthOf = (at: number): number => (set.clusters?.[at] ?? 0) % 10;
  const next = random(5);
  const rank = Float64Array.from({ length: set.count }, () => Math.floor(next() * 1000));
  const row = (at: number): Float32Array => set.values.subarray(at * set.dimensions, (at + 1) * set.dimensions);
  const store = memory();
  const opened = await store.prepare(
    {
      fingerprint: {},
      fields: { rank: { kind: "number", array: false }, tenth: { kind: "number", array: false } },
      tenancy: false,
      dense: { dimensions: set.dimensions, metric: "cosine" },
    },
    portOptions,
  );
  const here = { ...scope, generation: opened?.generation ?? "" };
  for (let at = 0; at < set.count; at++) {
    const chunk = rankedChunk(idOf(at), rank[at] ?? 0, { vector: row(at) }, { tenth: tenthOf(at) });
    await store.replace({ scope: here, documents: [{ id: chunk.id, chunks: [chunk] }] }, portOptions);
  }
  const inStore = async (query: Float32Array, filter?: FilterTree): Promise<readonly number[]> => {
    const answer = await store.search(
      { scope: here, limit: topK, dense: { vector: query }, ...(filter && { filter }) },
      portOptions,
    );
    return (answer.dense ?? []).map(({ id }) => rowOf(id));
  };

  const rows: (string | number)[][] = [];
  const measure = async (
    name: string,
    passes: (at: number) => boolean,
    filterOf: (fresh: number) => FilterTree,
    asked = queries,
  ): Promise<void> => {
    const kept = Array.from({ length: set.count }, (_, at) => at).filter(passes);
    const subset: VectorSet = { ...set, count: kept.length, values: new Float32Array(kept.length * set.dimensions) };
    for (const [at, from] of kept.entries()) subset.values.set(row(from), at * set.dimensions);
    const numberOf = new Map(kept.map((from, at) => [from, at]));
    const ids = index.ids(kept.map(idOf));
    const renumbered = (found: readonly number[]): number[] => found.map((from) => numberOf.get(from) ?? -1);
    let turn = 0;
    const runners: Runner[] = [
      {
        name: "unfiltered",
        every: 1,
        search: async (query) => (index.search(query, { topK }), []),
      },
      {
        name: "IdSet",
        every: 1,
        search: async (query) => renumbered(index.search(query, { topK, where: ids }).map(({ id }) => rowOf(id))),
      },
    ];
    runners.push({ name: "store unfiltered", every: 1, search: async (query) => (await inStore(query), []) });
    const metadata =
      (fresh: boolean): Search =>
      async (query) =>
        renumbered(await inStore(query, filterOf(fresh ? (++turn % 100) / 1000 : 0)));
    runners.push({ name: "store, another bound each time", every: 1, search: metadata(true) });
    runners.push({ name: "store, same filter", every: 1, search: metadata(false) });
    await warm(runners, asked, subset);
    const measured = await interleaved(runners, asked, subset);
    const plain = measured[0]?.median ?? 0;
    const storePlain = measured[2]?.median ?? 0;
    for (const [at, one] of measured.entries()) {
      if (at === 0 || at === 2) continue;
      const base = at === 1 ? plain : storePlain;
      rows.push([`${name}: ${one.name}`, one.recall.toFixed(4), one.median.toFixed(3), (one.median / base).toFixed(2)]);
    }
  };
  // Of another filter nothing is remembered but how its rows differ from those of the last one: not at all.
  const below =
    (field: string, limit: number) =>
    (fresh: number): FilterTree => ({ op: "range", field, kind: "number", lt: limit - fresh });
  for (const share of shares) {
    await measure(`${share * 100} %`, (at) => (rank[at] ?? 0) < share * 1000, below("rank", share * 1000));
  }
  // The last tenth of all clusters is asked for, and no row of it passes: all the others do, or a tenth of them.
  const asked = Array.from({ length: set.count }, (_, at) => at)
    .filter((at) => tenthOf(at) === 9)
    .slice(0, count)
    .map(row);
  await measure("all but the query's own tenth of clusters", (at) => tenthOf(at) < 9, below("tenth", 9), asked);
  await measure("another tenth of clusters than the query's own", (at) => tenthOf(at) < 1, below("tenth", 1), asked);
  out.add(
    "### Filters, recall among the rows that pass, p50 of CPU time",
    ["", "recall", "ms", "time / unfiltered"],
    rows,
  );
}

/** How often each is opened, by turns, by processes of their own: that is when a snapshot is opened. */
const openings = 9;

function snapshots(
  out: Sheets,
  set: VectorSet,
  index: VectorIndex,
  { peers, folder }: { readonly peers: readonly Peer[]; readonly folder: string },
): void {
  const [query = new Float32Array(set.dimensions)] = queriesOf(set, "rows", 1);
  const asked = Buffer.from(query.buffer).toString("base64");
  const fileOf = (name: string): string => join(tmpdir(), `${name.replace("/", "-")}-${process.pid}`);
  const opened = (name: string): number =>
    Number(
      execFileSync(process.execPath, [join(import.meta.dirname, "opening.js"), name, fileOf(name), folder, asked], {
        encoding: "utf8",
      }),
    );
  const ours = "groundline/vectors";
  const started = computed();
  const bytes = index.toBytes();
  const saved = computed() - started;
  writeFileSync(fileOf(ours), bytes);
  const saving = peers.filter((peer) => peer.save !== undefined);
  for (const peer of saving) peer.save?.(fileOf(peer.name));
  const names = [ours, ...saving.map(({ name }) => name)];
  const times = names.map((): number[] => []);
  for (let turn = 0; turn < openings; turn++) {
    for (const [place, name] of names.entries()) times[place]?.push(opened(name));
  }
  const medians = times.map(medianOf);
  const rows = names.map((name, place) => {
    const median = medians[place] ?? Number.NaN;
    const megabytes = (statSync(fileOf(name)).size / 1e6).toFixed(1);
    return [
      name,
      megabytes,
      name === ours ? saved.toFixed(0) : "",
      median.toFixed(0),
      (median / (medians[0] ?? 1)).toFixed(2),
    ];
  });
  for (const name of names) rmSync(fileOf(name));
  out.add(
    "### Snapshots, from a file in the page cache, CPU time in a new process",
    ["", "MB", "ms to write", "ms to open and to search once", "time / ours"],
    rows,
  );
}

/** What is held beside vectors, on the heap. */
function beside(out: Sheets, count: number): void {
  const grown = (make: () => unknown): string => {
    const before = bytesAlive();
    const made = make();
    const after = bytesAlive();
    return made === undefined ? "" : ((after - before) / count).toFixed(0);
  };
  const ids = grown(() => {
    const rows = idRows();
    for (let row = 0; row < count; row++) rows.add(idOf(row));
    return rows;
  });
  const column = grown(() => {
    const rank = { kind: "number", field: "rank", op: "range", lt: 1 } as const;
    const made = columns(
      (row) => ({ rank: row % 1000 }),
      () => count,
    );
    for (let row = 0; row < count; row++) made.set(row, { rank: row % 1000 });
    finished(made.match(rank));
    return made;
  });
  out.add(
    "### Beside vectors, bytes for each",
    ["", "bytes"],
    [
      [`ids such as "${idOf(count - 1)}"`, ids],
      ["a column of numbers that is filtered by", column],
    ],
  );
}

function fileSet(file: string): VectorSet {
  if (!existsSync(file)) throw new ConfigError(`--vectors: ${file} is not there`);
  const bytes = readFileSync(file);
  const values = new Float32Array(Uint8Array.from(bytes).buffer);
  return { name: file, dimensions: 384, count: values.length / 384, values };
}

await runCommand(command, async (given) => {
  const count = Number(given.operand);
  if (!Number.isSafeInteger(count) || count < 1) throw new ConfigError(`expected a number of rows, received ${count}`);
  const [dimensions = 384] = given.numbers("dimensions", 2);
  const [asked = 100] = given.numbers("queries", 1);
  const names = (given.value("sets") ?? "").split(",").filter((name) => name !== "");
  const peers = await peersIn(given.value("peers") ?? "");
  const [seed = 1] = given.numbers("seed", 0);
  const file = given.value("vectors");
  const read = file === undefined ? undefined : fileSet(file);
  const setting = settingWith(read && { folder: read.name, sha256: sha256Of([new Uint8Array(read.values.buffer)]) });
  const out = sheets({ benchmark: "vectors", setting, json: given.on("json"), given: { seed } });
  if (given.on("filters")) beside(out, count);
  for (const [number, name] of names.entries()) {
    const known = setNames.find((one) => one === name);
    if (known === undefined) throw new ConfigError(`--sets: expected some of ${setNames.join(", ")}, received ${name}`);
    const set = generated(known, count, dimensions, seed);
    const index = await compare(out, set, peers, { count: asked, tenth: given.on("tenth") });
    if (number > 0 || !given.on("filters")) continue;
    await filters(out, set, index, asked);
    snapshots(out, set, index, { peers, folder: given.value("peers") ?? "" });
  }
  if (read !== undefined) await compare(out, read, peers, { count: asked });
  out.end();
});
