import { joined } from "../bytes.ts";
import type { Codes } from "./codes.ts";
import { pageRows } from "./kernels/kernels.ts";
import type { VectorRows } from "./rows.ts";
import type { Saved, SavedBytes } from "./saved.ts";
import { type Segment, segmentRows } from "./segment.ts";
import type { Shape } from "./shape.ts";

/** Vectors as given, read at a time: a multiple of 32, so that a checksum of the parts is that of all. */
const slice = 256;

/** The vectors of these rows, which are all of them, to be rows 0, 1, 2 … again; views that the next write changes. */
export function saveRows(held: VectorRows, rows: readonly number[], dimensions: number): Saved {
  const codes = held.codes();
  const size = rows.length;
  if (codes === undefined) {
    const all = new Float32Array(size * dimensions);
    for (const [index, row] of rows.entries()) all.set(held.vectorOf(row) as Float32Array, index * dimensions);
    return { plain: true, size, parts: [new Uint8Array(all.buffer)] };
  }
  const { slots, segments, make } = codes;
  if (size === slots.end && rows.every((row, index) => row === index && slots.slotOf(row) === index)) {
    return { plain: false, size, parts: segments.flatMap((one) => one.save()) };
  }
  const dense: Segment[] = [];
  for (let first = 0; first < size; first += segmentRows) {
    const mine = rows.slice(first, first + segmentRows);
    const one = make();
    one.resize(mine.length);
    for (const [index, row] of mine.entries()) {
      one.unpack(index, packedSlot(codes, slots.slotOf(row) as number));
    }
    one.centreOn([...mine.keys()]);
    dense.push(one);
  }
  return { plain: false, size, parts: dense.flatMap((one) => one.save()) };
}

/** Takes what was saved, when there is nothing yet. False where the bytes cannot be so many vectors. */
export function* restoreRows(
  held: VectorRows,
  { plain, size }: Pick<Saved, "plain" | "size">,
  bytes: SavedBytes,
  dimensions: number,
): Generator<void, boolean, undefined> {
  const codes = held.codes(!plain);
  if (codes === undefined) {
    if (bytes.length !== size * dimensions * Float32Array.BYTES_PER_ELEMENT) return false;
    // The last one first: then there is room for all of them.
    if (size > 0) held.set(size - 1, new Float32Array(dimensions));
    const values = new Float32Array(Math.min(slice, size) * dimensions);
    for (let row = 0; row < size;) {
      const some = values.subarray(0, (size - row) * dimensions);
      bytes.next(new Uint8Array(some.buffer, 0, some.byteLength));
      for (let at = 0; at < some.length; at += dimensions) held.set(row++, some.subarray(at, at + dimensions));
      yield;
    }
    return true;
  }
  const { shape, slots, segments, written, make } = codes;
  const counts = Array.from({ length: Math.ceil(size / segmentRows) }, (_, index) =>
    Math.min(segmentRows, size - index * segmentRows),
  );
  if (bytes.length !== counts.reduce((sum, rows) => sum + savedBytes(shape, rows), 0)) return false;
  // All memory first: each further one may make the engine collect garbage where there is none.
  for (const rows of counts) {
    segments.push(make({ rows, unread: bytes.unread }));
    written.push({ since: 0, of: rows });
  }
  for (const one of segments) yield* one.restore(bytes);
  slots.fill(size);
  return true;
}

/** What is kept of a row. The first byte tells a vector as it was given, 0, from one in 16 bits. */
export function packedRow(held: VectorRows, row: number): Uint8Array | undefined {
  const codes = held.codes();
  const slot = codes?.slots.slotOf(row);
  const vector = codes === undefined ? held.vectorOf(row) : undefined;
  if (vector !== undefined) return joined([Uint8Array.of(0), new Uint8Array(vector.buffer)]);
  return codes && slot !== undefined ? joined([Uint8Array.of(1), packedSlot(codes, slot)]) : undefined;
}

function packedSlot({ segments }: Codes, slot: number): Uint8Array {
  return (segments[Math.floor(slot / segmentRows)] as Segment).packed(slot % segmentRows);
}

/** Each takes some of what `restoreRows` left where it was. */
export function restOf(held: VectorRows): readonly (() => void)[] {
  return held.codes()?.segments.flatMap((one) => one.rest()) ?? [];
}

function savedBytes(shape: Shape, rows: number): number {
  return shape.size * 4 + Math.ceil(rows / pageRows) * shape.pageBytes;
}
