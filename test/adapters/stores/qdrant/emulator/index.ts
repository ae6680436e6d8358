/**
 * A Qdrant 1.19 for tests: the semantics of the real server for what the adapter uses, in memory, on a port of this
 * machine, so that `@qdrant/js-client-rest` talks to it as to any server.
 *
 *     const emulator = await startEmulator();
 *     const client = new QdrantClient({ url: emulator.url, checkCompatibility: false });
 *     …
 *     await emulator.close();
 *
 * Faults hit the requests that come next, in turn:
 *
 *     emulator.inject({ kind: "reset", when: "after" });              // the next request
 *     emulator.inject(tooManyRequests("1.5"), { times: 2 });          // the next two
 *     emulator.inject({ kind: "hang" }, { when: ({ path }) => path.includes("/points/query") });
 *     emulator.inject({ kind: "acknowledged" });                      // a write that is applied at `settle()`
 *
 * A cluster: `startEmulator({ nodes: 3 })`, then collections with `shard_number` and `replication_factor` (the default is
 * a shard per node); `emulator.kill(2)` and `emulator.revive(2)`. Each shard has its own idf. `emulator.vacuum()` lets
 * deleted points leave the statistics, which the real server does some time later.
 *
 * Equal scores come in another order with each request, as they may from the server. `emulator.requests` holds what was
 * asked. What is not emulated is answered with 501, never with a guess: order_by, groups, facets, formula and recommend
 * queries, multivectors, geo conditions, inference, snapshots, authentication.
 */
import { type Fault, type FaultPlan, internalError, refused, takeFault, tooManyRequests } from "./faults.ts";
import { answer, type Request } from "./routes.ts";
import { listen } from "./server.ts";
import { vacuum } from "./shard.ts";
import { emptyState } from "./state.ts";

export interface Emulator {
  readonly url: string;
  /** What was asked since the start or the last `forget()`. */
  readonly requests: readonly Request[];
  forget(): void;
  /** The fault hits the next request that `when` allows, or as many as `times` says; faults queue up. */
  inject(fault: Fault, options?: { readonly times?: number; readonly when?: FaultPlan["when"] }): void;
  /** Drops the faults that hit nothing yet. */
  heal(): void;
  /** Applies the writes that were only acknowledged; with `false` they are lost. */
  settle(apply?: boolean): void;
  /** The node stops; its replicas neither answer nor take writes. */
  kill(node: number): void;
  revive(node: number): void;
  vacuum(): void;
  close(): Promise<void>;
}

export async function startEmulator(options: { readonly nodes?: number } = {}): Promise<Emulator> {
  const state = emptyState(options.nodes ?? 1);
  const requests: Request[] = [];
  const plans: FaultPlan[] = [];
  const listening = await listen({
    fault(request) {
      requests.push(request);
      return takeFault(plans, request);
    },
    answer: (request, acknowledgeOnly) => answer(state, request, acknowledgeOnly),
  });
  return {
    url: listening.url,
    requests,
    forget() {
      requests.length = 0;
    },
    inject(fault, { times = 1, when = () => true } = {}) {
      plans.push({ fault, when, left: times });
    },
    heal() {
      plans.length = 0;
    },
    settle(apply = true) {
      for (const change of state.pending.splice(0)) if (apply) change();
    },
    kill(node) {
      state.nodes[node] = false;
    },
    revive(node) {
      state.nodes[node] = true;
      for (const { shards } of state.collections.values()) {
        for (const { replicas } of shards)
          for (const replica of replicas) if (replica.node === node) replica.state = "Active";
      }
    },
    vacuum() {
      for (const { shards } of state.collections.values()) for (const shard of shards) vacuum(shard);
    },
    close: () => listening.close(),
  };
}

export { internalError, refused, tooManyRequests };
export type { Fault, Request };
