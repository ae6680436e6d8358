import { shown, SnapshotError } from "../errors.ts";

/** A snapshot's bytes: a name and a version, then numbers and texts, then a checksum of all before it. */
export interface ByteWriter {
  /** A whole number below 2^49, in as few bytes as it needs (LEB128). */
  number(value: number): void;
  float(value: number): void;
  /** In four bytes: exact for what comes from a Float32Array. */
  float32(value: number): void;
  text(value: string): void;
  /** All of it; the writer is done then. */
  seal(): Uint8Array;
}

/** Reads in the order of writing. Whatever does not fit is a `SnapshotError`. */
export interface ByteReader {
  /** How many bytes there are still. */
  readonly left: number;
  number(): number;
  float(): number;
  float32(): number;
  text(): string;
  /** For what reads well and cannot be true. */
  damaged(): never;
}

const CHECKSUM = 4;

export function byteWriter(name: string, version: number): ByteWriter {
  let bytes = new Uint8Array(1 << 10);
  let end = 0;
  const encoder = new TextEncoder();
  const float = new DataView(new ArrayBuffer(8));

  const reserve = (size: number): void => {
    if (end + size <= bytes.length) return;
    const longer = new Uint8Array(Math.max(end + size, bytes.length * 2));
    longer.set(bytes);
    bytes = longer;
  };
  const append = (added: Uint8Array): void => {
    reserve(added.length);
    bytes.set(added, end);
    end += added.length;
  };

  append(headerOf(name, version));
  const number = (value: number): void => {
    reserve(7);
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes[end++] = (rest & 127) | 128;
    bytes[end++] = rest;
  };
  return {
    number,
    float(value) {
      float.setFloat64(0, value, true);
      append(new Uint8Array(float.buffer));
    },
    float32(value) {
      float.setFloat32(0, value, true);
      append(new Uint8Array(float.buffer, 0, 4));
    },
    text(value) {
      const encoded = encoder.encode(value);
      number(encoded.length);
      append(encoded);
    },
    seal() {
      const checksum = crc32c(bytes.subarray(0, end));
      append(Uint8Array.of(checksum, checksum >>> 8, checksum >>> 16, checksum >>> 24));
      return bytes.slice(0, end);
    },
  };
}

export function byteReader(bytes: Uint8Array, name: string, version: number): ByteReader {
  const damaged = (): never => {
    throw new SnapshotError(`This ${name} snapshot is damaged or cut off.`);
  };
  if (!(bytes instanceof Uint8Array)) throw new SnapshotError(`Expected a Uint8Array, received ${shown(bytes)}.`);
  const header = headerOf(name, version);
  const end = bytes.length - CHECKSUM;
  if (end < header.length) damaged();
  const last = header.length - 1;
  if (header.subarray(0, last).some((byte, i) => byte !== bytes[i])) {
    throw new SnapshotError(`These bytes are no ${name} snapshot.`);
  }
  if (bytes[last] !== version) {
    const other = `This ${name} snapshot is of version ${bytes[last]}`;
    throw new SnapshotError(`${other}; this release of groundline reads version ${version}.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(end, true) !== crc32c(bytes.subarray(0, end))) damaged();
  // A byte order mark is a character of the text like any other.
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let at = header.length;

  const skip = (size: number): number => {
    if (size > end - at) damaged();
    at += size;
    return at - size;
  };
  const number = (): number => {
    let value = 0;
    for (let scale = 1; at < end && scale < 2 ** 49; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      if (byte < 128) return value + byte * scale;
      value += (byte - 128) * scale;
    }
    return damaged();
  };
  return {
    get left() {
      return end - at;
    },
    number,
    float: () => view.getFloat64(skip(8), true),
    float32: () => view.getFloat32(skip(4), true),
    text() {
      const size = number();
      const start = skip(size);
      try {
        return decoder.decode(bytes.subarray(start, start + size));
      } catch {
        return damaged();
      }
    },
    damaged,
  };
}

/** The name in ASCII, a NUL, the version. */
function headerOf(name: string, version: number): Uint8Array {
  return Uint8Array.of(...new TextEncoder().encode(`groundline ${name}\0`), version);
}

/** CRC-32C (Castagnoli), which finds every run of up to 32 damaged bits. */
export function crc32c(bytes: Uint8Array): number {
  const table = (crcTable ??= makeCrcTable());
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = (table[(crc ^ (bytes[i] ?? 0)) & 255] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

let crcTable: Int32Array | undefined;

function makeCrcTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    return crc;
  });
}
