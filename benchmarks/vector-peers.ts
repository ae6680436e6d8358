import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openVectors } from "../src/node/index.ts";
import type { VectorSet } from "./vector-sets.ts";

/** Other things that search vectors in memory. They are no dependency: they are taken from a folder where they are installed. */

/** One after the other, best first: the numbers of rows. */
export type Search = (query: Float32Array, topK: number) => Promise<readonly number[]>;

export interface Peer {
  readonly name: string;
  /** So slow that it is asked few queries. */
  readonly slow: boolean;
  /** What it can be set to, from fast to exact. */
  readonly settings: readonly (number | undefined)[];
  build(set: VectorSet): Promise<(setting: number | undefined) => Search>;
  /** Writes what was built last. */
  save?(file: string): void;
}

/** Every row's product with the query: what a program without a library does. */
export const plainLoop: Peer = {
  name: "plain loop",
  slow: true,
  settings: [undefined],
  async build({ values, count, dimensions }) {
    return () => async (query, topK) => nearestRows(values, count, dimensions, query, topK);
  },
};

/** Apart from any closure, and with none in it that holds the score: either makes it several times slower in V8. */
function nearestRows(
  values: Float32Array,
  count: number,
  dimensions: number,
  query: Float32Array,
  topK: number,
): readonly number[] {
  const rows: number[] = [];
  const scores: number[] = [];
  for (let row = 0; row < count; row++) {
    const score = product(values, row * dimensions, query, dimensions);
    if (rows.length === topK && score <= (scores[topK - 1] as number)) continue;
    let at = rows.length;
    while (at > 0 && (scores[at - 1] as number) < score) at--;
    rows.splice(at, 0, row);
    scores.splice(at, 0, score);
    rows.length = Math.min(rows.length, topK);
    scores.length = rows.length;
  }
  return rows;
}

function product(values: Float32Array, start: number, query: Float32Array, dimensions: number): number {
  let sum = 0;
  for (let i = 0; i < dimensions; i++) sum += (values[start + i] as number) * (query[i] as number);
  return sum;
}

interface HnswIndex {
  initIndex(rows: number, links: number, candidates: number): void;
  addPoint(vector: readonly number[], row: number): void;
  setEf(ef: number): void;
  searchKnn(query: readonly number[], topK: number): { readonly neighbors: readonly number[] };
  writeIndexSync(file: string): void;
  readIndexSync(file: string): void;
}

interface HnswModule {
  readonly HierarchicalNSW: new (space: "ip", dimensions: number) => HnswIndex;
}

function hnswPeer({ HierarchicalNSW }: HnswModule): Peer {
  let built: HnswIndex | undefined;
  return {
    name: "hnswlib-node",
    slow: false,
    settings: [20, 40, 80, 160, 320, 640, 1280],
    async build({ values, count, dimensions }) {
      const index = new HierarchicalNSW("ip", dimensions);
      built = index;
      index.initIndex(count, 16, 200);
      for (let row = 0; row < count; row++) {
        index.addPoint([...values.subarray(row * dimensions, (row + 1) * dimensions)], row);
      }
      return (ef) => async (query, topK) => {
        index.setEf(ef ?? 100);
        return index.searchKnn([...query], topK).neighbors;
      };
    },
    save: (file) => built?.writeIndexSync(file),
  };
}

interface LangChainModule {
  readonly MemoryVectorStore: new (embeddings: object) => {
    addVectors(vectors: readonly (readonly number[])[], documents: readonly object[]): Promise<void>;
    similaritySearchVectorWithScore(
      query: readonly number[],
      topK: number,
    ): Promise<readonly (readonly [{ readonly metadata: { readonly row: number } }, number])[]>;
  };
}

function langchainPeer({ MemoryVectorStore }: LangChainModule): Peer {
  return {
    name: "MemoryVectorStore",
    slow: true,
    settings: [undefined],
    async build({ values, count, dimensions }) {
      const store = new MemoryVectorStore({});
      const rows = Array.from({ length: count }, (_, row) => row);
      await store.addVectors(
        rows.map((row) => [...values.subarray(row * dimensions, (row + 1) * dimensions)]),
        rows.map((row) => ({ pageContent: "", metadata: { row } })),
      );
      return () => async (query, topK) => {
        const found = await store.similaritySearchVectorWithScore([...query], topK);
        return found.map(([document]) => document.metadata.row);
      };
    },
  };
}

const packages: readonly { readonly specifier: string; readonly peer: (loaded: unknown) => Peer }[] = [
  { specifier: "hnswlib-node", peer: (loaded) => hnswPeer((loaded as { default: HnswModule }).default) },
  {
    specifier: "@langchain/classic/vectorstores/memory",
    peer: (loaded) => langchainPeer(loaded as LangChainModule),
  },
];

/** Opens a file and searches it once. */
export type Opening = (file: string, query: Float32Array, topK: number) => Promise<unknown>;

/** By the name of what wrote the file; everything that has to be loaded is there when it resolves. */
export async function openingOf(name: string, folder: string): Promise<Opening> {
  if (name !== "hnswlib-node") return async (file, query, topK) => (await openVectors(file)).search(query, { topK });
  const { HierarchicalNSW } = createRequire(join(folder, "package.json"))(name) as HnswModule;
  return async (file, query, topK) => {
    const index = new HierarchicalNSW("ip", query.length);
    index.readIndexSync(file);
    return index.searchKnn([...query], topK);
  };
}

/** Those that are installed in the folder; of the others a line says how to. */
export async function peersIn(folder: string): Promise<readonly Peer[]> {
  const { resolve } = createRequire(join(folder, "package.json"));
  const peers: Peer[] = [];
  for (const { specifier, peer } of packages) {
    try {
      peers.push(peer(await import(pathToFileURL(resolve(specifier)).href)));
    } catch {
      const install = `npm install --prefix ${folder} ${specifier.split("/vectorstores")[0]}`;
      console.error(`${specifier} is not in ${folder} and not compared with: ${install}`);
    }
  }
  return peers;
}
