import type { IndexSpec, Replacement, Scope } from "../types.ts";
import type { DenseLegs, partition, Partition } from "./partition.ts";
import { notThere } from "./generation-refusals.ts";

/** All that an in-memory store holds. */
export interface MemoryState {
  readonly generations: Map<string, Generation>;
  live: string | undefined;
  /** Stays readable, for searchers that opened it. */
  previous: string | undefined;
  /** Generations that there ever were: no name is given twice. */
  created: number;
  /** Called before documents of a partition are replaced. */
  readonly watchers: Set<(held: Partition, documents: Replacement["documents"]) => void>;
}

/** What a generation's partitions are made with. */
export interface PartitionLegs extends DenseLegs {
  readonly partition: typeof partition;
}

export interface Generation {
  spec: IndexSpec;
  readonly legs: PartitionLegs;
  readonly tenants: Map<string | null, Partition>;
}

/** All that can happen to it, as data: what is applied can be written down, and applied again. */
export type Change =
  | { readonly op: "create"; readonly generation: string; readonly spec: IndexSpec; readonly live: boolean }
  | { readonly op: "extend"; readonly generation: string; readonly fields: IndexSpec["fields"] }
  | { readonly op: "publish" | "retire"; readonly generation: string }
  | ({ readonly op: "replace" } & Replacement);

export function emptyState(): MemoryState {
  return { generations: new Map(), live: undefined, previous: undefined, created: 0, watchers: new Set() };
}

export function generationOf({ generations }: MemoryState, generation: string, storeName: string): Generation {
  const found = generations.get(generation);
  if (found !== undefined) return found;
  throw notThere(storeName, generation);
}

/** A tenant without rows has an empty partition, which is not kept. */
export function partitionOf(state: MemoryState, { generation, tenant }: Scope, storeName: string): Partition {
  const { spec, legs, tenants } = generationOf(state, generation, storeName);
  return tenants.get(tenant) ?? legs.partition(spec, storeName, legs);
}

/** What was checked cannot fail. `legsOf`: of a generation that is created. */
export function applyChange(
  state: MemoryState,
  change: Change,
  { storeName, legsOf }: { readonly storeName: string; readonly legsOf: (spec: IndexSpec) => PartitionLegs },
): void {
  const { generations } = state;
  switch (change.op) {
    case "create":
      state.created++;
      generations.set(change.generation, { spec: change.spec, legs: legsOf(change.spec), tenants: new Map() });
      if (change.live) state.live = change.generation;
      return;
    case "extend": {
      const opened = generationOf(state, change.generation, storeName);
      opened.spec = { ...opened.spec, fields: { ...opened.spec.fields, ...change.fields } };
      return;
    }
    case "publish":
      // One generation back stays readable; the one before that is let go.
      if (state.previous !== undefined && state.previous !== change.generation) generations.delete(state.previous);
      state.previous = state.live;
      state.live = change.generation;
      return;
    case "retire":
      generations.delete(change.generation);
      return;
    case "replace": {
      const { tenants } = generationOf(state, change.scope.generation, storeName);
      const target = partitionOf(state, change.scope, storeName);
      for (const watch of state.watchers) watch(target, change.documents);
      target.replace(change.documents);
      if (target.chunks > 0) tenants.set(change.scope.tenant, target);
      else tenants.delete(change.scope.tenant);
    }
  }
}
