import { SnapshotError } from "../errors.ts";
import { byteReader, byteWriter } from "../lexical/bytes.ts";
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
 * A head with settings, ids and the checksum of the body; the body, which is memory as it stands, so that opening costs
 * little more than copying; the length of the head.
 */
export function vectorsBytes(
  { dimensions, metric, profile }: Settings,
  documents: readonly { readonly row: number; readonly id: string }[],
  held: VectorRows,
): Uint8Array {
  const { plain, size, parts } = held.save(documents.map(({ row }) => row));
  const writer = byteWriter(name, version);
  const numbers = [dimensions, metrics.indexOf(metric), profiles.indexOf(profile), Number(plain), size];
  for (const value of [...numbers, checksum(parts)]) writer.number(value);
  for (const { id } of documents) writer.number(id.length);
  writer.text(documents.map(({ id }) => id).join(""));
  const head = writer.seal();
  const all = [head, ...parts, new Uint8Array(trailer)];
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
  /** Of rows 0, 1, 2 … */
  readonly ids: readonly string[];
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
  const sum = reader.number();
  if (size > reader.left) reader.damaged();
  const lengths = Array.from({ length: size }, () => reader.number());
  const text = reader.text();
  let at = 0;
  const ids = lengths.map((length) => text.slice(at, (at += length)));
  const settings: Settings = { dimensions, metric, profile };
  const held = vectorRows(settings);
  const whole = held.restore({ plain, size }, bytes.subarray(headLength, end));
  if (!whole || checksum(held.save([...ids.keys()]).parts) !== sum) {
    throw new SnapshotError(`The vectors of this ${name} snapshot are damaged or cut off.`);
  }
  return { settings, ids, held };
}

/**
 * Four lanes over the words of each part, one multiplication a word. Every step can be undone, so that no change of a
 * single word goes unseen; a CRC takes ten times as long.
 */
function checksum(parts: readonly Uint8Array[]): number {
  let all = 0;
  for (const part of parts) {
    const words = new Int32Array(part.buffer, part.byteOffset, part.byteLength >>> 2);
    let [a, b, c, d] = [1, 2, 3, 4];
    let i = 0;
    for (; i + 3 < words.length; i += 4) {
      a = mixed(a, words[i] as number);
      b = mixed(b, words[i + 1] as number);
      c = mixed(c, words[i + 2] as number);
      d = mixed(d, words[i + 3] as number);
    }
    for (; i < words.length; i++) a = mixed(a, words[i] as number);
    for (const lane of [a, b, c, d]) all = mixed(all, lane);
  }
  return all >>> 0;
}

function mixed(lane: number, word: number): number {
  return Math.imul(((lane << 13) | (lane >>> 19)) ^ word, 0x9e3779b1);
}
