import { SnapshotError } from "../errors.ts";
import type { KnownIds } from "../id-rows.ts";
import { byteReader, byteWriter, checkHeader, headerOf } from "../bytes.ts";
import { checksum } from "./kernels/checksum.ts";
import { restoreRows, saveRows } from "./saved-rows.ts";
import type { Metric } from "./shape.ts";
import type { Unread } from "./unread-values.ts";
import type { VectorRows } from "./rows.ts";
import type { SavedBytes } from "./saved.ts";
import { type Profile, vectorRows } from "./vector-rows.ts";

/** What `vectors` was asked for. */
export interface Settings {
  readonly dimensions: number;
  readonly metric: Metric;
  readonly profile: Profile;
}

export const metrics: readonly Metric[] = ["cosine", "dot", "euclidean"];
export const profiles: readonly Profile[] = ["balanced", "exact"];

const name = "vectors";
/** Another one whenever memory is laid out anew. */
const version = 2;
const trailer = 4;

/**
 * A head with settings, sizes and a checksum; the body: where each id ends, ids, and vectors as they stand in memory, so that
 * opening costs little more than copying; the length of the head.
 */
export function vectorsBytes(
  { dimensions, metric, profile }: Settings,
  documents: readonly { readonly row: number; readonly id: string }[],
  held: VectorRows,
): Uint8Array {
  const { plain, size, parts } = saveRows(
    held,
    documents.map(({ row }) => row),
    dimensions,
  );
  const encoder = new TextEncoder();
  const text = encoder.encode(documents.map(({ id }) => id).join(""));
  // A text of as many bytes as characters has no id with more.
  const plainText = text.length === documents.reduce((sum, { id }) => sum + id.length, 0);
  const ends = new Uint32Array(documents.length);
  let end = 0;
  for (const [index, { id }] of documents.entries()) {
    end += plainText ? id.length : encoder.encode(id).length;
    ends[index] = end;
  }
  const body = [new Uint8Array(ends.buffer), text, ...parts];
  const writer = byteWriter(name, version);
  const numbers = [dimensions, metrics.indexOf(metric), profiles.indexOf(profile), Number(plain), size, text.length];
  const sum = checksum();
  for (const part of body) sum.add(part);
  for (const value of [...numbers, sum.value()]) writer.number(value);
  const head = writer.seal();
  const all = [head, ...body, new Uint8Array(trailer)];
  const bytes = new Uint8Array(all.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of all) {
    bytes.set(part, at);
    at += part.length;
  }
  new DataView(bytes.buffer).setUint32(at - trailer, head.length, true);
  return bytes;
}

/** Bytes in memory, or in a file. */
export interface ByteSource {
  readonly length: number;
  /** Where they can be read as long as it is wanted: what leaves them there. */
  readonly unread: Unread | undefined;
  /** Fills `into` with the bytes from `at`. */
  read(at: number, into: Uint8Array): void;
}

export function bytesHeld(bytes: Uint8Array): ByteSource {
  checkHeader(bytes, name, version);
  return {
    length: bytes.length,
    unread: undefined,
    read: (at, into) => into.set(bytes.subarray(at, at + into.length)),
  };
}

export function* readVectors(source: ByteSource): Generator<
  void,
  {
    readonly settings: Settings;
    readonly ids: KnownIds;
    readonly held: VectorRows;
  },
  undefined
> {
  const bytesAt = (at: number, length: number): Uint8Array<ArrayBuffer> => {
    const bytes = new Uint8Array(length);
    source.read(at, bytes);
    return bytes;
  };
  // First of all: another version may end in anything.
  checkHeader(bytesAt(0, Math.min(source.length, headerOf(name, version).length)), name, version);
  const end = Math.max(source.length - trailer, 0);
  const headLength = end > 0 ? new DataView(bytesAt(end, trailer).buffer).getUint32(0, true) : 0;
  // Bytes too few to end in a length are refused by the reader, as those of anything else.
  const reader = byteReader(bytesAt(0, Math.min(end > 0 ? headLength : source.length, source.length)), name, version);
  const dimensions = reader.number();
  const metric = metrics[reader.number()] ?? reader.damaged();
  const profile = profiles[reader.number()] ?? reader.damaged();
  const plain = reader.number() === 1;
  const size = reader.number();
  const textLength = reader.number();
  const expected = reader.number();
  const settings: Settings = { dimensions, metric, profile };
  const held = vectorRows(settings);
  const textAt = headLength + size * Uint32Array.BYTES_PER_ELEMENT;
  let at = textAt + textLength;
  const damaged = (): never => {
    throw new SnapshotError(`The vectors of this ${name} snapshot are damaged or cut off.`);
  };
  if (at > end) damaged();
  const ends = new Uint32Array(bytesAt(headLength, textAt - headLength).buffer);
  const names = bytesAt(textAt, textLength);
  const sum = checksum();
  sum.add(new Uint8Array(ends.buffer));
  sum.add(names);
  const saved: SavedBytes = {
    length: end - at,
    next(into, place) {
      const start = at;
      at += into.length;
      const fill = (some: Uint8Array, from: number): void => source.read(start + from, some);
      if (place !== undefined) return sum.addPlaced(into, place, fill);
      fill(into, 0);
      sum.add(into);
    },
    unread: source.unread,
    later(length) {
      const start = at;
      sum.addPieces(length, (into, from) => source.read(start + from, into));
      at += length;
      return (from, into) => source.read(start + from, into);
    },
  };
  if (!(yield* restoreRows(held, { plain, size }, saved, dimensions)) || sum.value() !== expected) damaged();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const idOf = (row: number): string => decoder.decode(names.subarray(ends[row - 1] ?? 0, ends[row]));
  return { settings, ids: { size, idOf }, held };
}
