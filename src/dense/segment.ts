import type { Place } from "./kernels/checksum.ts";
import { blockRows, codeByte, columnBytes, pageRows } from "./kernels/kernels.ts";
import { type KernelMemory, wasmPage } from "./kernels/memory.ts";
import { planOf, type Plan, type Query } from "./query.ts";
import { type Looking, looking, type Standing, type Views, viewsOf } from "./looking.ts";
import { column, segmentPages, type Shape } from "./shape.ts";
import type { ReadValues, Unread, UnreadValues } from "./unread-values.ts";
import type { SavedBytes } from "./saved.ts";

export const segmentRows: number = segmentPages * pageRows;

/** How many rows the mean is taken of. */
const sampled = 2048;

/** Signed bytes go to 127 when 16 bits end here. */
const most = 127 * 256;

/**
 * Rows of vectors, each as signs of its difference from the centre, and in 16 bits: a byte to find it by and a byte to
 * judge it by. Slots are numbered from 0 in each segment; whether one is in use is known outside.
 */
export interface Segment extends Looking {
  readonly bytes: number;
  readonly pages: number;
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
  /** What was saved of as many rows as it was made for. */
  restore(bytes: SavedBytes): Generator<void, void, undefined>;
  /** Each reads values of a page that were left where they were saved; after the last they are all in memory. */
  rest(): readonly (() => void)[];
  rotated(vector: Float32Array, scale: number): Float32Array;
  plan(query: Query): Plan;
}

export function packedBytes({ size }: Shape): number {
  return 8 + 2 * size;
}

/** How many rows are to be restored, and whether their values are left where they were saved. */
export interface SavedSegment {
  readonly rows: number;
  readonly unread?: Unread | undefined;
}

