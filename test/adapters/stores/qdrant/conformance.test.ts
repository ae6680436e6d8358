import { expect, test } from "vitest";
import type { QdrantOptions } from "../../../../adapters/stores/qdrant.ts";
import { describeConformance } from "../conformance.ts";
import { contractProblems } from "./emulator/contract.ts";
import { engines, openEmulator, type OpenEngine } from "./engines.ts";

function describeQdrant(name: string, open: () => Promise<OpenEngine>, options?: Partial<QdrantOptions>): void {
  const emptyStore = (engine: OpenEngine) => engine.emptyStore(options);
  describeConformance(name, open, emptyStore, (opened) => {
    test("every request was one that the server's contract knows", () => {
      expect(contractProblems(opened().emulator?.requests ?? [])).toEqual([]);
    });
  });
}

for (const { name, open } of engines) describeQdrant(`qdrant on ${name}`, open);

const cluster = (): Promise<OpenEngine> => openEmulator({ nodes: 3 });
describeQdrant("qdrant on a cluster with three shards, of which replicas must agree", cluster, {
  shards: 3,
  replicas: 2,
  writeConsistency: 2,
  readConsistency: "quorum",
});
describeQdrant("qdrant on a cluster with two shards for each tenant", cluster, { shardKeyPerTenant: true, shards: 2 });
