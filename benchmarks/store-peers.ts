import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { QdrantClient } from "@qdrant/js-client-rest";
import pg from "pg";
import { pgvector } from "../adapters/stores/pgvector.ts";
import { qdrant } from "../adapters/stores/qdrant.ts";
import { createRetriever, memory, type Chunker, type Embedder, type Store } from "../src/index.ts";

/** Stores with the same rows: groundline's, and those of LangChain where its packages and a server are there. */

export interface Row {
  readonly id: string;
  readonly text: string;
  readonly vector: Float32Array;
  readonly group: number;
}
export interface Question {
  readonly text: string;
  readonly vector: Float32Array;
  readonly group: number;
}
export type Mode = "dense" | "lexical" | "hybrid" | "filtered";

export interface StorePeer {
  readonly name: string;
  readonly modes: readonly Mode[];
  fill(rows: readonly Row[]): Promise<void>;
  search(mode: Mode, question: Question): Promise<readonly string[]>;
  /** On disk, indexes included; undefined where the store does not tell. */
  bytes(): Promise<number | undefined>;
  close(): Promise<void>;
}

export interface Places {
  /** Where LangChain's packages are installed. */
  readonly peers: string;
  readonly rows: number;
  /** PGlite is left out of more rows: it takes minutes to write 100,000. */
  readonly mostInPglite: number;
  readonly postgres: string | undefined;
  readonly qdrant: string | undefined;
}

const suffix = `${process.pid}_${Date.now().toString(36)}`;

/** What can run here; a line for what cannot. */
export async function storePeers({
  peers,
  rows,
  mostInPglite,
  postgres,
  qdrant: url,
}: Places): Promise<readonly StorePeer[]> {
  const nothing = async (): Promise<undefined> => undefined;
  const all = [groundline("memory", memory(), nothing, nothing)];
  if (rows <= mostInPglite) all.push(await onPglite());
  else console.log(`PGlite is left out beyond ${mostInPglite} rows (--pglite).`);
  const schema = `groundline_bench_${suffix}`;
  if (postgres === undefined) console.error("GROUNDLINE_PG_URL is not set: no Postgres server, no LangChain on one.");
  else {
    const pool = new pg.Pool({ connectionString: postgres, max: 4 });
    const drop = async (): Promise<void> => {
      await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await pool.end();
    };
    all.push(groundline("Postgres", pgvector({ client: pool, schema }), drop, () => tableBytes(pool, schema, "")));
    const other = await langchainPostgres(peers, postgres);
    if (other !== undefined) all.push(other);
  }
  if (url === undefined) console.error("GROUNDLINE_QDRANT_URL is not set: no Qdrant, no LangChain on one.");
  else {
    const client = new QdrantClient({ url, checkCompatibility: false });
    const collection = `groundline_bench_${suffix}`;
    const drop = async (): Promise<void> => {
      const { collections } = await client.getCollections();
      for (const { name } of collections) if (name.startsWith(collection)) await client.deleteCollection(name);
    };
    all.push(groundline("Qdrant", qdrant({ client: { url }, collection }), drop, nothing));
    const other = await langchainQdrant(peers, url);
    if (other !== undefined) all.push(other);
  }
  return all;
}

/** A document is its chunk. */
const whole: Chunker = Object.assign(({ text }: { readonly text: string }) => [{ start: 0, end: text.length }], {
  fingerprint: "whole",
});

function groundline(name: string, store: Store, drop: () => Promise<void>, bytes: StorePeer["bytes"]): StorePeer {
  const vectors = new Map<string, Float32Array>();
  const embedder: Embedder = {
    fingerprint: { provider: "bench", model: "generated", dimensions: 384 },
    embed: async (texts) => texts.map((text) => vectors.get(text) ?? new Float32Array(384).fill(1)),
  };
  const docs = createRetriever({
    store,
    chunker: whole,
    embedder,
    fields: { group: { kind: "number", array: false } },
  });
  return {
    name: `groundline, ${name}`,
    modes: ["dense", "lexical", "hybrid", "filtered"],
    async fill(rows) {
      for (const row of rows) vectors.set(row.text, row.vector);
      await docs.index(rows.map(({ id, text, group }) => ({ id, text, metadata: { group } })));
    },
    async search(mode, question) {
      vectors.set(question.text, question.vector);
      const { hits } = await docs.search(question.text, {
        topK: 10,
        mode: mode === "filtered" ? "hybrid" : mode,
        ...(mode === "filtered" && { filter: { group: question.group } }),
      });
      return hits.map(({ chunk }) => chunk.documentId);
    },
    bytes,
    async close() {
      await docs.close();
      await drop();
    },
  };
}

