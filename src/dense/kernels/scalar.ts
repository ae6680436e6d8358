import { blockRows, codeByte, columnBytes, type Kernels, mixPrime, pageRows, stageBytes } from "./kernels.ts";

const pageBlocks = pageRows / blockRows;

/** The kernels as plain loops: what runs where there is no WebAssembly, and what the other ones are checked against. */
export function scalarKernels(buffer: ArrayBuffer): Kernels {
  const bytes = new Uint8Array(buffer);
  const signed = new Int8Array(buffer);
  const shorts = new Int16Array(buffer);
  const halves = new Uint16Array(buffer);
  const words = new Uint32Array(buffer);
  const integers = new Int32Array(buffer);
  const floats = new Float32Array(buffer);
  const { fround } = Math;

  /** In planes of nibbles each 16 bits hold four dimensions that are eight apart. */
  const nibbleAt = (plane: number, i: number): number =>
    ((halves[plane / 2 + (i >> 5) * 8 + (i & 7)] as number) >>> (4 * ((i >> 3) & 3))) & 15;
  const setNibble = (plane: number, i: number, nibble: number): void => {
    const at = plane / 2 + (i >> 5) * 8 + (i & 7);
    const shift = 4 * ((i >> 3) & 3);
    halves[at] = ((halves[at] as number) & ~(15 << shift)) | (nibble << shift);
  };
  const productOf = (plane: number, size: number, query: number): number => {
    let sum = 0;
    for (let i = 0; i < size; i++) {
      const word = halves[plane / 2 + (i >> 5) * 8 + (i & 7)] as number;
      const k = (i >> 3) & 3;
      sum += (k === 0 ? word & 15 : word >> (4 * k)) * (shorts[query / 2 + i] as number);
    }
    return sum;
  };

  /** Sums of 32 rows over groups of four dimensions: each adds what the table has for its four bits. */
  const sums = new Uint16Array(blockRows);
  const addGroups = (code: number, entry: number, length: number): void => {
    for (let group = 0; group < length; group += 16) {
      for (let row = 0; row < 16; row++) {
        const byte = bytes[code + group + codeByte(row)] as number;
        sums[row] = (sums[row] as number) + (bytes[entry + group + (byte & 15)] as number);
        sums[row + 16] = (sums[row + 16] as number) + (bytes[entry + group + (byte >> 4)] as number);
      }
    }
  };

  return {
    multiply(at, by, size) {
      const a = at / 4;
      const b = by / 4;
      for (let i = 0; i < size; i++) floats[a + i] = (floats[a + i] as number) * (floats[b + i] as number);
    },
    halves(at, size, scale) {
      const a = at / 4;
      const b = a + size / 2;
      for (let i = 0; i < size / 2; i++) {
        const x = floats[a + i] as number;
        const y = floats[b + i] as number;
        floats[a + i] = fround(x + y) * scale;
        floats[b + i] = fround(x - y) * scale;
      }
    },
    hadamard(at, size, scale) {
      const start = at / 4;
      for (let step = 1; step < size; step *= 2) {
        for (let from = start; from < start + size; from += 2 * step) {
          for (let i = from; i < from + step; i++) {
            const x = floats[i] as number;
            const y = floats[i + step] as number;
            floats[i] = x + y;
            floats[i + step] = x - y;
          }
        }
      }
      for (let i = start; i < start + size; i++) floats[i] = (floats[i] as number) * scale;
    },
    quantise(at, upper, middle, low, size, scale) {
      for (let i = 0; i < size; i++) {
        const value = nearest(fround((floats[at / 4 + i] as number) * scale));
        const high = (value + 128) >> 8;
        setNibble(upper, i, (high + 128) >> 4);
        setNibble(middle, i, (high + 128) & 15);
        signed[low + i] = value - high * 256;
      }
    },
    restore(at, upper, middle, low, size) {
      for (let i = 0; i < size; i++) {
        const high = nibbleAt(upper, i) * 16 + nibbleAt(middle, i) - 128;
        floats[at / 4 + i] = high * 256 + (signed[low + i] as number);
      }
    },
    encode(at, weight, centre, size, code, nibble, sumsAt) {
      // Four sums of each kind, because that is what 128 bits hold: the order of additions decides the last bit.
      const absolute = new Float32Array(4);
      const squares = new Float32Array(4);
      const along = new Float32Array(4);
      for (let i = 0; i < size; i += 4) {
        let bits = 0;
        for (let lane = 0; lane < 4; lane++) {
          const middle = floats[centre / 4 + i + lane] as number;
          const x = fround(fround((floats[at / 4 + i + lane] as number) * weight) - middle);
          if (x >= 0) bits |= 1 << lane;
          absolute[lane] = (absolute[lane] as number) + Math.abs(x);
          squares[lane] = (squares[lane] as number) + fround(x * x);
          along[lane] = (along[lane] as number) + fround(x * middle);
        }
        const byte = code + i * 4;
        bytes[byte] = ((bytes[byte] as number) & (0xf0 >> nibble)) | (bits << nibble);
      }
      floats[sumsAt / 4] = sumOf(absolute);
      floats[sumsAt / 4 + 1] = sumOf(squares);
      floats[sumsAt / 4 + 2] = sumOf(along);
    },
    scan(codes, columns, pageBytes, from, to, size, table, mask, stages, stagesEnd, threshold, bounds, found) {
      let count = 0;
      for (let block = from; block < to; block++) {
        const wanted = words[mask / 4 + block] as number;
        if (wanted === 0) continue;
        sums.fill(0);
        const page = Math.floor(block / pageBlocks) * pageBytes;
        const inPage = block % pageBlocks;
        let done = 0;
        let bits = wanted;
        for (let stage = stages / 4; stage < stagesEnd / 4 && bits !== 0; stage += stageBytes / 4) {
          const [length = 0, half = 0] = integers.subarray(stage, stage + 2);
          const [along = 0, near = 0, far = 0, scale = 0] = floats.subarray(stage + 2, stage + 6);
          const bar = fround(threshold * scale);
          addGroups(codes + page + inPage * size * 4 + done, table + done, length);
          done += length;
          bits = 0;
          for (let row = 0; row < blockRows; row++) {
            const column = (columns + page) / 4 + inPage * blockRows + row;
            const slope = floats[column] as number;
            const offset = floats[column + columnBytes / 4] as number;
            const spread = floats[column + columnBytes / 2] as number;
            const estimate = fround(slope * ((sums[row] as number) - half));
            const known = fround(estimate + fround(along * offset));
            floats[bounds / 4 + block * blockRows + row] = known + fround(far * spread);
            // A bound that is no number, from values beyond single precision, excludes nothing.
            if (!(fround(known + fround(near * spread)) < bar)) bits |= 1 << row;
          }
          bits &= wanted;
          if (bits === 0) integers[stage + 6] = (integers[stage + 6] as number) + 1;
        }
        words[mask / 4 + block] = wanted & ~bits;
        for (let row = 0; row < blockRows; row++) {
          if (((bits >>> row) & 1) === 1) words[found / 4 + count++] = block * blockRows + row;
        }
      }
      return count;
    },
    pick(from, to, mask, bounds, threshold, found) {
      let count = 0;
      for (let row = from * blockRows; row < to * blockRows; row++) {
        if ((((words[mask / 4 + (row >>> 5)] as number) >>> (row & 31)) & 1) === 0) continue;
        if (!((floats[bounds / 4 + row] as number) < threshold)) words[found / 4 + count++] = row;
      }
      return count;
    },
    score(found, count, plane, pageBytes, size, query, products, times, units, ...more) {
      const [magnitudes, factor, off, fixed, long, squared, threshold] = more;
      let kept = 0;
      for (let i = 0; i < count; i++) {
        const row = words[found / 4 + i] as number;
        const page = Math.floor(row / pageRows) * pageBytes;
        const inPage = row % pageRows;
        const unit = floats[(units + page) / 4 + inPage] as number;
        const magnitude = floats[(magnitudes + page) / 4 + inPage] as number;
        const weight = fround(unit * fround(fround(magnitude * long) + fixed));
        const known = fround(fround(magnitude * magnitude) * squared);
        const before = Math.imul(integers[products / 4 + i] as number, times);
        const product = (before + productOf(plane + page + (inPage * size) / 2, size, query)) | 0;
        const bound = fround(fround(weight * fround(fround(fround(product) * factor) + off)) - known);
        if (bound < threshold) continue;
        words[found / 4 + kept] = row;
        integers[products / 4 + kept++] = product;
      }
      return kept;
    },
    mix(at, end, lanes) {
      for (let i = at / 4; i < end / 4; i++) {
        const mixed = lanes / 4 + ((i - at / 4) & 31);
        const lane = integers[mixed] as number;
        integers[mixed] = Math.imul(((lane << 13) | (lane >>> 19)) ^ (integers[i] as number), mixPrime);
      }
    },
  };
}

/** In the order in which the lanes are added. */
function sumOf(lanes: Float32Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = lanes;
  return Math.fround(Math.fround(a + c) + Math.fround(b + d));
}

/** Halves go to the even number, as in `f32x4.nearest`. */
function nearest(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
