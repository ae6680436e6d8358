import { blockRows, columnBytes, type Kernels, pageRows, stageBytes } from "./kernels/kernels.ts";
import type { KernelMemory } from "./kernels/memory.ts";
import { type Plan, type Query, thresholdOf } from "./query.ts";
import { blocksAtOnce, type Shape } from "./shape.ts";

/** The low byte is rounded off, evenly between −128 and 127: this is 3.5 standard deviations of it. */
const roundingError = 3.5 * (256 / Math.sqrt(12));
/** So are middle nibbles. */
const coarseError = 16 * roundingError;

/** How often it is tried whether they can be left early: the second time that so many are looked at, and so on. */
const blocksToTrial = 8 * blocksAtOnce;

const rowsAtOnce = blocksAtOnce * blockRows;

/** What one search does with a segment. */
export interface Pass {
  readonly query: Query;
  readonly plan: Plan | undefined;
  readonly mask: Uint32Array;
  /** After how many dimensions blocks are left early, found out on some of them. */
  early: ReadonlySet<number>;
  /** What stood in memory when another search took its place. */
  saved?: Uint8Array;
}

/** From one to before another. */
export type Blocks = readonly [number, number];

export interface Found {
  /** Slots. */
  readonly rows: Uint32Array;
  readonly ranks: Float64Array;
  /** How far off the ranks may be. */
  readonly errors: Float64Array;
}

/** How searches go through a segment. */
export interface Looking {
  /**
   * Ranks rows of some blocks, a power of two of them from a multiple of it on and `blocksAtOnce` at most, by their high
   * bytes: those in the mask that may have the rank `least` at all, by their codes too where there is a plan; then first
   * the likely ones, and when all blocks are done the `others`. Says how many they are; what it found is valid until the
   * next call.
   */
  look(pass: Pass, blocks: Blocks, least: number, others?: boolean): number;
  /** To be called when a search needs the segment no more. */
  leave(pass: Pass): void;
  readonly found: Found;
}

/** The memory of a segment as numbers of each kind; other ones when it has grown. */
export interface Views {
  memory: KernelMemory;
  kernels: Kernels;
  bytes: Uint8Array;
  shorts: Int16Array;
  words: Uint32Array;
  integers: Int32Array;
  floats: Float32Array;
  /** Of a page in it. */
  pageBytes: number;
}

export function viewsOf(memory: KernelMemory, pageBytes: number): Views {
  const { buffer, kernels } = memory;
  return {
    memory,
    pageBytes,
    kernels,
    bytes: new Uint8Array(buffer),
    shorts: new Int16Array(buffer),
    words: new Uint32Array(buffer),
    integers: new Int32Array(buffer),
    floats: new Float32Array(buffer),
  };
}

/** Where a plane and units of rows stand, as `Kernels.score` takes it. */
export interface Standing {
  readonly plane: number;
  readonly units: number;
  readonly pageBytes: number;
}

