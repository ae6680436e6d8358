import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contracts } from "./emulator/contract.ts";
import { type Emulator, startEmulator } from "./emulator/index.ts";

/** What a real server answered, and the script that asks another one the same. */
const truth = join(contracts, "qdrant-truth.json");

const leftOut: Readonly<Record<string, string>> = {
  "query-options": "groups and facets are not emulated",
  "fusion-rrf": "groups are not emulated",
  "fusion-dbsf-formula": "formula queries are not emulated",
  "http-surface": "the removed search routes are not emulated",
  "collection-invalid": "settings of the graph and of quantisation are kept, not judged",
  "payload-indexes": "options are given back as they came",
  "payload-fidelity": "an include and an exclude list together are not judged",
  scroll: "order_by is not emulated",
  "auth-keys": "no keys",
  snapshots: "no snapshots",
  "cluster-replication": "made to be read",
  "cluster-single-replica": "made to be read",
  "cluster-no-quorum": "made to be read",
  "cluster-custom-sharding": "made to be read",
};

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

test("the emulator answers as the recorded server did", async () => {
  if (!existsSync(truth)) return console.log(`skipped: no ${truth}`);
  const { sessions } = JSON.parse(readFileSync(truth, "utf8")) as { sessions: { name: string }[] };
  const names = sessions.map(({ name }) => name).filter((name) => !Object.hasOwn(leftOut, name));
  for (const [name, why] of Object.entries(leftOut)) console.log(`left out: ${name} (${why})`);
  const { code, output } = await replay([`--only=^(${[...names, "filterCases"].join("|")})$`]);
  expect(output.trim().split("\n").at(-1)).toMatch(/^\d+ passed, 0 failed/);
  expect(code).toBe(0);
});

function replay(flags: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(contracts, "replay.mjs"), emulator.url, truth, ...flags]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (output += part.toString()));
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, output }));
  });
}
