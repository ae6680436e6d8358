import { blockRows, codeByte, columnBytes, type Kernels, pageRows, stageBytes } from "./kernels/kernels.ts";
import { type KernelMemory, wasmPage } from "./kernels/memory.ts";
import { planOf, type Plan, type Query, type Stage, thresholdOf } from "./query.ts";
import { column, segmentPages, type Shape } from "./shape.ts";

export const segmentRows: number = segmentPages * pageRows;

/** How many rows the mean is taken of. */
const sampled = 2048;

/** Signed bytes go to 127 when 16 bits end here. */
const most = 127 * 256;

/** The low byte is rounded off, evenly between −128 and 127: this is 3.5 standard deviations of it. */
const roundingError = 3.5 * (256 / Math.sqrt(12));
/** So are middle nibbles. */
const coarseError = 16 * roundingError;

/**
 * Rows of vectors, each as signs of its difference from the centre, and in 16 bits: a byte to find it by and a byte to
 * judge it by. Slots are numbered from 0 in each segment; whether one is in use is known outside.
 */
export interface Segment {
  readonly bytes: number;
  readonly pages: number;
  readonly memory: KernelMemory;
  /** Room for so many rows. Gives memory back where much is not needed any more. */
  resize(rows: number): void;
  write(slot: number, vector: Float32Array): void;
  /** All that is kept of a row and does not depend on other rows. */
  packed(slot: number): Uint8Array<ArrayBuffer>;
  unpack(slot: number, packed: Uint8Array): void;
  read(slot: number): Float32Array;
  /** The score by all 16 bits. */
  judged(slot: number, query: Query): number;
  /** Takes the mean of the rows given as the new centre and encodes all of them again. */
  centreOn(slots: readonly number[]): void;
  /** The centre, then the pages, as they stand in memory. */
  save(): readonly Uint8Array[];
  /** What was saved of so many rows. */
  restore(rows: number, bytes: Uint8Array): void;
  rotated(vector: Float32Array, scale: number): Float32Array;
  plan(query: Query): Plan;
  /**
   * Ranks rows of some blocks of a page by their high bytes: those in the mask that may have the rank `least` at all, by
   * their codes too where there is a plan; then first the likely ones, and when all pages are done the `others`. Says how
   * many they are; what it found is valid until the next call.
   */
  look(pass: Pass, page: number, blocks: Blocks, least: number, others?: boolean): number;
  /** To be called when a search needs the segment no more. */
  leave(): void;
  readonly found: Found;
}

/** What one search does with a segment. */
export interface Pass {
  readonly query: Query;
  readonly plan: Plan | undefined;
  readonly mask: Uint32Array;
  /** After how many dimensions blocks are left early, found out on some pages. */
  early: ReadonlySet<number>;
  /** What stood in memory when another search took its place. */
  saved?: Uint8Array;
}

/** From one to before another. */
export type Blocks = readonly [number, number];

export interface Found {
  /** Numbers in the page. */
  readonly rows: Uint32Array;
  readonly ranks: Float64Array;
  /** How far off the ranks may be. */
  readonly errors: Float64Array;
}

export function packedBytes({ size }: Shape): number {
  return 8 + 2 * size;
}

export function savedBytes(shape: Shape, rows: number): number {
  return shape.size * 4 + Math.ceil(rows / pageRows) * shape.pageBytes;
}

