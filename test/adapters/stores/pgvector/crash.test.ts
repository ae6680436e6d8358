import { randomInt } from "node:crypto";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PostgresClient } from "../../../../adapters/stores/pgvector.ts";
import { copy } from "../../../../src/index.ts";
import { seededRandom } from "../../../../src/testing/random.ts";
import { bundled, type Program } from "../../../bundled.ts";
import { copyParts, copyStore, documentsOf, liveRetriever, sourceStore } from "./crash/history.ts";

/** A process that writes is killed at random moments: nothing acknowledged is lost, no document is half replaced. */

const kills = Number(process.env["GROUNDLINE_KILLS"] ?? 6);
const seed = Number(process.env["GROUNDLINE_SEED"] ?? randomInt(2 ** 31));
const url = process.env["GROUNDLINE_PG_URL"];

interface Engine {
  readonly name: string;
  /** What the process that is killed gets, and how to look at what it left. */
  readonly place: string;
  readonly schema: string;
  look<T>(run: (client: PostgresClient) => Promise<T>): Promise<T>;
}

let program: Program;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "groundline-crash-"));
  program = await bundled(join(import.meta.dirname, "crash/victim.ts"));
  console.log(`${kills} kills, seed ${seed}: GROUNDLINE_KILLS and GROUNDLINE_SEED change them`);
}, 60_000);
afterAll(async () => {
  await program.remove();
  await rm(folder, { recursive: true, force: true });
});

async function openPglite(): Promise<Engine> {
  const place = join(folder, "pglite");
  const look: Engine["look"] = async (run) => {
    // A copy: what is looked at is what the next process starts with, whatever the look left behind.
    const copied = `${place}-looked-at`;
    await cp(place, copied, { recursive: true });
    const client = await PGlite.create(copied, { extensions: { vector } });
    try {
      return await run(client);
    } finally {
      await client.close();
      await rm(copied, { recursive: true });
    }
  };
  const client = await PGlite.create(place, { extensions: { vector } });
  await client.query("CREATE EXTENSION vector");
  await client.close();
  return { name: "PGlite", place, schema: "public", look };
}

async function openServer(place: string): Promise<Engine> {
  const schema = `groundline_crash_${process.pid}_${Date.now().toString(36)}`;
  return {
    name: "a server",
    place,
    schema,
    async look(run) {
      const client = new pg.Pool({ connectionString: place, max: 2 });
      try {
        return await run(client);
      } finally {
        await client.end();
      }
    },
  };
}

/** The round that was acknowledged last, when the process was killed `delay` milliseconds after it opened or wrote a round. */
async function killedAfter(engine: Engine, first: number, delay: number, begin: "open" | "round"): Promise<number> {
  const child = program.start([engine.place, engine.schema, String(first)]);
  const ended = new Promise((resolve) => child.once("close", resolve));
  let acknowledged = first - 1;
  let begun = (): void => undefined;
  const beginning = new Promise<void>((resolve) => (begun = resolve));
  if (child.stdout === null) throw new Error("no output");
  createInterface(child.stdout).on("line", (line) => {
    if (line !== "open") acknowledged = Number(line);
    if (line !== "open" || begin === "open") begun();
  });
  await Promise.race([beginning, ended]);
  expect(child.exitCode).toBe(null);
  await setTimeout(delay);
  child.kill("SIGKILL");
  await ended;
  return acknowledged;
}

async function expectWhole(client: PostgresClient, schema: string, acknowledged: number): Promise<void> {
  const docs = liveRetriever(client, schema);
  const ids = documentsOf(0).map(({ id }) => id);
  const chunks = await docs.get(ids);
  for (const [n, id] of ids.entries()) {
    const texts = chunks.filter(({ documentId }) => documentId === id).map(({ text }) => text);
    const round = Number(/round (\d+)/.exec(texts.join(" "))?.[1] ?? -1);
    if (round < 0) {
      expect([id, texts, acknowledged]).toEqual([id, [], -1]);
      continue;
    }
    expect(texts.join("\n\n")).toBe(documentsOf(round)[n]?.text);
    // A copy writes nothing here: the round before it stands.
    expect(round).toBeGreaterThanOrEqual(acknowledged % 4 === 3 ? acknowledged - 1 : acknowledged);
  }
}

const engines = [openPglite, ...(url === undefined ? [] : [() => openServer(url)])];

describe.each(engines)("pgvector, its process killed", (open) => {
  test("loses nothing and heals", { timeout: 60_000 + kills * 20_000 }, async () => {
    const engine = await open();
    const random = seededRandom(seed);
    let acknowledged = -1;
    for (let kill = 0; kill < kills; kill++) {
      // Every second one after a round, however slow the machine is.
      const begin = kill % 2 === 0 ? "open" : "round";
      acknowledged = await killedAfter(engine, acknowledged + 1, random.below(1_500), begin);
      await engine.look((client) => expectWhole(client, engine.schema, acknowledged));
    }
    expect(acknowledged).toBeGreaterThan(0);
    await engine.look(async (client) => {
      const { schema } = engine;
      // Running again heals.
      const docs = liveRetriever(client, schema);
      const last = documentsOf(acknowledged + 1);
      await docs.sync(last);
      expect(await docs.count()).toEqual({ documents: last.length, chunks: last.length * 5 });
      await copy(await sourceStore(), copyStore(client, schema), copyParts);
      // What was staged and never published goes after a week, with the next generation that is made.
      await client.query(`UPDATE ${schema}.live SET created_at = created_at - interval '8 days'`);
      const staged = await docs.stage();
      await staged.index(last);
      await staged.publish();
      const { rows } = await client.query(`SELECT state::text AS state FROM ${schema}.live ORDER BY 1`);
      expect(rows).toEqual([{ state: "live" }, { state: "previous" }]);
      const { rows: tables } = await client.query(
        "SELECT count(*)::int AS count FROM information_schema.tables WHERE table_schema = $1 AND table_name LIKE 'live%'",
        [schema],
      );
      expect(tables).toEqual([{ count: 3 }]);
      if (schema !== "public") await client.query(`DROP SCHEMA ${schema} CASCADE`);
    });
  });
});
