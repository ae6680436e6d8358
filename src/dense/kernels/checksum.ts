import { mixPrime } from "./kernels.ts";
import { kernelMemory, type KernelMemory } from "./memory.ts";

/** Sixteen lanes of 32 bits, then so many bytes at a time. */
const lanes = 64;
const piece = 1 << 18;

/** Of bytes one after the other, each part filled up with zeros to 64 bytes. A CRC takes tens of times as long. */
export function checksum(
  parts: readonly Uint8Array[],
  { buffer, kernels }: KernelMemory = kernelMemory(lanes + piece),
): number {
  const bytes = new Uint8Array(buffer);
  const words = new Int32Array(buffer);
  words.set(Int32Array.from({ length: 16 }, (_, i) => i + 1));
  for (const part of parts) {
    for (let from = 0; from < part.length; from += piece) {
      const some = part.subarray(from, from + piece);
      const end = lanes + Math.ceil(some.length / lanes) * lanes;
      bytes.set(some, lanes);
      bytes.fill(0, lanes + some.length, end);
      kernels.mix(lanes, end, 0);
    }
  }
  let all = 0;
  for (let i = 0; i < 16; i++) all = Math.imul(((all << 13) | (all >>> 19)) ^ (words[i] as number), mixPrime);
  return all >>> 0;
}