/** `stand` makes sure of a plane, 0 for the upper one, of so many rows, which are named at an address in their order. */
export function looking(
  shape: Shape,
  views: Views,
  stand: (at: number, count: number, plane: number) => Standing,
): Looking {
  const { size, metric } = shape;
  const found: Found = {
    rows: new Uint32Array(rowsAtOnce),
    ranks: new Float64Array(rowsAtOnce),
    errors: new Float64Array(rowsAtOnce),
  };

  /** Searches take turns where they pause: each finds in memory what it left there. */
  let inside: Pass | undefined;
  const enter = (pass: Pass): void => {
    if (inside === pass) return;
    if (inside !== undefined) inside.saved = views.bytes.slice(shape.table, shape.found);
    inside = pass;
    if (pass.saved !== undefined) {
      views.bytes.set(pass.saved, shape.table);
      return;
    }
    views.shorts.set(pass.query.short, shape.query / 2);
    views.words.set(pass.mask, shape.mask / 4);
    if (pass.plan !== undefined) views.bytes.set(pass.plan.table, shape.table);
  };

  /** The last stage, and those before it that are worth it or are to be tried; where they end in memory. */
  const writeStages = ({ early }: Pass, { stages }: Plan, trial: boolean): number => {
    const { integers, floats } = views;
    let at = shape.stages / 4;
    let before = 0;
    for (const { dimensions, half, along, near, far, scale } of stages) {
      if (dimensions < size && !trial && !early.has(dimensions)) continue;
      integers[at] = (dimensions - before) * 4;
      integers[at + 1] = half;
      floats[at + 2] = along;
      floats[at + 3] = near;
      floats[at + 4] = far;
      floats[at + 5] = scale;
      integers[at + 6] = 0;
      before = dimensions;
      at += stageBytes / 4;
    }
    return at * 4;
  };
  /** Early stages that end for a good part of the blocks that come to them. */
  const worthwhile = ({ stages }: Plan, blocks: number): ReadonlySet<number> => {
    const early = new Set<number>();
    let left = blocks;
    for (const [index, { dimensions }] of stages.slice(0, -1).entries()) {
      const ended = views.integers[(shape.stages + index * stageBytes) / 4 + 6] as number;
      if (ended > left / 6) early.add(dimensions);
      left -= ended;
    }
    return early;
  };

  /** Writes the numbers of rows in the mask. */
  const list = ([from, to]: Blocks): number => {
    const { words } = views;
    let count = 0;
    for (let block = from; block < to; block++) {
      for (let word = words[shape.mask / 4 + block] as number; word !== 0; word &= word - 1) {
        words[shape.found / 4 + count++] = block * blockRows + 31 - Math.clz32(word & -word);
      }
    }
    return count;
  };
  const likely = (pass: Pass, plan: Plan, [from, to]: Blocks, bound: number): number => {
    const trial = from % blocksToTrial === blocksAtOnce;
    const { pages, table, mask, stages, bounds, found: out } = shape;
    const end = writeStages(pass, plan, trial);
    const columns = pages + shape.columns;
    const { kernels, pageBytes } = views;
    const count = kernels.scan(pages, columns, pageBytes, from, to, size, table, mask, stages, end, bound, bounds, out);
    if (trial) pass.early = worthwhile(plan, to - from);
    return count;
  };

  const fixed = metric === "cosine" ? 1 : 0;
  const root = metric === "cosine" ? 0 : Math.sqrt(size);
  const squares = metric === "euclidean" ? size / 2 : 0;
  /** A cosine knows no length: any number does, so none is asked of memory besides the units. */
  const magnitudes = metric === "cosine" ? 0 : columnBytes;

  return {
    look(pass, blocks, least, others = false) {
      enter(pass);
      const { kernels, words, integers, floats } = views;
      const { query, plan } = pass;
      const { found: out, mask, bounds } = shape;
      let count: number;
      if (plan === undefined) count = list(blocks);
      else {
        const bound = thresholdOf(plan, least);
        if (others) count = kernels.pick(blocks[0], blocks[1], mask, bounds, Math.fround(bound * plan.scale), out);
        else count = likely(pass, plan, blocks, bound);
      }
      if (count === 0) return 0;

      const { length, total } = query;
      const { query: asked, products } = shape;
      // Of a distance, what all rows have alike.
      const alike = metric === "euclidean" ? length ** 2 / 2 : 0;
      const factor = 256 * query.step;
      const error = roundingError * length;
      // A little less than they may be off by, because bounds are made in single precision.
      const threshold = Math.fround(least + alike - 1e-6 * (Math.abs(least) + alike));
      const squared = squares * (1 - 1e-6);
      /** `zero` is what a plane holds when it stands for zero, or when the next one does. */
      const score = (at: Standing, times: number, unit: number, zero: number, off: number): number => {
        const known = off - zero * total * factor;
        const by = unit * factor;
        return kernels.score(
          out,
          count,
          at.plane,
          at.pageBytes,
          size,
          asked,
          products,
          times,
          at.units,
          at.units + magnitudes,
          by,
          known,
          fixed,
          root,
          squared,
          threshold,
        );
      };
      // First by the upper nibbles, with 8 for those in the middle; then by both.
      count = score(stand(out, count, 0), 0, 16, 120, coarseError * length);
      if (count === 0) return 0;
      const middle = stand(out, count, 1);
      count = score(middle, 16, 1, 128, error);
      for (let i = 0; i < count; i++) {
        const row = words[out / 4 + i] as number;
        const at = (middle.units + Math.floor(row / pageRows) * middle.pageBytes) / 4 + (row % pageRows);
        const unit = floats[at] as number;
        const magnitude = floats[at + columnBytes / 4] as number;
        const weight = metric === "cosine" ? unit : unit * magnitude * root;
        const product = ((integers[products / 4 + i] as number) - 128 * total) * factor * weight;
        found.rows[i] = row;
        found.ranks[i] = product - magnitude ** 2 * squares - alike;
        found.errors[i] = error * weight;
      }
      return count;
    },
    leave(pass) {
      if (inside === pass) inside = undefined;
    },
    found,
  };
}