export function segment(shape: Shape, memoryOf: (bytes: number) => KernelMemory): Segment {
  const { size, dimensions, metric, rotation } = shape;
  const bytesFor = (pages: number): number => shape.pages + pages * shape.pageBytes;
  const found: Found = {
    rows: new Uint32Array(pageRows),
    ranks: new Float64Array(pageRows),
    errors: new Float64Array(pageRows),
  };
  let pages = 0;
  let memory: KernelMemory;
  let kernels: Kernels;
  let bytes: Uint8Array;
  let shorts: Int16Array;
  let words: Uint32Array;
  let integers: Int32Array;
  let floats: Float32Array;

  const view = (next: KernelMemory): void => {
    memory = next;
    const { buffer } = next;
    kernels = next.kernels;
    bytes = new Uint8Array(buffer);
    shorts = new Int16Array(buffer);
    words = new Uint32Array(buffer);
    integers = new Int32Array(buffer);
    floats = new Float32Array(buffer);
  };
  const start = (): void => {
    view(memoryOf(bytesFor(0)));
    floats.set(rotation.signs, shape.signs / 4);
  };
  start();

  const pageOf = (slot: number): number => bytesFor(Math.floor(slot / pageRows));
  /** Where a row stands in each of the three planes. */
  const planesOf = (slot: number): readonly [number, number, number] => [
    pageOf(slot) + shape.upper + ((slot % pageRows) * size) / 2,
    pageOf(slot) + shape.middle + ((slot % pageRows) * size) / 2,
    pageOf(slot) + shape.low + (slot % pageRows) * size,
  ];
  const planes = (slot: number): readonly (readonly [at: number, length: number])[] => {
    const [upper, middle, low] = planesOf(slot);
    return [
      [upper, size / 2],
      [middle, size / 2],
      [low, size],
    ];
  };
  /** The 16-bit values of a row; they stand there until the next call. */
  const valuesOf = (slot: number): Float32Array => {
    kernels.restore(shape.vector, ...planesOf(slot), size);
    return floats.subarray(shape.vector / 4, shape.vector / 4 + size);
  };
  const columnOf = (slot: number, which: number): number =>
    (pageOf(slot) + shape.columns + which * columnBytes) / 4 + (slot % pageRows);
  /** What the 16-bit values are multiplied by where they are scored: a cosine knows no length. */
  const weightOf = (slot: number): number => {
    return metric === "cosine" ? unitOf(slot) : unitOf(slot) * lengthOf(slot);
  };
  const lengthOf = (slot: number): number => (floats[columnOf(slot, column.magnitude)] as number) * Math.sqrt(size);

  const encode = (slot: number): void => {
    const row = slot % blockRows;
    const code = pageOf(slot) + Math.floor((slot % pageRows) / blockRows) * size * 4 + codeByte(row & 15);
    const weight = Math.fround(weightOf(slot));
    valuesOf(slot);
    kernels.encode(shape.vector, weight, shape.centre, size, code, row < 16 ? 0 : 4, shape.sums);
    const at = shape.sums / 4;
    const absolute = floats[at] as number;
    const square = floats[at + 1] as number;
    // The cosine between the vector and its signs.
    const likeness = Math.min(1, absolute / Math.sqrt(size * square));
    const known = square === 0 || (square > 1e-30 && square < 1e30);
    const slope = square === 0 || !known ? 0 : square / absolute;
    const spread = Math.sqrt((square * (1 / likeness ** 2 - 1)) / (size - 1));
    const offset = metric === "euclidean" ? -square / 2 : (floats[at + 2] as number);
    floats[columnOf(slot, column.slope)] = slope;
    floats[columnOf(slot, column.offset)] = known ? offset : 0;
    // What single precision cannot hold is always looked at.
    floats[columnOf(slot, column.spread)] = square === 0 ? 0 : known ? spread : Number.POSITIVE_INFINITY;
  };

  const rotate = (vector: Float32Array, scale: number): Float32Array => {
    const at = shape.vector / 4;
    const turned = floats.subarray(at, at + size);
    turned.fill(0, dimensions);
    for (let i = 0; i < dimensions; i++) turned[i] = (vector[i] as number) / scale;
    rotation.forward(kernels, shape.vector, shape.signs);
    return turned;
  };

  const unitOf = (slot: number): number => floats[columnOf(slot, column.unit)] as number;

  /** Searches take turns where they pause: each finds in memory what it left there. */
  let inside: Pass | undefined;
  const enter = (pass: Pass): void => {
    if (inside === pass) return;
    if (inside !== undefined) inside.saved = bytes.slice(shape.table, shape.found);
    inside = pass;
    if (pass.saved !== undefined) {
      bytes.set(pass.saved, shape.table);
      return;
    }
    shorts.set(pass.query.short, shape.query / 2);
    words.set(pass.mask, shape.mask / 4);
    if (pass.plan !== undefined) bytes.set(pass.plan.table, shape.table);
  };

  const writeStages = (stages: readonly Stage[]): number => {
    let at = shape.stages / 4;
    let before = 0;
    for (const { dimensions: upTo, half, step, near, far } of stages) {
      integers[at] = (upTo - before) * 4;
      floats[at + 1] = half;
      floats[at + 2] = step;
      floats[at + 3] = near;
      floats[at + 4] = far;
      integers[at + 5] = 0;
      before = upTo;
      at += stageBytes / 4;
    }
    return at * 4;
  };
  /** Early stages that end for a good part of the blocks that come to them. */
  const worthwhile = (stages: readonly Stage[], blocks: number): ReadonlySet<number> => {
    let left = blocks;
    const early = stages.filter((_, index) => {
      const ended = integers[(shape.stages + index * stageBytes) / 4 + 5] as number;
      const worth = ended > left / 6;
      left -= ended;
      return worth;
    });
    return new Set(early.map(({ dimensions: upTo }) => upTo));
  };

  const resize = (rows: number): void => {
    const needed = Math.ceil(rows / pageRows);
    if (needed > pages) memory.grow(bytesFor(needed));
    const spare = memory.buffer.byteLength - bytesFor(needed);
    if (spare > bytesFor(needed) / 16 + wasmPage) {
      const smaller = memoryOf(bytesFor(needed));
      new Uint8Array(smaller.buffer).set(bytes.subarray(0, bytesFor(needed)));
      view(smaller);
    } else if (memory.buffer !== bytes.buffer) view(memory);
    pages = needed;
  };

  return {
    get bytes() {
      return memory.buffer.byteLength;
    },
    get pages() {
      return pages;
    },
    get memory() {
      return memory;
    },
    resize,
    write(slot, vector) {
      let largest = 0;
      let square = 0;
      for (let i = 0; i < dimensions; i++) {
        const value = vector[i] as number;
        largest = Math.max(largest, Math.abs(value));
        square += value * value;
      }
      const scale = powerOf(largest);
      const turned = rotate(vector, scale);
      let peak = 0;
      for (let i = 0; i < size; i++) peak = Math.max(peak, Math.abs(turned[i] as number));
      const finest = peak === 0 ? 0 : most / peak;
      kernels.quantise(shape.vector, ...planesOf(slot), size, Math.fround(finest));
      const length = Math.sqrt(square);
      floats[columnOf(slot, column.unit)] = length === 0 ? 0 : scale / (Math.fround(finest) * length);
      floats[columnOf(slot, column.magnitude)] = length / Math.sqrt(size);
      encode(slot);
    },
    packed(slot) {
      const packed = new Uint8Array(packedBytes(shape));
      const scales = [column.unit, column.magnitude].map((which) => floats[columnOf(slot, which)] as number);
      new Float32Array(packed.buffer, 0, 2).set(scales);
      let at = 8;
      for (const [plane, length] of planes(slot)) {
        packed.set(bytes.subarray(plane, plane + length), at);
        at += length;
      }
      return packed;
    },
    unpack(slot, packed) {
      const [unit = 0, magnitude = 0] = new Float32Array(packed.slice(0, 8).buffer);
      floats[columnOf(slot, column.unit)] = unit;
      floats[columnOf(slot, column.magnitude)] = magnitude;
      let at = 8;
      for (const [plane, length] of planes(slot)) {
        bytes.set(packed.subarray(at, at + length), plane);
        at += length;
      }
      encode(slot);
    },
    read(slot) {
      const unit = unitOf(slot);
      const scale = powerOf(unit * lengthOf(slot) * most);
      const values = valuesOf(slot);
      for (let i = 0; i < size; i++) values[i] = (values[i] as number) * unit * (lengthOf(slot) / scale);
      rotation.back(kernels, shape.vector, shape.signs);
      return Float32Array.from(values.subarray(0, dimensions), (value) => value * scale);
    },
    judged(slot, { values, length, scale }) {
      const stored = valuesOf(slot);
      const weight = unitOf(slot) * lengthOf(slot);
      let product = 0;
      let square = 0;
      let distance = 0;
      for (let i = 0; i < size; i++) {
        const mine = stored[i] as number;
        const theirs = values[i] as number;
        product += mine * theirs;
        square += mine * mine;
        distance += (mine * weight - theirs) ** 2;
      }
      if (metric === "euclidean") return -Math.sqrt(distance);
      if (metric === "dot") return product * weight * scale;
      return product / (Math.sqrt(square) * length);
    },
    centreOn(slots) {
      const centre = new Float64Array(size);
      const stride = Math.max(1, Math.floor(slots.length / sampled));
      let taken = 0;
      for (let i = 0; i < slots.length; i += stride, taken++) {
        const slot = slots[i] as number;
        const weight = weightOf(slot);
        const values = valuesOf(slot);
        for (let d = 0; d < size; d++) centre[d] = (centre[d] as number) + (values[d] as number) * weight;
      }
      floats.set(
        centre.map((sum) => (taken === 0 ? 0 : sum / taken)),
        shape.centre / 4,
      );
      for (const slot of slots) encode(slot);
    },
    save: () => [bytes.subarray(shape.centre, shape.centre + size * 4), bytes.subarray(shape.pages, bytesFor(pages))],
    restore(rows, saved) {
      resize(rows);
      bytes.set(saved.subarray(0, size * 4), shape.centre);
      bytes.set(saved.subarray(size * 4), shape.pages);
    },
    rotated: (vector, scale) => rotate(vector, scale).slice(),
    plan: (query) => planOf(shape, query, floats.subarray(shape.centre / 4, shape.centre / 4 + size)),
    look(pass, page, [from, to], least, others = false) {
      enter(pass);
      const { query, plan } = pass;
      const { length, step, total } = query;
      const at = bytesFor(page);
      const columns = at + shape.columns;
      const mask = shape.mask + (page * pageRows) / 8;
      const bounds = shape.bounds + page * pageRows * 4;
      let count = 0;
      if (plan === undefined) {
        const first = shape.found / 4;
        for (let block = from; block < to; block++) {
          for (let word = words[mask / 4 + block] as number; word !== 0; word &= word - 1) {
            words[first + count++] = block * blockRows + 31 - Math.clz32(word & -word);
          }
        }
      } else {
        const bound = thresholdOf(plan, least);
        if (others) count = kernels.pick(from, to, mask, bounds, bound, shape.found);
        else {
          const trial = page % 16 === 1;
          const chosen = plan.stages.filter(({ dimensions: some }) => some === size || trial || pass.early.has(some));
          const end = writeStages(chosen);
          count = kernels.scan(
            ...([at, columns, from, to, size, shape.table, mask, shape.stages, end, plan.along] as const),
            ...([bound, bounds, shape.found] as const),
          );
          if (trial) pass.early = worthwhile(chosen, to - from);
        }
      }
      if (count === 0) return 0;

      const units = columns + column.unit * columnBytes;
      const root = metric === "cosine" ? 0 : Math.sqrt(size);
      const squares = metric === "euclidean" ? size / 2 : 0;
      // Of a distance, what all rows have alike.
      const alike = metric === "euclidean" ? length ** 2 / 2 : 0;
      const factor = 256 * step;
      const error = roundingError * length;
      // A little less than they may be off by, because bounds are made in single precision.
      const spare = 1e-6 * (Math.abs(least) + alike);
      const kept = kernels.score(
        ...([shape.found, count, at + shape.upper, at + shape.middle, size, shape.query, total, units] as const),
        ...([factor, coarseError * length, error, metric === "cosine" ? 1 : 0, root, squares * (1 - 1e-6)] as const),
        ...([Math.fround(least + alike - spare), shape.products] as const),
      );
      for (let i = 0; i < kept; i++) {
        const row = words[shape.found / 4 + i] as number;
        const unit = floats[units / 4 + row] as number;
        const magnitude = floats[(units + columnBytes) / 4 + row] as number;
        const weight = metric === "cosine" ? unit : unit * magnitude * root;
        const product = (integers[shape.products / 4 + i] as number) * factor * weight;
        found.rows[i] = row;
        found.ranks[i] = product - magnitude ** 2 * squares - alike;
        found.errors[i] = error * weight;
      }
      return kept;
    },
    leave() {
      inside = undefined;
    },
    found,
  };
}

/** The power of two at or below, so that dividing by it loses nothing; 1 for 0. */
export function powerOf(value: number): number {
  return value === 0 ? 1 : 2 ** Math.floor(Math.log2(value));
}
