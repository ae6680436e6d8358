import { mixPrime } from "./kernels.ts";
import { kernelMemory, type KernelMemory } from "./memory.ts";

/** 32 lanes of 32 bits, then so many bytes at a time. */
const lanes = 128;
const piece = 1 << 18;

/** Of bytes one part after the other, each filled up with zeros to 128 bytes. A CRC takes tens of times as long. */
export interface Checksum {
  add(part: Uint8Array): void;
  /** The same for a part of which only pieces are there at a time: `fill` is asked for each of them. */
  addPieces(length: number, fill: (into: Uint8Array, from: number) => void): void;
  value(): number;
}

export function checksum({ buffer, kernels }: KernelMemory = kernelMemory(lanes + piece)): Checksum {
  const bytes = new Uint8Array(buffer);
  const words = new Int32Array(buffer);
  words.set(Int32Array.from({ length: 32 }, (_, i) => i + 1));
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
    value() {
      let all = 0;
      for (let i = 0; i < 32; i++) all = Math.imul(((all << 13) | (all >>> 19)) ^ (words[i] as number), mixPrime);
      return all >>> 0;
    },
  };
}
