import { vectorRows } from "../dense/vector-rows.ts";
import { SnapshotError } from "../errors.ts";
import { latentModel, type LatentModel } from "../latent/model.ts";
import { type ByteReader, checkHeader, joined, plainReader } from "../bytes.ts";
import { readDocuments } from "./document-bytes.ts";
import { frameAt } from "./frames.ts";
import { latentLeg } from "./latent-leg.ts";
import type { MemorySettings } from "./memory-options.ts";
import { legsOf, type Engines } from "./memory-store.ts";
import { emptyState, type MemoryState } from "./memory-state.ts";
import { partition, type Partition } from "./partition.ts";
import { section, type SnapshotHead, snapshotName, snapshotVersion } from "./snapshot.ts";

export const allEngines: Engines = { partition, vectorRows, latentLeg };

/** What a snapshot holds. */
export interface Restored {
  readonly settings: MemorySettings;
  readonly state: MemoryState;
}

/** Where the first frame of a snapshot begins. */
export function snapshotStart(bytes: Uint8Array): number {
  return checkHeader(bytes, snapshotName, snapshotVersion);
}

function damaged(): never {
  throw new SnapshotError(`This ${snapshotName} snapshot is damaged or cut off.`);
}

/**
 * The store that a snapshot's bytes hold. Whatever does not fit is a `SnapshotError`. Yields after every frame, a few
 * milliseconds of work.
 */
export function* readSnapshot(bytes: Uint8Array, storeName: string): Generator<void, Restored, undefined> {
  const reading = snapshotReading(storeName);
  let at = snapshotStart(bytes);
  while (at < bytes.length) {
    const found = frameAt(bytes, at) ?? damaged();
    if (reading.ended) damaged();
    reading.take(found.bytes);
    at = found.end;
    yield;
  }
  return reading.ended ? reading.restored() : damaged();
}

/** Takes the frames of a snapshot in their order, and makes of them what was held. */
export interface SnapshotReading {
  readonly ended: boolean;
  /** Whatever does not fit is a `SnapshotError`, and leaves what was taken before as it was. */
  take(frame: Uint8Array): void;
  restored(): Restored;
}

export function snapshotReading(storeName: string): SnapshotReading {
  const state = emptyState();
  let settings: MemorySettings | undefined;
  let partitions: readonly Partition[] = [];
  let model: ModelReading | undefined;
  let ended = false;

  const head = (bytes: Uint8Array): void => {
    const { profile, latent, live, previous, created, ...listed } = jsonIn(bytes) as SnapshotHead;
    const kept = { profile, latent: latent ?? undefined };
    settings = kept;
    Object.assign(state, { live: live ?? undefined, previous: previous ?? undefined, created });
    for (const { name, spec } of listed.generations) {
      state.generations.set(name, { spec, legs: legsOf(spec, kept, allEngines), tenants: new Map() });
    }
    partitions = listed.partitions.map(({ generation, tenant }) => {
      const { spec, legs, tenants } = state.generations.get(generation) ?? damaged();
      const held = partition(spec, storeName, legs);
      tenants.set(tenant, held);
      return held;
    });
  };
  const contents = (kind: number | undefined, bytes: Uint8Array): void => {
    const reader = plainReader(bytes, damaged);
    const held = partitions[reader.number()] ?? damaged();
    if (kind === section.documents) {
      const documents = readDocuments(reader);
      held.check(documents);
      held.replace(documents);
      return;
    }
    if (kind === section.model) model = modelReading(reader);
    else if (kind === section.modelPart) model?.take(reader.bytes(reader.left));
    else damaged();
    if (model?.missing !== 0) return;
    (held.latent ?? damaged()).restore(model.model());
    model = undefined;
  };

  return {
    get ended() {
      return ended;
    },
    take(frame) {
      const kind = frame[0];
      const bytes = frame.subarray(1);
      if ((kind === section.modelPart) !== (model !== undefined)) {
        model = undefined;
        damaged();
      }
      try {
        if (kind === section.head) head(bytes);
        else if (kind === section.end) ended = true;
        else contents(kind, bytes);
      } catch (cause) {
        throw new SnapshotError(`This ${snapshotName} snapshot holds what no store holds.`, { cause });
      }
    },
    restored: () => ({ state, settings: settings ?? damaged() }),
  };
}

interface ModelReading {
  /** Bytes still to come. */
  readonly missing: number;
  take(bytes: Uint8Array): void;
  model(): LatentModel;
}

function modelReading(reader: ByteReader): ModelReading {
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

export function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return damaged();
  }
}
