import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contracts } from "./emulator/contract.ts";
import { type Emulator, startEmulator } from "./emulator/index.ts";

/** What a real server answered, and the script that asks another one the same. */
const truth = join(contracts, "qdrant-truth.json");

/** Sessions of which some steps ask for what is not emulated; every other step must agree. */
const inPart: Readonly<Record<string, string>> = {
  "query-options": "groups, facets",
  "fusion-rrf": "groups",
  "fusion-dbsf-formula": "formula queries",
  "http-surface": "the removed search routes",
  scroll: "order_by",
};

const leftOut: Readonly<Record<string, string>> = {
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
  const names = sessions.map(({ name }) => name).filter((name) => !(name in inPart || name in leftOut));
  const { code, output } = await replay([...names, "filterCases"]);
  expect(output.trim().split("\n").at(-1)).toMatch(/^\d+ passed, 0 failed$/);
  expect(code).toBe(0);
});

test("in the sessions left out only what is not emulated differs", async () => {
  if (!existsSync(truth)) return console.log(`skipped: no ${truth}`);
  for (const [name, what] of [...Object.entries(inPart), ...Object.entries(leftOut)]) {
    console.log(`left out of the replay: ${name} (${what})`);
  }
  const { output } = await replay(Object.keys(inPart));
  const differences = output.split("\n").filter((line) => line.startsWith("    "));
  expect(differences).not.toHaveLength(0);
  expect(differences.filter((line) => !line.includes("≠ 501 "))).toEqual([]);
});

function replay(names: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [
    join(contracts, "replay.mjs"),
    emulator.url,
    truth,
    `--only=^(${names.join("|")})$`,
    "--show=100",
  ]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (output += part.toString()));
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, output }));
  });
}
