import { setMaxListeners } from "node:events";
import { rm } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { memory, memoryFromBytes, unicode } from "../src/index.ts";
import { encodeTerms } from "../src/lexical/terms.ts";
import { fileStore, saveSnapshot } from "../src/node/index.ts";
import type { ChunkWrite, IndexSpec, Store } from "../src/types.ts";
import { runCommand } from "./arguments.ts";
import { table } from "./table.ts";
import { random } from "./vector-sets.ts";
import { zipfTexts } from "./zipf-texts.ts";

const command = {
  name: "persistence",
  about: "What the in-memory store takes in memory and on disk, and how long it takes to save, open and acknowledge.",
  operand: "FOLDER",
  flags: {
    chunks: { value: "N,N", about: "sizes of the store", default: "10000,100000" },
    dimensions: { value: "N", about: "of vectors", default: "384" },
  },
} as const;

const { signal } = new AbortController();
setMaxListeners(0, signal);
const together = 100;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function bytesAlive(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The answer, and milliseconds of CPU. */
async function timed<T>(run: () => Promise<T> | T): Promise<readonly [T, number]> {
  const before = process.cpuUsage();
  const answer = await run();
  const { user, system } = process.cpuUsage(before);
  return [answer, (user + system) / 1000];
}

function chunksFrom(count: number, dimensions: number): (number: number) => ChunkWrite {
  const texts = zipfTexts(count, 1);
  const next = random(2);
  const analyzer = unicode();
  return (number) => {
    const text = texts.document(number);
    return {
      id: `chunk ${number}`,
      documentId: `document ${number}`,
      documentHash: `${number}`,
      ordinal: 0,
      span: { start: 0, end: text.length },
      line: 1,
      text,
      gap: "",
      headings: [],
      metadata: { year: 2000 + (number % 30) },
      legs: {
        terms: encodeTerms(analyzer, [{ text, weight: 1 }]),
        vector: Float32Array.from({ length: dimensions }, () => next() - 0.5),
      },
    };
  };
}

async function fill(store: Store, count: number, dimensions: number): Promise<string> {
  const spec: IndexSpec = {
    fingerprint: {},
    fields: { year: { kind: "number", array: false } },
    tenancy: false,
    dense: { dimensions, metric: "cosine" },
    lexical: { k1: 1.2, b: 0.75, averageLength: 64 },
  };
  const { generation } = (await store.prepare(spec, { signal })) ?? { generation: "" };
  const chunkOf = chunksFrom(count, dimensions);
  for (let first = 0; first < count; first += together) {
    const chunks = Array.from({ length: Math.min(together, count - first) }, (_, at) => chunkOf(first + at));
    const documents = chunks.map((chunk) => ({ id: chunk.documentId, chunks: [chunk] }));
    await store.replace({ scope: { generation, tenant: null }, documents }, { signal });
  }
  return generation;
}

async function measure(count: number, dimensions: number, folder: string): Promise<readonly (string | number)[]> {
  const before = bytesAlive();
  const store = memory();
  const [generation, filling] = await timed(() => fill(store, count, dimensions));
  const held = bytesAlive() - before;
  const [bytes, writing] = await timed(() => store.toBytes());
  const [, reading] = await timed(() => memoryFromBytes(bytes));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await saveSnapshot(store, join(folder, "snapshot"));
  delay.disable();
  const next = random(3);
  const times: number[] = [];
  for (let query = 0; query < 50; query++) {
    const vector = Float32Array.from({ length: dimensions }, () => next() - 0.5);
    const started = performance.now();
    await store.search({ scope: { generation, tenant: null }, limit: 10, dense: { vector } }, { signal });
    times.push(performance.now() - started);
  }
  const median = times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
  return [
    count,
    ...[held, bytes.length].map((all) => (all / count).toFixed(0)),
    ...[filling, writing, reading].map((cpu) => cpu.toFixed(0)),
    (filling / reading).toFixed(1),
    (delay.max / 1e6).toFixed(0),
    median.toFixed(2),
  ];
}

/** Acknowledged calls in a second, of one document each. */
async function acknowledged(folder: string, dimensions: number, atOnce: number): Promise<number> {
  const path = join(folder, `store-${atOnce}`);
  const store = await fileStore(path);
  const generation = await fill(store, 1, dimensions);
  const chunkOf = chunksFrom(1000, dimensions);
  const started = performance.now();
  let calls = 0;
  for (; performance.now() - started < 2000; calls += atOnce) {
    const chunks = Array.from({ length: atOnce }, (_, at) => chunkOf((calls + at) % 1000));
    await Promise.all(
      chunks.map((chunk) =>
        store.replace(
          { scope: { generation, tenant: null }, documents: [{ id: chunk.documentId, chunks: [chunk] }] },
          { signal },
        ),
      ),
    );
  }
  const seconds = (performance.now() - started) / 1000;
  await store.close();
  await rm(path, { recursive: true });
  return calls / seconds;
}

await runCommand(command, async (given) => {
  const [dimensions = 384] = given.numbers("dimensions", 2);
  console.log(`${cpus().length} × ${cpus()[0]?.model}, Node.js ${process.version}, ${dimensions} dimensions`);
  const rows: (readonly (string | number)[])[] = [];
  for (const count of given.numbers("chunks", 1)) rows.push(await measure(count, dimensions, given.operand));
  const columns = ["chunks", "bytes held per chunk", "bytes saved per chunk"];
  const times = ["filling, ms of CPU", "toBytes", "memoryFromBytes", "filling / opening"];
  console.log(table([...columns, ...times, "longest pause of a save, ms", "dense search, ms"], rows));
  const rates: (readonly (string | number)[])[] = [];
  for (const atOnce of [1, 32])
    rates.push([atOnce, (await acknowledged(given.operand, dimensions, atOnce)).toFixed(0)]);
  console.log(table(["calls at once", "acknowledged by a file store, per second"], rates));
  await rm(join(given.operand, "snapshot"));
});
