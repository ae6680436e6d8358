import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError } from "../src/index.ts";
import { outputFlags, runCommand, seedFlag, type Arguments } from "./arguments.ts";
import { progress } from "./progress.ts";
import { settingLines, settingWith } from "./setting.ts";
import { storePeers, type Mode, type Question, type Row, type StorePeer } from "./store-peers.ts";
import { table } from "./table.ts";
import { generated, queriesOf, random } from "./vector-sets.ts";
import { zipfTexts } from "./zipf-texts.ts";

/** Ingest and searches of every store that can run here, with the same rows, in one run. */

interface Measured {
  readonly name: string;
  readonly rowsPerSecond: number;
  /** On disk. */
  readonly bytesPerRow: number | undefined;
  /** Milliseconds of each search. */
  readonly times: Readonly<Partial<Record<Mode, readonly number[]>>>;
}

const modes: readonly Mode[] = ["dense", "lexical", "hybrid", "filtered"];
/** Searches of one store before it is another one's turn. */
const turn = 5;

function rowsOf(count: number, seed: number): readonly Row[] {
  const texts = zipfTexts(count, seed);
  const { values, dimensions } = generated("clustered", count, 384, seed);
  const next = random(seed + 2);
  return Array.from({ length: count }, (_, n) => ({
    id: `d${n}`,
    // No two alike: the vector is found by the text.
    text: `${texts.document(n)} d${n}`,
    vector: values.subarray(n * dimensions, (n + 1) * dimensions),
    group: Math.floor(next() * 100),
  }));
}

function questionsOf(count: number, rows: number, seed: number): readonly Question[] {
  const texts = zipfTexts(rows, seed).queries(count);
  const vectors = queriesOf(generated("clustered", rows, 384, seed), "rows", count);
  return texts.map((text, n) => ({
    text: `${text} q${n}`,
    vector: vectors[n] ?? new Float32Array(384),
    group: n % 100,
  }));
}

async function measure(
  peers: readonly StorePeer[],
  rows: readonly Row[],
  questions: readonly Question[],
): Promise<readonly Measured[]> {
  const filled: (Omit<Measured, "name" | "times"> & { peer: StorePeer; times: Partial<Record<Mode, number[]>> })[] = [];
  for (const peer of peers) {
    const filling = progress(`fill ${peer.name}`);
    const started = performance.now();
    await peer.fill(rows);
    const rowsPerSecond = (rows.length * 1000) / (performance.now() - started);
    filling.end();
    const bytes = await peer.bytes();
    filled.push({ peer, rowsPerSecond, bytesPerRow: bytes && bytes / rows.length, times: {} });
  }
  const searching = progress("search");
  for (const mode of modes) {
    for (let start = 0; start < questions.length; start += turn) {
      searching.update(start, questions.length);
      for (const { peer, times } of filled) {
        if (!peer.modes.includes(mode)) continue;
        const own = (times[mode] ??= []);
        for (const question of questions.slice(start, start + turn)) {
          const from = performance.now();
          await peer.search(mode, question);
          own.push(performance.now() - from);
        }
      }
    }
  }
  searching.end();
  return filled.map(({ peer, ...measured }) => ({ name: peer.name, ...measured }));
}

function percentile(times: readonly number[], part: number): number {
  return times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN;
}

const command = {
  name: "stores",
  about: `Ingest and searches of groundline's stores with the same made-up rows (384 dimensions, clustered; texts by Zipf's law): in memory, on
PGlite, and on the servers at GROUNDLINE_PG_URL and GROUNDLINE_QDRANT_URL, there beside LangChain's stores where they are installed. Filtered:
hybrid (LangChain: dense) among one row in a hundred. The stores take turns, five searches each.`,
  operand: "ROWS",
  flags: {
    queries: { value: "N", about: "searches of each kind", default: "200" },
    pglite: { value: "N", about: "rows that PGlite takes part up to", default: "20000" },
    peers: { value: "FOLDER", about: "where LangChain is installed", default: join(tmpdir(), "store-peers") },
    seed: seedFlag("rows and queries"),
    ...outputFlags,
  },
} as const;

async function main(given: Arguments<keyof typeof command.flags>): Promise<void> {
  const [seed = 1] = given.numbers("seed", 0);
  const [queries = 200] = given.numbers("queries", 1);
  const setting = settingWith();
  if (!given.on("json")) console.log(`${settingLines(setting)}; seed ${seed}`);
  const results: { rows: number; measured: readonly Measured[] }[] = [];
  for (const part of given.operand.split(",")) {
    const count = Number(part);
    if (!Number.isSafeInteger(count) || count < 100) {
      throw new ConfigError(`ROWS: expected numbers of rows from 100, e.g. 10000,100000, received ${part}`);
    }
    const peers = await storePeers({
      peers: given.value("peers") ?? "",
      rows: count,
      mostInPglite: given.numbers("pglite", 0)[0] ?? 0,
      postgres: process.env["GROUNDLINE_PG_URL"],
      qdrant: process.env["GROUNDLINE_QDRANT_URL"],
    });
    try {
      const measured = await measure(peers, rowsOf(count, seed), questionsOf(queries, count, seed));
      results.push({ rows: count, measured });
      if (!given.on("json")) console.log(`\n${count} rows\n\n${tableOf(measured)}`);
    } finally {
      for (const peer of peers) await peer.close();
    }
  }
  if (given.on("json")) {
    const shown = results.map(({ rows, measured }) => ({
      rows,
      stores: measured.map(({ times, ...store }) => ({
        ...store,
        milliseconds: Object.fromEntries(
          Object.entries(times).map(([mode, own]) => [mode, { p50: percentile(own, 0.5), p95: percentile(own, 0.95) }]),
        ),
      })),
    }));
    console.log(JSON.stringify({ benchmark: "stores", setting, seed, queries, results: shown }, undefined, 2));
  }
}

function tableOf(measured: readonly Measured[]): string {
  const cellOf = (times: readonly number[] | undefined): string =>
    times === undefined ? "" : `${percentile(times, 0.5).toFixed(2)} / ${percentile(times, 0.95).toFixed(2)}`;
  return table(
    ["store", "rows/s", "bytes/row", ...modes.map((mode) => `${mode} p50 / p95 ms`)],
    measured.map(({ name, rowsPerSecond, bytesPerRow, times }) => [
      name,
      Math.round(rowsPerSecond),
      bytesPerRow === undefined ? "" : Math.round(bytesPerRow),
      ...modes.map((mode) => cellOf(times[mode])),
    ]),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await runCommand(command, main);
