/**
 * Several nodes in one process: which replicas can answer or take a write when nodes are dead, and with which words the
 * server says that they cannot. Replicas of a shard share their points; what a dead one missed is not modelled.
 */
import type { Collection } from "./collection.ts";
import { Refusal } from "./refusal.ts";
import type { Replica, Shard } from "./shard.ts";

/** Whether each node is alive. */
export type Nodes = readonly boolean[];
/** How many replicas must answer a read. */
export type Consistency = number | "majority" | "quorum" | "all";
export type Ordering = "weak" | "medium" | "strong";

const unreachable =
  "Service internal error: Tonic status error: code: 'The service is currently unavailable', message: \"tcp connect error\"";

function serving(replica: Replica, nodes: Nodes): boolean {
  return replica.state === "Active" && nodes[replica.node] === true;
}

function needed(consistency: Consistency, replicas: number): number {
  if (consistency === "quorum") return Math.floor(replicas / 2) + 1;
  return typeof consistency === "number" ? Math.min(consistency, replicas) : replicas; // majority asks for every one, too
}

export function checkRead(shards: readonly Shard[], nodes: Nodes, consistency: Consistency): void {
  for (const { id, replicas } of shards) {
    const need = needed(consistency, replicas.length);
    if (replicas.filter((replica) => serving(replica, nodes)).length >= need) continue;
    if (replicas.filter(({ state }) => state === "Active").length < need) {
      throw new Refusal(
        500,
        `Service internal error: The replica set for shard ${id} on peer 0 does not have enough active replicas`,
      );
    }
    throw new Refusal(500, `Service internal error: 1 of ${need} read operations failed:\n  ${unreachable}`);
  }
}

/**
 * The shards that a write reaches, and afterwards whether too few replicas took it: then it is a 500, and yet applied.
 * What did not answer is marked dead, so that the next write asks no more of it.
 */
export function planWrite(
  collection: Collection,
  shards: readonly Shard[],
  nodes: Nodes,
  ordering: Ordering,
): { reached: readonly Shard[]; finish(): void } {
  const factor = Number(collection.params["write_consistency_factor"]);
  const active = ({ replicas }: Shard) => replicas.filter(({ state }) => state === "Active");
  const led = (shard: Shard) => {
    const [leader] = active(shard);
    return ordering !== "strong" || (leader !== undefined && serving(leader, nodes));
  };
  const alive = ({ replicas }: Shard) => replicas.filter((replica) => nodes[replica.node] === true);
  const reached = shards.filter((shard) => led(shard) && alive(shard).length > 0);
  const failed = shards.filter(
    (shard) => !reached.includes(shard) || alive(shard).length < Math.min(factor, active(shard).length),
  );
  return {
    reached,
    finish() {
      for (const { replicas } of reached) {
        for (const replica of replicas) replica.state = nodes[replica.node] === true ? "Active" : "Dead";
      }
      if (failed.length === 0) return;
      const why =
        ordering === "weak"
          ? unreachable
          : `Service internal error: Failed to apply update with ${ordering === "strong" ? "Strong" : "Medium"} ordering via leader peer 0: ${unreachable}`;
      throw new Refusal(
        500,
        `Service internal error: ${failed.length} out of ${collection.shards.length} shards failed to apply operation. First error captured: ${why}`,
      );
    },
  };
}

/** Collections and aliases are agreed on by more than half of the nodes. */
export function checkConsensus(nodes: Nodes, timeout: number): void {
  if (nodes.filter(Boolean).length * 2 > nodes.length) return;
  throw new Refusal(
    500,
    `Service internal error: Waiting for consensus operation commit failed. Timeout set at: ${timeout} seconds`,
  );
}
