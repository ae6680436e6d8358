import type { ModelParts } from "../latent/model.ts";
import { headerOf, joined, plainWriter } from "../bytes.ts";
import { packedRow } from "../dense/saved-rows.ts";
import type { IndexSpec } from "../types.ts";
import { documentWriter } from "./document-bytes.ts";
import { frame } from "./frames.ts";
import type { MemorySettings } from "./memory-options.ts";
import type { MemoryState } from "./memory-state.ts";
import type { HeldDocument, HeldRow, Partition } from "./partition.ts";

export const snapshotName = "memory";
/** Another one whenever documents are written anew, or vectors packed. */
export const snapshotVersion = 2;

/** What the first byte of a frame says is in it. */
export const section = { head: 0, model: 1, modelPart: 2, documents: 3, end: 4 } as const;

/** The head, as JSON; the end says it once more, so that the loss of one is not the loss of all. */
export interface SnapshotHead {
  readonly profile: MemorySettings["profile"];
  readonly latent: MemorySettings["latent"] | null;
  readonly live: string | null;
  readonly previous: string | null;
  readonly created: number;
  readonly generations: readonly { readonly name: string; readonly spec: IndexSpec }[];
  /** Numbered: models and documents say to which they belong. */
  readonly partitions: readonly { readonly generation: string; readonly tenant: string | null }[];
}

/** Documents are framed by about so many bytes: small enough to lose one, and to make one between two breaks. */
const framed = 1 << 18;

/** A store as it is at one moment. */
export interface Snapshot {
  /** Its bytes part by part, to be asked for once. Others may write to the store meanwhile. */
  readonly parts: Iterable<Uint8Array<ArrayBuffer>>;
  /** Nothing is kept for it any more; done by the last part, too. */
  readonly release: () => void;
}

/**
 * A whole store as bytes: a head, then for each tenant of each generation the model of its latent leg, and its documents
 * with all that is held of them; an end, so that nothing can be missing.
 */
export function snapshot(state: MemoryState, { profile, latent }: MemorySettings): Snapshot {
  const header = headerOf(snapshotName, snapshotVersion);
  let at = header.length;
  const part = (kind: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
    const framedPart = frame(joined([Uint8Array.of(kind), ...contents]), at);
    at += framedPart.length;
    return framedPart;
  };
  const json = (kind: number, value: unknown): Uint8Array<ArrayBuffer> =>
    part(kind, new TextEncoder().encode(JSON.stringify(value)));

  const partitions = [...state.generations].flatMap(([generation, { tenants }]) =>
    [...tenants].map(([tenant, held]) => ({ generation, tenant, held, model: held.latent?.model?.parts })),
  );
  /** Documents still to be written, and those of them that are other ones by now, as they were. */
  const waiting = new Map(partitions.map(({ held }) => [held, new Set(held.documentIds())]));
  const earlier = new Map(partitions.map(({ held }) => [held, new Map<string, readonly HeldRow[]>()]));
  const watch = (held: Partition, replaced: readonly { readonly id: string }[]): void => {
    for (const { id } of replaced) {
      if (waiting.get(held)?.delete(id) === true) earlier.get(held)?.set(id, heldRows(held, id));
    }
  };
  const generations = [...state.generations].map(([name, { spec }]) => ({ name, spec }));
  const head: SnapshotHead = {
    profile,
    latent: latent ?? null,
    live: state.live ?? null,
    previous: state.previous ?? null,
    created: state.created,
    generations,
    partitions: partitions.map(({ generation, tenant }) => ({ generation, tenant })),
  };
  function* documents(held: Partition): Generator<HeldDocument, void, undefined> {
    const ids = waiting.get(held);
    for (const id of ids ?? []) {
      ids?.delete(id);
      yield { id, chunks: heldRows(held, id) };
    }
    for (const [id, chunks] of earlier.get(held) ?? []) yield { id, chunks };
    earlier.delete(held);
  }
  function* parts(): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
    yield header;
    yield json(section.head, head);
    for (const [number, { held, model }] of partitions.entries()) {
      const belongs = numbers(number);
      if (model !== undefined) yield* modelParts(model, belongs, part);
      let writer = documentWriter();
      for (const document of documents(held)) {
        writer.add(document);
        if (writer.length < framed) continue;
        yield part(section.documents, belongs, writer.take());
        writer = documentWriter();
      }
      if (writer.length > 0) yield part(section.documents, belongs, writer.take());
    }
    release();
    yield json(section.end, head);
  }
  const release = (): void => {
    state.watchers.delete(watch);
  };
  state.watchers.add(watch);
  return { parts: parts(), release };
}

/** All that is held of a document, for a `replace` elsewhere that makes it the same. */
function heldRows(held: Partition, documentId: string): readonly HeldRow[] {
  const { dense, latent } = held;
  return held.rowsOf(documentId).flatMap((row) => {
    const chunk = held.chunkAt(row);
    const terms = held.termsOf(row);
    const packed = dense && packedRow(dense, row);
    const fitted = latent?.isFitted(row) === true;
    return chunk === undefined
      ? []
      : { ...chunk, legs: { ...(terms && { terms }), ...(packed && { packed }), fitted } };
  });
}

/** Sizes, then the arrays one after the other, as memory: little-endian, as every platform that runs JavaScript is. */
function* modelParts(
  { ids, weights, basis, turnBy, columns }: ModelParts,
  belongs: Uint8Array,
  part: (kind: number, ...contents: readonly Uint8Array[]) => Uint8Array<ArrayBuffer>,
): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  yield part(section.model, belongs, numbers(columns, ids.length, weights.length, basis.length, turnBy.length));
  for (const { buffer, byteOffset, byteLength } of [ids, weights, basis, turnBy]) {
    for (let start = 0; start < byteLength; start += framed) {
      const size = Math.min(framed, byteLength - start);
      yield part(section.modelPart, belongs, new Uint8Array(buffer, byteOffset + start, size));
    }
  }
}

function numbers(...values: readonly number[]): Uint8Array {
  const writer = plainWriter();
  for (const value of values) writer.number(value);
  return writer.take();
}