async function onPglite(): Promise<StorePeer> {
  const client = await PGlite.create({ extensions: { vector } });
  await client.query("CREATE EXTENSION vector");
  return groundline(
    "PGlite",
    pgvector({ client }),
    () => client.close(),
    () => tableBytes(client, "public", ""),
  );
}

/** Of the tables that begin so, with their indexes and what is stored beside. */
async function tableBytes(
  client: { query(text: string, values: unknown[]): Promise<{ rows: unknown[] }> },
  schema: string,
  prefix: string,
): Promise<number> {
  const { rows } = await client.query(
    `SELECT sum(pg_total_relation_size(c.oid))::float8 AS bytes
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = $1 AND starts_with(c.relname, $2)`,
    [schema, prefix],
  );
  const [row] = rows as { readonly bytes: number }[];
  return row?.bytes ?? 0;
}

/** What both of LangChain's stores have in common. */
interface LangChainStore {
  addVectors(vectors: readonly (readonly number[])[], documents: readonly object[]): Promise<unknown>;
  similaritySearchVectorWithScore(
    query: readonly number[],
    topK: number,
    filter?: object,
  ): Promise<readonly (readonly [{ readonly metadata: Readonly<Record<string, unknown>> }, number])[]>;
}

function langchain(
  name: string,
  store: LangChainStore,
  filterOf: (group: number) => object,
  ends: Pick<StorePeer, "bytes" | "close">,
): StorePeer {
  return {
    name: `LangChain, ${name}`,
    modes: ["dense", "filtered"],
    async fill(rows) {
      // As its users do: whatever batches it makes of them are its own.
      for (let start = 0; start < rows.length; start += 256) {
        const batch = rows.slice(start, start + 256);
        await store.addVectors(
          batch.map((row) => [...row.vector]),
          batch.map(({ id, text, group }) => ({ pageContent: text, metadata: { id, group } })),
        );
      }
    },
    async search(mode, question) {
      const filter = mode === "filtered" ? filterOf(question.group) : undefined;
      const found = await store.similaritySearchVectorWithScore([...question.vector], 10, filter);
      return found.map(([document]) => String(document.metadata["id"]));
    },
    ...ends,
  };
}

async function langchainPostgres(folder: string, connectionString: string): Promise<StorePeer | undefined> {
  const loaded = await load(folder, "@langchain/community/vectorstores/pgvector");
  if (loaded === undefined) return undefined;
  const { PGVectorStore } = loaded as {
    readonly PGVectorStore: {
      initialize(embeddings: object, config: object): Promise<LangChainStore & { end(): Promise<void> }>;
    };
  };
  const tableName = `langchain_bench_${suffix}`;
  const pool = new pg.Pool({ connectionString, max: 4 });
  const store = await PGVectorStore.initialize({}, { pool, tableName, dimensions: 384 });
  const close = async (): Promise<void> => {
    await pool.query(`DROP TABLE IF EXISTS ${tableName}`);
    await store.end(); // ends the pool, too
  };
  const bytes = (): Promise<number> => tableBytes(pool, "public", tableName);
  return langchain("Postgres", store, (group) => ({ group: String(group) }), { bytes, close });
}

async function langchainQdrant(folder: string, url: string): Promise<StorePeer | undefined> {
  const loaded = await load(folder, "@langchain/qdrant");
  if (loaded === undefined) return undefined;
  const { QdrantVectorStore } = loaded as {
    readonly QdrantVectorStore: new (
      embeddings: object,
      config: object,
    ) => LangChainStore & { ensureCollection(): Promise<void> };
  };
  const collectionName = `langchain_bench_${suffix}`;
  const collectionConfig = { vectors: { size: 384, distance: "Cosine" } };
  const store = new QdrantVectorStore({}, { url, collectionName, collectionConfig });
  await store.ensureCollection();
  const client = new QdrantClient({ url, checkCompatibility: false });
  const close = async (): Promise<void> => void (await client.deleteCollection(collectionName));
  return langchain("Qdrant", store, (group) => ({ must: [{ key: "metadata.group", match: { value: group } }] }), {
    bytes: async () => undefined,
    close,
  });
}

async function load(folder: string, specifier: string): Promise<unknown> {
  try {
    const { resolve } = createRequire(join(folder, "package.json"));
    return (await import(pathToFileURL(resolve(specifier)).href)) as unknown;
  } catch {
    const name = specifier.split("/").slice(0, 2).join("/");
    console.error(`${name} is not in ${folder} and not compared with: npm install --prefix ${folder} ${name}`);
    return undefined;
  }
}
