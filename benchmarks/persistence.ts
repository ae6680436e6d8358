import { setMaxListeners } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { ConfigError, memory, memoryFromBytes, unicode } from "../src/index.ts";
import { encodeTerms } from "../src/lexical/terms.ts";
import { fileStore, saveSnapshot } from "../src/node/index.ts";
import type { ChunkWrite, IndexSpec, Store } from "../src/types.ts";
import { outputFlags, runCommand, seedFlag } from "./arguments.ts";
import { medianOf } from "./averages.ts";
import { bytesAlive, timed } from "./cost.ts";
import { progress } from "./progress.ts";
import { settingWith } from "./setting.ts";
import { sheets } from "./sheets.ts";
import { random } from "./vector-sets.ts";
import { zipfTexts } from "./zipf-texts.ts";

const command = {
  name: "persistence",
  about: `What the in-memory store takes in memory and on disk, and how long it takes to save, open and acknowledge. FOLDER is on the
disk that is asked about: files are made in a new folder in it, and removed.`,
  operand: "FOLDER",
  flags: {
    chunks: { value: "N,N", about: "sizes of the store", default: "10000,100000" },
    dimensions: { value: "N", about: "of vectors", default: "384" },
    seed: seedFlag("texts, vectors and queries"),
    ...outputFlags,
  },
} as const;

const { signal } = new AbortController();
setMaxListeners(0, signal);
const together = 100;

interface Made {
  readonly dimensions: number;
  readonly seed: number;
}

function chunksFrom(count: number, { dimensions, seed }: Made): (number: number) => ChunkWrite {
  const texts = zipfTexts(count, seed);
  const next = random(seed + 1);
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
        terms: encodeTerms(analyzer, text),
        vector: Float32Array.from({ length: dimensions }, () => next() - 0.5),
      },
    };
  };
}

async function fill(store: Store, count: number, made: Made): Promise<string> {
  const spec: IndexSpec = {
    fingerprint: {},
    fields: { year: { kind: "number", array: false } },
    tenancy: false,
    dense: { dimensions: made.dimensions, metric: "cosine" },
    lexical: { k1: 1.2, b: 0.75, averageLength: 64 },
  };
  const { generation } = (await store.prepare(spec, { signal })) ?? { generation: "" };
  const chunkOf = chunksFrom(count, made);
  for (let first = 0; first < count; first += together) {
    const chunks = Array.from({ length: Math.min(together, count - first) }, (_, at) => chunkOf(first + at));
    const documents = chunks.map((chunk) => ({ id: chunk.documentId, chunks: [chunk] }));
    await store.replace({ scope: { generation, tenant: null }, documents }, { signal });
  }
  return generation;
}

async function measure(count: number, made: Made, folder: string): Promise<readonly (string | number)[]> {
  const before = bytesAlive();
  const store = memory();
  const step = progress(`${count} chunks`);
  const [generation, filling] = await timed(() => fill(store, count, made));
  const held = bytesAlive() - before;
  const [bytes, writing] = await timed(() => store.toBytes());
  const [, reading] = await timed(() => memoryFromBytes(bytes));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await saveSnapshot(store, join(folder, "snapshot"));
  delay.disable();
  const next = random(made.seed + 2);
  const times: number[] = [];
  for (let query = 0; query < 50; query++) {
    const vector = Float32Array.from({ length: made.dimensions }, () => next() - 0.5);
    const started = performance.now();
    await store.search({ scope: { generation, tenant: null }, limit: 10, dense: { vector } }, { signal });
    times.push(performance.now() - started);
  }
  step.end();
  return [
    count,
    ...[held, bytes.length].map((all) => (all / count).toFixed(0)),
    ...[filling, writing, reading].map((cpu) => cpu.toFixed(0)),
    (filling / reading).toFixed(1),
    (delay.max / 1e6).toFixed(0),
    medianOf(times).toFixed(2),
  ];
}

/** Acknowledged calls in a second, of one document each. */
async function acknowledged(folder: string, made: Made, atOnce: number): Promise<number> {
  const store = await fileStore(join(folder, `store-${atOnce}`));
  const generation = await fill(store, 1, made);
  const chunkOf = chunksFrom(1000, made);
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
  return calls / seconds;
}

await runCommand(command, async (given) => {
  const [dimensions = 384] = given.numbers("dimensions", 2);
  const [seed = 1] = given.numbers("seed", 0);
  const made = { dimensions, seed };
  const out = sheets({ benchmark: "persistence", setting: settingWith(), json: given.on("json"), given: made });
  const rows: (readonly (string | number)[])[] = [];
  const folder = await mkdtemp(join(given.operand, "persistence-")).catch((cause: Error) => {
    throw new ConfigError(`FOLDER: nothing can be made in ${given.operand}: ${cause.message}`, { cause });
  });
  try {
    for (const count of given.numbers("chunks", 1)) rows.push(await measure(count, made, folder));
    const columns = ["chunks", "bytes held per chunk", "bytes saved per chunk"];
    const times = ["filling, ms of CPU", "toBytes", "memoryFromBytes", "filling / opening"];
    out.add("## A store in memory", [...columns, ...times, "longest pause of a save, ms", "dense search, ms"], rows);
    const rates: (readonly (string | number)[])[] = [];
    for (const atOnce of [1, 32]) rates.push([atOnce, (await acknowledged(folder, made, atOnce)).toFixed(0)]);
    out.add("## A store on disk", ["calls at once", "acknowledged by a file store, per second"], rates);
    out.end();
  } finally {
    await rm(folder, { recursive: true });
  }
});
