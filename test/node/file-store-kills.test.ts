import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { env } from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { fileStore, openSnapshot } from "../../src/node/index.ts";
import { seededRandom } from "../../src/testing/random.ts";
import type { Store } from "../../src/types.ts";
import { emptyFolder } from "./folders.ts";

/** More of them with GROUNDLINE_KILLS=500. */
const kills = Number(env["GROUNDLINE_KILLS"] ?? 100);

const { signal } = new AbortController();
const scope = { generation: "generation-1", tenant: null };

/** The version of each document, which all its chunks have and count. */
async function versionsIn(store: Store): Promise<ReadonlyMap<string, number>> {
  const { documents } = await store.list(scope, { limit: 1000 }, { signal });
  const chunks = await store.read(scope, { documentIds: documents.map(({ id }) => id) }, { signal });
  return new Map(
    documents.map(({ id, hash }) => {
      const mine = chunks.filter(({ documentId }) => documentId === id);
      const version = Number(hash);
      expect(new Set(mine.map(({ text }) => text.split(" ")[0]))).toEqual(new Set([hash]));
      expect(mine.length, `chunks of ${id} in version ${hash}`).toBe(1 + (version % 4));
      return [id, version];
    }),
  );
}

test(
  `kill -9 at ${kills} moments of writes, snapshots and saves: nothing acknowledged is lost, no document is torn`,
  async () => {
    const folder = await emptyFolder();
    const [index, copy, script] = [join(folder, "index"), join(folder, "copy"), join(folder, "victim.mjs")];
    await build({
      entryPoints: ["test/node/crash/victim.ts"],
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: script,
      logLevel: "error",
    });
    const seed = Number(env["GROUNDLINE_SEED"] ?? Date.now() % 1_000_000);
    const random = seededRandom(seed);
    /** What was acknowledged last. */
    const versions = new Map<string, number>();
    let acknowledged = 0;
    for (let kill = 0; kill < kills; kill++) {
      const child = spawn(process.execPath, [script, index, copy, `${seed + kill}`], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const exited = once(child, "close");
      let said = "";
      const begun = new Promise<void>((resolve) => {
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          said += text;
          resolve();
        });
      });
      // Some while the store is opened, most while it is written to.
      await (random.below(8) === 0 ? wait(random.below(150)) : Promise.race([begun, exited]));
      await wait(random.below(60));
      child.kill("SIGKILL");
      const [code, killedBy] = (await exited) as [number | null, string | null];
      const where = `seed ${seed}, kill ${kill}`;
      expect([code, killedBy], where).toEqual([null, "SIGKILL"]);
      const lines = said.split("\n").slice(0, -1);
      acknowledged += lines.length;
      for (const line of lines) {
        const [id = "", version] = line.split(" ");
        versions.set(id, Number(version));
      }

      const store = await fileStore(index);
      await store.prepare({ fingerprint: {}, fields: {}, tenancy: false }, { signal });
      const found = await versionsIn(store);
      for (const [id, version] of versions) {
        // One more may have been written and not acknowledged.
        expect([version, version + 1], `${where}, ${id}`).toContain(found.get(id));
      }
      for (const [id, version] of found) versions.set(id, version);
      expect(await store.verify(), where).toEqual([]);
      await store.close();
      expect(
        (await readdir(index)).filter((name) => /tmp$|^lock/.test(name)),
        where,
      ).toEqual([]);
      if (!(await readdir(folder)).includes("copy")) continue;
      const opened = await openSnapshot(copy);
      const spec = { fingerprint: {}, fields: {}, tenancy: false };
      if ((await opened.prepare(spec, { signal, create: false })) !== undefined) {
        for (const [id, version] of await versionsIn(opened)) expect(versions.get(id)).toBeGreaterThanOrEqual(version);
      }
      expect(
        (await readdir(folder)).filter((name) => name.endsWith(".tmp")),
        where,
      ).toEqual([]);
    }
    expect(acknowledged).toBeGreaterThan(kills);
  },
  30_000 + kills * 3000,
);
