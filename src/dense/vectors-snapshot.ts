import { SnapshotError } from "../errors.ts";
import type { KnownIds } from "../id-rows.ts";
import { byteReader, byteWriter } from "../bytes.ts";
import { checksum } from "./kernels/checksum.ts";
import type { Metric } from "./shape.ts";
import { type Profile, vectorRows, type VectorRows } from "./vector-rows.ts";

/** What `vectors` was asked for. */
export interface Settings {
  readonly dimensions: number;
  readonly metric: Metric;
  readonly profile: Profile;
}

export const metrics: readonly Metric[] = ["cosine", "dot", "euclidean"];
export const profiles: readonly Profile[] = ["balanced", "exact"];

const name = "vectors";
const version = 1;
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
  const { plain, size, parts } = held.save(documents.map(({ row }) => row));
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
  for (const value of [...numbers, checksum(body)]) writer.number(value);
  const head = writer.seal();
  const all = [head, ...body, new Uint8Array(trailer)];
  const bytes = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    bytes.set(part, at);
    at += part.length;
  }
  new DataView(bytes.buffer).setUint32(at - trailer, head.length, true);
  return bytes;
}

export function readVectors(bytes: Uint8Array): {
  readonly settings: Settings;
  readonly ids: KnownIds;
  readonly held: VectorRows;
} {
  const end = bytes instanceof Uint8Array ? bytes.length - trailer : 0;
  const headLength = end > 0 ? new DataView(bytes.buffer, bytes.byteOffset + end).getUint32(0, true) : 0;
  // Bytes too few to end in a length are refused by the reader, as those of anything else.
  const reader = byteReader(end > 0 ? bytes.subarray(0, headLength) : bytes, name, version);
  const dimensions = reader.number();
  const metric = metrics[reader.number()] ?? reader.damaged();
  const profile = profiles[reader.number()] ?? reader.damaged();
  const plain = reader.number() === 1;
  const size = reader.number();
  const textLength = reader.number();
  const sum = reader.number();
  const settings: Settings = { dimensions, metric, profile };
  const held = vectorRows(settings);
  const textAt = headLength + size * Uint32Array.BYTES_PER_ELEMENT;
  const vectorsAt = textAt + textLength;
  const damaged = (): never => {
    throw new SnapshotError(`The vectors of this ${name} snapshot are damaged or cut off.`);
  };
  if (vectorsAt > end) damaged();
  const text = bytes.subarray(textAt, vectorsAt);
  const packed = bytes.subarray(vectorsAt, end);
  const places = new Uint8Array(bytes.subarray(headLength, textAt));
  if (checksum([places, text, packed]) !== sum) damaged();
  if (!held.restore({ plain, size }, packed)) damaged();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const ends = new Uint32Array(places.buffer);
  const names = new Uint8Array(text);
  const idOf = (row: number): string => decoder.decode(names.subarray(ends[row - 1] ?? 0, ends[row]));
  return { settings, ids: { size, idOf }, held };
}
