import { vectorRows } from "../dense/vector-rows.ts";
import { SnapshotError } from "../errors.ts";
import { latentModel, type LatentModel } from "../latent/model.ts";
import { checkHeader, joined, plainReader } from "../lexical/bytes.ts";
import { readDocuments } from "./document-bytes.ts";
import { type Frame, frameAt } from "./frames.ts";
import { latentLeg } from "./latent-leg.ts";
import type { MemorySettings } from "./memory-options.ts";
import { denseLegs, type Engines } from "./memory-store.ts";
import { emptyState, type MemoryState } from "./memory-state.ts";
import { type HeldDocument, partition, type Partition } from "./partition.ts";
import { section, type SnapshotHead, snapshotName, snapshotVersion } from "./snapshot.ts";

export const allEngines: Engines = { vectorRows, latentLeg };

/** Where the first frame of a snapshot begins. */
function snapshotStart(bytes: Uint8Array): number {
  return checkHeader(bytes, snapshotName, snapshotVersion);
}

function damaged(): never {
  throw new SnapshotError(`This ${snapshotName} snapshot is damaged or cut off.`);
}

/** Takes the frames of a snapshot in their order, and makes of them what was held. */
export interface SnapshotReading {
  take(bytes: Uint8Array): void;
  /** Only once the end was taken. */
  done(): { readonly settings: MemorySettings; readonly state: MemoryState };
  readonly ended: boolean;
}

/**
 * The store that a snapshot's bytes hold. Whatever does not fit is a `SnapshotError`. Yields after every frame, a few
 * milliseconds of work.
 */
export function* readSnapshot(bytes: Uint8Array): Generator<void, ReturnType<SnapshotReading["done"]>, undefined> {
  const reading = snapshotReading();
  let at = snapshotStart(bytes);
  while (at < bytes.length) {
    const found: Frame = frameAt(bytes, at) ?? damaged();
    reading.take(found.bytes);
    at = found.end;
    yield;
  }
  return reading.done();
}

function snapshotReading(): SnapshotReading {
  const state = emptyState();
  let settings: MemorySettings | undefined;
  let target: Partition | undefined;
  let model: ModelReading | undefined;
  let ended = false;

  const head = (bytes: Uint8Array): void => {
    const { profile, latent, live, previous, created, generations } = json(bytes) as SnapshotHead;
    settings = { profile, latent: latent ?? undefined };
    Object.assign(state, { live: live ?? undefined, previous: previous ?? undefined, created });
    for (const { name, spec } of generations) {
      state.generations.set(name, { spec, legs: denseLegs(spec, settings, allEngines), tenants: new Map() });
    }
  };
  const open = (bytes: Uint8Array): void => {
    const { generation, tenant } = json(bytes) as { readonly generation: string; readonly tenant: string | null };
    const { spec, legs, tenants } = state.generations.get(generation) ?? damaged();
    target = partition(spec, "memory", legs);
    tenants.set(tenant, target);
  };
  const documents = (bytes: Uint8Array): void => {
    const read = documentsIn(bytes);
    try {
      const held = target ?? damaged();
      held.check(read);
      held.replace(read);
    } catch (cause) {
      throw new SnapshotError(`This ${snapshotName} snapshot holds what no store holds.`, { cause });
    }
  };

  return {
    take(bytes) {
      const contents = bytes.subarray(1);
      const kind = bytes[0];
      const modelGoesOn = (model?.missing ?? 0) > 0;
      if (
        ended ||
        (kind === section.head) !== (settings === undefined) ||
        (kind === section.modelPart) !== modelGoesOn
      ) {
        damaged();
      }
      if (kind === section.head) head(contents);
      else if (kind === section.partition) open(contents);
      else if (kind === section.documents) documents(contents);
      else if (kind === section.end) ended = true;
      else {
        if (kind === section.model) model = modelReading(contents);
        else model?.take(contents);
        if (model?.missing === 0) (target?.latent ?? damaged()).restore(model.model());
      }
    },
    get ended() {
      return ended;
    },
    done() {
      if (!ended || settings === undefined) return damaged();
      return { settings, state };
    },
  };
}

interface ModelReading {
  /** Bytes still to come. */
  readonly missing: number;
  take(bytes: Uint8Array): void;
  model(): LatentModel;
}

function modelReading(sizes: Uint8Array): ModelReading {
  const reader = plainReader(sizes, damaged);
  const columns = reader.number();
  const [ids, weights, basis, turnBy] = [reader.number(), reader.number(), reader.number(), reader.number()];
  if (ids !== weights || basis < ids * columns || (columns > 0 && turnBy % columns !== 0)) damaged();
  const parts: Uint8Array[] = [];
  let missing = 4 * (ids + basis) + 8 * (weights + turnBy);
  return {
    get missing() {
      return missing;
    },
    take(bytes) {
      missing -= bytes.length;
      if (missing < 0) damaged();
      parts.push(bytes);
    },
    model() {
      const { buffer } = joined(parts);
      let at = 0;
      const next = (bytes: number): ArrayBuffer => buffer.slice(at, (at += bytes));
      return latentModel({
        columns,
        ids: new Uint32Array(next(4 * ids)),
        weights: new Float64Array(next(8 * weights)),
        basis: new Float32Array(next(4 * basis)),
        turnBy: new Float64Array(next(8 * turnBy)),
      });
    },
  };
}

function documentsIn(bytes: Uint8Array): readonly HeldDocument[] {
  return readDocuments(plainReader(bytes, damaged));
}

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return damaged();
  }
}
