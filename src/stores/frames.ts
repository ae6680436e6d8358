import { crc32c } from "../crc32c.ts";

/**
 * Bytes in frames, so that one that is damaged does not take the others with it: length and checksum of what is framed,
 * checksum of these two. Both checksums begin with the place of the frame, so that none can stand where another was.
 */
export interface Frame {
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** What a frame adds. */
const frameBytes = 12;

export function frame(bytes: Uint8Array, start: number): Uint8Array<ArrayBuffer> {
  const framed = new Uint8Array(frameBytes + bytes.length);
  const view = new DataView(framed.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint32(4, crc32c(bytes, start), true);
  view.setUint32(8, crc32c(framed.subarray(0, 8), start), true);
  framed.set(bytes, frameBytes);
  return framed;
}

/** The frame that begins here; undefined where there is none, or one that is damaged or cut off. */
export function frameAt(bytes: Uint8Array, start: number): Frame | undefined {
  const length = lengthAt(bytes, start);
  if (length === undefined) return undefined;
  const end = start + frameBytes + length;
  const framed = bytes.subarray(start + frameBytes, end);
  if (framed.length < length || crc32c(framed, start) !== viewOf(bytes).getUint32(start + 4, true)) return undefined;
  return { end, bytes: framed };
}

/**
 * Where the next frame may begin after one that is damaged: at its end where its length can be trusted, else wherever
 * the beginning of a frame is found.
 */
export function nextFrame(bytes: Uint8Array, damaged: number): number {
  const length = lengthAt(bytes, damaged);
  if (length !== undefined) return Math.min(damaged + frameBytes + length, bytes.length);
  for (let start = damaged + 1; start < bytes.length; start++) {
    if (lengthAt(bytes, start) !== undefined) return start;
  }
  return bytes.length;
}

function lengthAt(bytes: Uint8Array, start: number): number | undefined {
  if (start + frameBytes > bytes.length) return undefined;
  const view = viewOf(bytes);
  const known = view.getUint32(start + 8, true) === crc32c(bytes.subarray(start, start + 8), start);
  return known ? view.getUint32(start, true) : undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
