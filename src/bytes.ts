import { shown, SnapshotError } from "./errors.ts";

/** Numbers and texts as bytes, one after the other. */
export interface PlainWriter {
  /** How many bytes there are so far. */
  readonly length: number;
  /** A whole number below 2^49, in as few bytes as it needs (LEB128). */
  number(value: number): void;
  float(value: number): void;
  /** Well-formed: a lone surrogate would become U+FFFD. */
  text(value: string): void;
  bytes(value: Uint8Array): void;
  /** Each in as few bytes as the largest needs, 1, 2 or 4, as they stand in memory: read without being looked at one by one. */
  column(values: Uint32Array): void;
  /** All of it; the writer is done then. */
  take(): Uint8Array<ArrayBuffer>;
}

/** A snapshot's bytes: a name and a version, then numbers and texts, then a checksum of all before it. */
export interface ByteWriter extends Omit<PlainWriter, "length" | "take"> {
  /** All of it with its checksum; the writer is done then. */
  seal(): Uint8Array<ArrayBuffer>;
}

/** Reads in the order of writing. Whatever does not fit is a `SnapshotError`. */
export interface ByteReader {
  /** How many bytes there are still. */
  readonly left: number;
  /** How many have been read or passed over. */
  readonly at: number;
  /** What is read next begins there. */
  seek(at: number): void;
  number(): number;
  /** As many as fit into the array, or into a part of it, each below 2^32. */
  numbers(into: Uint32Array, start?: number, end?: number): void;
  float(): number;
  text(): string;
  /** The next ones, as a view. */
  bytes(size: number): Uint8Array;
  column(length: number): Uint32Array;
  /** For what reads well and cannot be true. */
  readonly damaged: () => never;
}

const CHECKSUM = 4;

/**
 * Each step turns different sums into different ones, and different words too: damage within one word of 32 bits is found
 * for certain, any other but once in four billion times. A CRC takes twice as long.
 */
function checksum(bytes: Uint8Array): number {
  // As words stand in memory: little-endian, as every platform that runs JavaScript is.
  const { buffer, byteOffset, length } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Int32Array(buffer, byteOffset, length >>> 2);
  let sum = length;
  for (let i = 0; i < words.length; i++) {
    sum = Math.imul(sum ^ (words[i] as number), 0x9e3779b1);
    sum ^= sum >>> 15;
  }
  for (let i = words.length * 4; i < length; i++) sum = Math.imul(sum ^ (bytes[i] as number), 0x9e3779b1);
  return sum >>> 0;
}

export function plainWriter(): PlainWriter {
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
  const number = (value: number): void => {
    reserve(7);
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes[end++] = (rest & 127) | 128;
    bytes[end++] = rest;
  };
  return {
    get length() {
      return end;
    },
    number,
    float(value) {
      float.setFloat64(0, value, true);
      append(new Uint8Array(float.buffer));
    },
    text(value) {
      reserve(value.length * 3 + 7);
      // In place, as if every character was one byte; moved where its length takes more room then.
      const guess = end + numberBytes(value.length);
      const { written } = encoder.encodeInto(value, bytes.subarray(guess));
      bytes.copyWithin(end + numberBytes(written), guess, guess + written);
      number(written);
      end += written;
    },
    bytes: append,
    column(values) {
      let largest = 0;
      for (const value of values) if (value > largest) largest = value;
      const kind = largest < 1 << 8 ? Uint8Array : largest < 1 << 16 ? Uint16Array : Uint32Array;
      number(kind.BYTES_PER_ELEMENT);
      append(new Uint8Array(kind.from(values).buffer));
    },
    take: () => bytes.slice(0, end),
  };
}

export function byteWriter(name: string, version: number): ByteWriter {
  const writer = plainWriter();
  writer.bytes(headerOf(name, version));
  return {
    ...writer,
    seal() {
      const sum = checksum(writer.take());
      writer.bytes(Uint8Array.of(sum, sum >>> 8, sum >>> 16, sum >>> 24));
      return writer.take();
    },
  };
}

/** How many bytes a writer needs for it. */
export function numberBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

export function byteReader(bytes: Uint8Array, name: string, version: number): ByteReader {
  const damaged = (): never => {
    throw new SnapshotError(`This ${name} snapshot is damaged or cut off.`);
  };
  const start = checkHeader(bytes, name, version);
  const end = bytes.length - CHECKSUM;
  if (end < start) damaged();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(end, true) !== checksum(bytes.subarray(0, end))) damaged();
  return plainReader(bytes.subarray(start, end), damaged);
}

/** Where what follows the header begins. */
export function checkHeader(bytes: Uint8Array, name: string, version: number): number {
  if (!(bytes instanceof Uint8Array)) throw new SnapshotError(`Expected a Uint8Array, received ${shown(bytes)}.`);
  const header = headerOf(name, version);
  if (bytes.length < header.length) throw new SnapshotError(`This ${name} snapshot is damaged or cut off.`);
  const last = header.length - 1;
  if (header.subarray(0, last).some((byte, i) => byte !== bytes[i])) {
    throw new SnapshotError(`These bytes are no ${name} snapshot.`);
  }
  if (bytes[last] !== version) {
    const other = `This ${name} snapshot is of version ${bytes[last]}`;
    throw new SnapshotError(`${other}; this release of groundline reads version ${version}.`);
  }
  return header.length;
}

/** A byte order mark is a character of the text like any other. */
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function plainReader(given: Uint8Array, damaged: () => never): ByteReader {
  // Not a Buffer of Node.js, whose slices are views.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length;
  let at = 0;

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
    get at() {
      return at;
    },
    seek(to) {
      if (to > end) damaged();
      at = to;
    },
    number,
    numbers(into, first = 0, last = into.length) {
      // A variable of the loop's own takes half the time.
      let next = at;
      for (let i = first; i < last; i++) {
        const byte = bytes[next] as number; // Past the end it is undefined, and not below 128.
        if (byte < 128) {
          into[i] = byte;
          next++;
          continue;
        }
        at = next;
        const value = number();
        if (value > 0xffffffff) damaged();
        into[i] = value;
        next = at;
      }
      at = next;
    },
    float: () => view.getFloat64(skip(8), true),
    text() {
      const size = number();
      const start = skip(size);
      try {
        return decoder.decode(bytes.subarray(start, start + size));
      } catch {
        return damaged();
      }
    },
    bytes(size) {
      const start = skip(size);
      return bytes.subarray(start, start + size);
    },
    column(length) {
      const width = number();
      const kind = [Uint8Array, Uint16Array, Uint32Array].find((one) => one.BYTES_PER_ELEMENT === width) ?? damaged();
      const start = skip(length * width);
      return new Uint32Array(new kind(bytes.slice(start, at).buffer));
    },
    damaged,
  };
}

/** The name in ASCII, a NUL, the version. */
export function headerOf(name: string, version: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(...new TextEncoder().encode(`groundline ${name}\0`), version);
}

/** One after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
