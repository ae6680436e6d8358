import { assemble, type Routine } from "./assembler.ts";
import { encode, hadamard, halves, multiply, quantise, restore } from "./row-routines.ts";
import { mix, pick, scan, score } from "./scan-routines.ts";

/**
 * The kernels with 128-bit vectors: the same operations in the same order as in `scalar.ts`. `bytes.ts` is made of it
 * by `npx vitest run test/dense/kernels.test.ts -u`.
 */
const routines: readonly Routine[] = [multiply, halves, hadamard, quantise, restore, encode, scan, pick, score, mix];

export function kernelBytes(): Uint8Array {
  return assemble(routines);
}
