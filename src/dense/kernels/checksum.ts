import { type Kernels, mixPrime } from "./kernels.ts";
import { kernelMemory } from "./memory.ts";

/** 32 lanes of 32 bits, then so many bytes at a time. */
const lanes = 128;
const piece = 1 << 18;

/** Memory of kernels, in which 128 bytes at `free` may be overwritten. */
export interface Place {
  readonly kernels: Kernels;
  readonly free: number;
}

type Fill = (into: Uint8Array, from: number) => void;

/** Of bytes one part after the other, each filled up with zeros to 128 bytes. A CRC takes tens of times as long. */
export interface Checksum {
  add(part: Uint8Array): void;
  /** The same for a part of which only pieces are there at a time: `fill` is asked for each of them. */
  addPieces(length: number, fill: Fill): void;
  /** The same for a part that stays where it is filled in, in kernels' memory; a multiple of 128 long. */
  addPlaced(part: Uint8Array, place: Place, fill: Fill): void;
  value(): number;
}

export function checksum(): Checksum {
  const { buffer, kernels } = kernelMemory(lanes + piece);
  const bytes = new Uint8Array(buffer);
  const words = new Int32Array(buffer, 0, 32);
  words.forEach((_, i) => (words[i] = i + 1));
  const addPieces: Checksum["addPieces"] = (length, fill) => {
    for (let from = 0; from < length; from += piece) {
      const some = Math.min(piece, length - from);
      const end = lanes + Math.ceil(some / lanes) * lanes;
      fill(bytes.subarray(lanes, lanes + some), from);
      bytes.fill(0, lanes + some, end);
      kernels.mix(lanes, end, 0);
    }
  };
  return {
    add: (part) => addPieces(part.length, (into, from) => into.set(part.subarray(from, from + into.length))),
    addPieces,
    addPlaced(part, place, fill) {
      const theirs = new Int32Array(part.buffer, place.free, words.length);
      theirs.set(words);
      for (let from = 0; from < part.length; from += piece) {
        const some = part.subarray(from, from + piece);
        fill(some, from);
        place.kernels.mix(some.byteOffset, some.byteOffset + some.length, place.free);
      }
      words.set(theirs);
    },
    value() {
      let all = 0;
      for (const word of words) all = Math.imul(((all << 13) | (all >>> 19)) ^ word, mixPrime);
      return all >>> 0;
    },
  };
}