export function segment(
  shape: Shape,
  memoryOf: (bytes: number) => KernelMemory,
  saved: SavedSegment = { rows: 0 },
): Segment {
  const { size, dimensions, metric, rotation } = shape;
  let pages = Math.ceil(saved.rows / pageRows);
  const pageBytes = saved.unread === undefined ? shape.pageBytes : shape.upper;
  const extra = saved.unread?.windowBytes(shape) ?? 0;
  const views: Views = viewsOf(memoryOf(shape.pages + pages * pageBytes + extra), pageBytes);
  const view = (next: KernelMemory, each = views.pageBytes): void => void Object.assign(views, viewsOf(next, each));
  const bytesFor = (count: number): number => shape.pages + count * views.pageBytes;
  views.floats.set(rotation.signs, shape.signs / 4);

  let unread: UnreadValues | undefined;
  /** Where pages and their values come together meanwhile, and how many have. */
  let whole: { readonly memory: KernelMemory; readonly bytes: Uint8Array; pages: number } | undefined;
  const readPage = (): void => {
    if (unread === undefined) return;
    if (whole === undefined) {
      const memory = memoryOf(shape.pages + pages * shape.pageBytes);
      whole = { memory, bytes: new Uint8Array(memory.buffer), pages: 0 };
    }
    const { bytes, pages: page } = whole;
    const at = shape.pages + page * shape.pageBytes;
    bytes.set(views.bytes.subarray(bytesFor(page), bytesFor(page + 1)), at);
    (unread.pages[page] as ReadValues)(0, bytes.subarray(at + shape.upper, at + shape.pageBytes));
    whole.pages++;
    if (whole.pages < pages) return;
    bytes.set(views.bytes.subarray(0, shape.pages));
    view(whole.memory, shape.pageBytes);
    unread = whole = undefined;
  };
  const rest = (): readonly (() => void)[] => unread?.pages.slice(whole?.pages).map(() => readPage) ?? [];
  const readAll = (): void => {
    for (const step of rest()) step();
  };

  const pageOf = (slot: number): number => bytesFor(Math.floor(slot / pageRows));
  /** Where a row stands in each of the three planes. */
  const planesOf = (slot: number): readonly [upper: number, middle: number, low: number] => {
    if (unread !== undefined) return unread.row(slot);
    const inPage = slot % pageRows;
    return [
      pageOf(slot) + shape.upper + (inPage * size) / 2,
      pageOf(slot) + shape.middle + (inPage * size) / 2,
      pageOf(slot) + shape.low + inPage * size,
    ];
  };
  const stand = (at: number, count: number, plane: number): Standing =>
    unread?.stand(at, count, plane) ?? {
      plane: shape.pages + (plane === 0 ? shape.upper : shape.middle),
      units: shape.pages + shape.columns + column.unit * columnBytes,
      pageBytes: shape.pageBytes,
    };
  /** The 16-bit values of a row; they stand there until the next call. */
  const valuesOf = (slot: number): Float32Array => {
    views.kernels.restore(shape.vector, ...planesOf(slot), size);
    return views.floats.subarray(shape.vector / 4, shape.vector / 4 + size);
  };
  const columnOf = (slot: number, which: number): number =>
    (pageOf(slot) + shape.columns + which * columnBytes) / 4 + (slot % pageRows);
  /** What the 16-bit values are multiplied by where they are scored: a cosine knows no length. */
  const weightOf = (slot: number): number => {
    return metric === "cosine" ? unitOf(slot) : unitOf(slot) * lengthOf(slot);
  };
  const lengthOf = (slot: number): number =>
    (views.floats[columnOf(slot, column.magnitude)] as number) * Math.sqrt(size);

  const encode = (slot: number): void => {
    const row = slot % blockRows;
    const code = pageOf(slot) + Math.floor((slot % pageRows) / blockRows) * size * 4 + codeByte(row & 15);
    const weight = Math.fround(weightOf(slot));
    valuesOf(slot);
    views.kernels.encode(shape.vector, weight, shape.centre, size, code, row < 16 ? 0 : 4, shape.sums);
    const at = shape.sums / 4;
    const absolute = views.floats[at] as number;
    const square = views.floats[at + 1] as number;
    // The cosine between the vector and its signs.
    const likeness = Math.min(1, absolute / Math.sqrt(size * square));
    const known = square === 0 || (square > 1e-30 && square < 1e30);
    const slope = square === 0 || !known ? 0 : square / absolute;
    const spread = Math.sqrt((square * (1 / likeness ** 2 - 1)) / (size - 1));
    const offset = metric === "euclidean" ? -square / 2 : (views.floats[at + 2] as number);
    views.floats[columnOf(slot, column.slope)] = slope;
    views.floats[columnOf(slot, column.offset)] = known ? offset : 0;
    // What single precision cannot hold is always looked at.
    views.floats[columnOf(slot, column.spread)] = square === 0 ? 0 : known ? spread : Number.POSITIVE_INFINITY;
  };

  /** Each loop in a function of its own: what is behind a loop is not known when V8 compiles it, and makes it do so again. */
  const encodeAll = (slots: readonly number[]): void => {
    for (const slot of slots) encode(slot);
  };
  const meanOf = (slots: readonly number[]): Float64Array => {
    const sum = new Float64Array(size);
    const stride = Math.max(1, Math.floor(slots.length / sampled));
    const taken = Math.ceil(slots.length / stride);
    for (let i = 0; i < slots.length; i += stride) {
      const slot = slots[i] as number;
      addTimes(sum, valuesOf(slot), weightOf(slot));
    }
    return taken === 0 ? sum : sum.map((value) => value / taken);
  };

  const rotate = (vector: Float32Array, scale: number): Float32Array => {
    const at = shape.vector / 4;
    const turned = views.floats.subarray(at, at + size);
    turned.fill(0, dimensions);
    for (let i = 0; i < dimensions; i++) turned[i] = (vector[i] as number) / scale;
    rotation.forward(views.kernels, shape.vector, shape.signs);
    return turned;
  };

  const unitOf = (slot: number): number => views.floats[columnOf(slot, column.unit)] as number;

  const resize = (rows: number): void => {
    const needed = Math.ceil(rows / pageRows);
    if (needed === pages && unread !== undefined) return;
    readAll();
    if (needed > pages) views.memory.grow(bytesFor(needed));
    const spare = views.memory.buffer.byteLength - bytesFor(needed);
    if (spare > bytesFor(needed) / 16 + wasmPage) {
      const smaller = memoryOf(bytesFor(needed));
      new Uint8Array(smaller.buffer).set(views.bytes.subarray(0, bytesFor(needed)));
      view(smaller);
    } else if (views.memory.buffer !== views.bytes.buffer) view(views.memory);
    pages = needed;
  };

  return {
    get bytes() {
      return views.memory.buffer.byteLength;
    },
    get pages() {
      return pages;
    },
    resize,
    write(slot, vector) {
      readAll();
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
      views.kernels.quantise(shape.vector, ...planesOf(slot), size, Math.fround(finest));
      const length = Math.sqrt(square);
      views.floats[columnOf(slot, column.unit)] = length === 0 ? 0 : scale / (Math.fround(finest) * length);
      views.floats[columnOf(slot, column.magnitude)] = length / Math.sqrt(size);
      encode(slot);
    },
    packed(slot) {
      const packed = new Uint8Array(packedBytes(shape));
      const scales = [column.unit, column.magnitude].map((which) => views.floats[columnOf(slot, which)] as number);
      new Float32Array(packed.buffer, 0, 2).set(scales);
      const [upper, middle, low] = planesOf(slot);
      packed.set(views.bytes.subarray(upper, upper + size / 2), 8);
      packed.set(views.bytes.subarray(middle, middle + size / 2), 8 + size / 2);
      packed.set(views.bytes.subarray(low, low + size), 8 + size);
      return packed;
    },
    unpack(slot, packed) {
      readAll();
      const [unit = 0, magnitude = 0] = new Float32Array(packed.slice(0, 8).buffer);
      views.floats[columnOf(slot, column.unit)] = unit;
      views.floats[columnOf(slot, column.magnitude)] = magnitude;
      const [upper, middle, low] = planesOf(slot);
      views.bytes.set(packed.subarray(8, 8 + size / 2), upper);
      views.bytes.set(packed.subarray(8 + size / 2, 8 + size), middle);
      views.bytes.set(packed.subarray(8 + size), low);
      encode(slot);
    },
    read(slot) {
      const unit = unitOf(slot);
      const scale = powerOf(unit * lengthOf(slot) * most);
      const values = valuesOf(slot);
      for (let i = 0; i < size; i++) values[i] = (values[i] as number) * unit * (lengthOf(slot) / scale);
      rotation.back(views.kernels, shape.vector, shape.signs);
      return Float32Array.from(values.subarray(0, dimensions), (value) => value * scale);
    },
    judged(slot, { values, length, scale }) {
      const stored = valuesOf(slot);
      const weight = unitOf(slot) * lengthOf(slot);
      if (metric === "euclidean") {
        let distance = 0;
        for (let i = 0; i < size; i++) distance += ((stored[i] as number) * weight - (values[i] as number)) ** 2;
        return -Math.sqrt(distance);
      }
      let product = 0;
      let square = 0;
      for (let i = 0; i < size; i++) {
        const mine = stored[i] as number;
        product += mine * (values[i] as number);
        square += mine * mine;
      }
      return metric === "dot" ? product * weight * scale : product / (Math.sqrt(square) * length);
    },
    centreOn(slots) {
      readAll();
      views.floats.set(meanOf(slots), shape.centre / 4);
      encodeAll(slots);
    },
    save() {
      readAll();
      return [
        views.bytes.subarray(shape.centre, shape.centre + size * 4),
        views.bytes.subarray(shape.pages, bytesFor(pages)),
      ];
    },
    *restore(bytes) {
      const place: Place = { kernels: views.kernels, free: shape.products };
      bytes.next(views.bytes.subarray(shape.centre, shape.centre + size * 4), place);
      const left: ReadValues[] = [];
      for (let page = 0; page < pages; page++) {
        bytes.next(views.bytes.subarray(bytesFor(page), bytesFor(page + 1)), place);
        if (saved.unread !== undefined) left.push(bytes.later(shape.pageBytes - shape.upper));
        yield;
      }
      unread = saved.unread?.values(shape, views, left);
    },
    rest,
    rotated: (vector, scale) => rotate(vector, scale).slice(),
    plan: (query) => planOf(shape, query, views.floats.subarray(shape.centre / 4, shape.centre / 4 + size)),
    ...looking(shape, views, stand),
  };
}

function addTimes(sum: Float64Array, values: Float32Array, weight: number): void {
  for (let i = 0; i < values.length; i++) sum[i] = (sum[i] as number) + (values[i] as number) * weight;
}

/** The power of two at or below, so that dividing by it loses nothing; 1 for 0. */
export function powerOf(value: number): number {
  return value === 0 ? 1 : 2 ** Math.floor(Math.log2(value));
}
