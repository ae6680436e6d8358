import type { Kernels } from "./kernels/kernels.ts";

/**
 * A fixed random rotation, which spreads whatever a vector has over all dimensions: then one bit of each says as much
 * as of any other, and a byte of each fits. Random signs and Walsh–Hadamard transforms, n log n instead of n².
 *
 * Where the size is no power of two, the transform covers it from both ends and sums and differences of the halves mix
 * them. Every step is its own inverse.
 */
export interface Rotation {
  /** Signs, one round after the other. They have to be in the kernels' memory. */
  readonly signs: Float32Array;
  /** In place, of the floats at `at`, with the signs at `signsAt`. */
  forward(kernels: Kernels, at: number, signsAt: number): void;
  back(kernels: Kernels, at: number, signsAt: number): void;
}

export function rotation(size: number): Rotation {
  const window = 2 ** Math.floor(Math.log2(size));
  const rounds = window === size ? 3 : 2;
  const scale = Math.fround(1 / Math.sqrt(window));
  const half = Math.fround(Math.SQRT1_2);
  return {
    signs: randomSigns(rounds * size),
    forward(kernels, at, signsAt) {
      for (let round = 0; round < rounds; round++) {
        kernels.multiply(at, signsAt + round * size * 4, size);
        kernels.hadamard(at, window, scale);
        if (window === size) continue;
        kernels.hadamard(at + (size - window) * 4, window, scale);
        kernels.halves(at, size, half);
      }
    },
    back(kernels, at, signsAt) {
      for (let round = rounds - 1; round >= 0; round--) {
        if (window !== size) {
          kernels.halves(at, size, half);
          kernels.hadamard(at + (size - window) * 4, window, scale);
        }
        kernels.hadamard(at, window, scale);
        kernels.multiply(at, signsAt + round * size * 4, size);
      }
    },
  };
}

/** Always the same ones, because codes are kept in snapshots. Xorshift32 (Marsaglia 2003). */
function randomSigns(count: number): Float32Array {
  let state = 0x9e3779b9;
  return Float32Array.from({ length: count }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state < 0 ? -1 : 1;
  });
}
