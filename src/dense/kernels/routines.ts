import {
  advance,
  assemble,
  f32,
  f32x4,
  floats,
  i16x8,
  i32,
  i32x4,
  i8x16,
  integer,
  type Float,
  type Integer,
  type Local,
  repeated,
  type Routine,
  routine,
  set,
  type Statement,
  through,
  v128,
  type Vector,
  when,
  whilst,
} from "./assembler.ts";
import { columnBytes, mixPrime, stageBytes } from "./kernels.ts";

/**
 * The kernels with 128-bit vectors: the same operations in the same order as in `scalar.ts`. `bytes.ts` is made of it
 * by `npx vitest run test/dense/kernels.test.ts -u`.
 */

const bytesOf = (count: Integer): Integer => i32.shl(count, integer(2));
const zero = repeated(0);
const bytesOfPrime = [0, 8, 16, 24].map((shift) => (mixPrime >>> shift) & 255);
const swapped = (a: Vector): Vector => v128.shuffle(a, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
const crossed = (a: Vector): Vector => v128.shuffle(a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);

const multiply = routine("multiply", { at: "i32", by: "i32", size: "i32" }, { end: "i32" }, ({ at, by, size, end }) => [
  set(end, i32.add(at, bytesOf(size))),
  through(at, 16, end, v128.store(at, f32x4.mul(v128.load(at), v128.load(by))), advance(by, 16)),
]);

interface Pair {
  readonly a: Local<"i32">;
  readonly b: Local<"i32">;
  readonly x: Local<"v128">;
  readonly y: Local<"v128">;
}

/** Sums and differences of the floats from `a` to `end` and of those at `b`. */
function butterflies({ a, b, x, y }: Pair, end: Integer, scaled: (sum: Vector) => Vector): Statement {
  return through(
    a,
    16,
    end,
    set(x, v128.load(a)),
    set(y, v128.load(b)),
    v128.store(a, scaled(f32x4.add(x, y))),
    v128.store(b, scaled(f32x4.sub(x, y))),
    advance(b, 16),
  );
}

const halves = routine(
  "halves",
  { a: "i32", size: "i32", scale: "f32" },
  { b: "i32", end: "i32", x: "v128", y: "v128", scales: "v128" },
  ({ size, scale, end, scales, ...pair }) => [
    set(pair.b, i32.add(pair.a, i32.shl(size, integer(1)))),
    set(end, pair.b),
    set(scales, f32x4.splat(scale)),
    butterflies(pair, end, (sum) => f32x4.mul(sum, scales)),
  ],
);

const hadamard = routine(
  "hadamard",
  { at: "i32", size: "i32", scale: "f32" },
  { end: "i32", stop: "i32", a: "i32", b: "i32", step: "i32", x: "v128", y: "v128" },
  ({ at, size, scale, end, stop, step, ...pair }) => [
    set(size, bytesOf(size)),
    set(end, i32.add(at, size)),
    // Neighbours, then neighbours of neighbours, within each vector.
    set(pair.a, at),
    through(
      pair.a,
      16,
      end,
      set(pair.x, v128.load(pair.a)),
      set(pair.x, f32x4.add(f32x4.mul(pair.x, floats(1, -1, 1, -1)), swapped(pair.x))),
      v128.store(pair.a, f32x4.add(f32x4.mul(pair.x, floats(1, 1, -1, -1)), crossed(pair.x))),
    ),
    set(step, integer(16)),
    whilst(
      i32.below(step, size),
      set(pair.a, at),
      whilst(
        i32.below(pair.a, end),
        set(pair.b, i32.add(pair.a, step)),
        set(stop, pair.b),
        butterflies(pair, stop, (sum) => sum),
        set(pair.a, pair.b),
      ),
      set(step, i32.shl(step, integer(1))),
    ),
    set(pair.y, f32x4.splat(scale)),
    through(at, 16, end, v128.store(at, f32x4.mul(v128.load(at), pair.y))),
  ],
);

const quantise = routine(
  "quantise",
  { at: "i32", high: "i32", low: "i32", size: "i32", scale: "f32" },
  { end: "i32", scales: "v128", value: "v128", upper: "v128" },
  ({ at, high, low, size, scale, end, scales, value, upper }) => {
    const rounded = (offset: number): Vector => i32x4.truncate(f32x4.nearest(f32x4.mul(v128.load(at, offset), scales)));
    return [
      set(end, i32.add(high, size)),
      set(scales, f32x4.splat(scale)),
      through(
        high,
        8,
        end,
        set(value, i16x8.narrow(rounded(0), rounded(16))),
        set(upper, i16x8.shrSigned(i16x8.add(value, repeated(128, 0)), integer(8))),
        set(value, i16x8.sub(value, i16x8.shl(upper, integer(8)))),
        v128.storeHalf(high, i8x16.narrow(upper, upper)),
        v128.storeHalf(low, i8x16.narrow(value, value)),
        advance(at, 32),
        advance(low, 8),
      ),
    ];
  },
);

const encode = routine(
  "encode",
  { high: "i32", low: "i32", weight: "f32", centre: "i32", size: "i32", code: "i32", nibble: "i32", sums: "i32" },
  {
    end: "i32",
    keep: "i32",
    weights: "v128",
    middle: "v128",
    x: "v128",
    absolute: "v128",
    squares: "v128",
    along: "v128",
  },
  ({
    high,
    low,
    weight,
    centre,
    size,
    code,
    nibble,
    sums,
    end,
    keep,
    weights,
    middle,
    x,
    absolute,
    squares,
    along,
  }) => {
    const four = (at: Integer): Vector => i32x4.extendLow(i16x8.extendLow(v128.loadFour(at)));
    const value = i32x4.add(i32x4.shl(four(high), integer(8)), four(low));
    const bits = i32x4.bits(f32x4.atLeast(x, zero));
    // Lanes 0 and 2, lanes 1 and 3, then both.
    const sumOf = (lanes: Local<"v128">): Float =>
      f32.add(f32x4.lane(f32x4.add(lanes, crossed(lanes)), 0), f32x4.lane(f32x4.add(lanes, crossed(lanes)), 1));
    return [
      set(end, i32.add(high, size)),
      set(keep, i32.shr(integer(0xf0), nibble)),
      set(weights, f32x4.splat(weight)),
      through(
        high,
        4,
        end,
        set(middle, v128.load(centre)),
        set(x, f32x4.sub(f32x4.mul(f32x4.ofIntegers(value), weights), middle)),
        i32.storeByte(code, i32.or(i32.and(i32.loadByte(code), keep), i32.shl(bits, nibble))),
        set(absolute, f32x4.add(absolute, f32x4.abs(x))),
        set(squares, f32x4.add(squares, f32x4.mul(x, x))),
        set(along, f32x4.add(along, f32x4.mul(x, middle))),
        advance(code, 16),
        advance(centre, 16),
        advance(low, 4),
      ),
      f32.store(sums, sumOf(absolute)),
      f32.store(sums, sumOf(squares), 4),
      f32.store(sums, sumOf(along), 8),
    ];
  },
);

/** Four bits of a comparison beside those of others. */
function withBits(bits: Integer, quad: number, comparison: Vector): Integer {
  return i32.or(bits, i32.shl(i32x4.bits(comparison), integer(quad * 4)));
}

/** Writes the numbers of rows of a block whose bits are set. */
function listBits(bits: Local<"i32">, block: Integer, out: Local<"i32">): Statement {
  return whilst(
    bits,
    i32.store(out, i32.add(i32.shl(block, integer(5)), i32.zerosBehind(bits))),
    advance(out, 4),
    set(bits, i32.and(bits, i32.sub(bits, integer(1)))),
  );
}

const scan = routine(
  "scan",
  {
    codes: "i32",
    columns: "i32",
    from: "i32",
    to: "i32",
    size: "i32",
    table: "i32",
    mask: "i32",
    stages: "i32",
    stagesEnd: "i32",
    along: "f32",
    threshold: "f32",
    bounds: "i32",
    found: "i32",
  },
  {
    out: "i32",
    wanted: "i32",
    code: "i32",
    end: "i32",
    entry: "i32",
    stage: "i32",
    column: "i32",
    bound: "i32",
    bits: "i32",
    nibbles: "v128",
    codeBytes: "v128",
    values: "v128",
    x: "v128",
    y: "v128",
    low: "v128",
    lowOdd: "v128",
    high: "v128",
    highOdd: "v128",
    halfs: "v128",
    steps: "v128",
    alongs: "v128",
    nears: "v128",
    fars: "v128",
    bar: "v128",
  },
  (names) => {
    const { codes, columns, from, to, size, table, mask, stages, stagesEnd, along, threshold, bounds, found } = names;
    const { out, wanted, code, end, entry, stage, column, bound, bits, low, lowOdd, high, highOdd } = names;
    const { nibbles, codeBytes, values, x, y, halfs, steps, alongs, nears, fars, bar } = names;

    // Four table values of 16 rows are added as bytes, then even and odd bytes apart as 16 bits.
    const looked = (nibble: Vector): Vector => v128.swizzle(values, v128.and(nibble, nibbles));
    const addGroup = (offset: number): readonly Statement[] => {
      const lower = looked(codeBytes);
      const upper = looked(i16x8.shr(codeBytes, integer(4)));
      return [
        set(values, v128.load(entry, offset)),
        set(codeBytes, v128.load(code, offset)),
        set(x, offset === 0 ? lower : i8x16.add(x, lower)),
        set(y, offset === 0 ? upper : i8x16.add(y, upper)),
      ];
    };
    const widen = (bytes: Vector, all: Local<"v128">, odd: Local<"v128">): readonly Statement[] => [
      set(all, i16x8.add(all, bytes)),
      set(odd, i16x8.add(odd, i16x8.shr(bytes, integer(8)))),
    ];

    // The bits of four rows that do not reach the threshold.
    const compare = (sums: Vector, quad: number): readonly Statement[] => {
      const at = quad * 16;
      const estimate = f32x4.mul(v128.load(column, at), f32x4.mul(f32x4.sub(f32x4.ofIntegers(sums), halfs), steps));
      const spread = v128.load(column, at + 2 * columnBytes);
      return [
        set(values, f32x4.add(estimate, f32x4.mul(alongs, v128.load(column, at + columnBytes)))),
        v128.store(bound, f32x4.add(values, f32x4.mul(fars, spread)), at),
        set(bits, withBits(bits, quad, f32x4.below(f32x4.add(values, f32x4.mul(nears, spread)), bar))),
      ];
    };
    // Even bytes were rows 0–7, odd ones rows 8–15.
    const even = (all: Vector, odd: Vector): Vector => i16x8.sub(all, i16x8.shl(odd, integer(8)));
    const eights = [even(low, lowOdd), lowOdd, even(high, highOdd), highOdd];
    const setting = (lanes: Local<"v128">, offset: number): Statement =>
      set(lanes, f32x4.splat(f32.load(stage, offset)));

    return [
      set(nibbles, repeated(15)),
      set(alongs, f32x4.splat(along)),
      set(bar, f32x4.splat(threshold)),
      set(size, bytesOf(size)),
      set(out, found),
      whilst(
        i32.below(from, to),
        set(wanted, i32.load(i32.add(mask, bytesOf(from)))),
        set(code, i32.add(codes, i32.mul(from, size))),
        set(entry, table),
        set(column, i32.add(columns, i32.shl(from, integer(7)))),
        set(bound, i32.add(bounds, i32.shl(from, integer(7)))),
        ...[low, lowOdd, high, highOdd].map((sums) => set(sums, zero)),
        set(stage, stages),
        // As long as there are rows that may be found, and part of the codes is left.
        whilst(
          i32.and(i32.below(stage, stagesEnd), i32.below(integer(0), wanted)),
          set(end, i32.add(code, i32.load(stage))),
          through(
            code,
            64,
            end,
            ...[0, 16, 32, 48].flatMap(addGroup),
            ...widen(x, low, lowOdd),
            ...widen(y, high, highOdd),
            advance(entry, 64),
          ),
          setting(halfs, 4),
          setting(steps, 8),
          setting(nears, 12),
          setting(fars, 16),
          set(bits, integer(0)),
          ...eights.flatMap((sums, eight) => [
            set(x, sums),
            ...compare(i32x4.extendLowUnsigned(x), eight * 2),
            ...compare(i32x4.extendHighUnsigned(x), eight * 2 + 1),
          ]),
          // Not below: a bound that is no number excludes nothing.
          set(bits, i32.and(wanted, i32.sub(integer(-1), bits))),
          when(
            i32.below(bits, integer(1)),
            i32.store(stage, i32.add(i32.load(stage, 20), integer(1)), 20),
            set(wanted, integer(0)),
          ),
          advance(stage, stageBytes),
        ),
        when(wanted, i32.store(i32.add(mask, bytesOf(from)), i32.sub(wanted, bits)), listBits(bits, from, out)),
        advance(from, 1),
      ),
      i32.shr(i32.sub(out, found), integer(2)),
    ];
  },
);

const pick = routine(
  "pick",
  { from: "i32", to: "i32", mask: "i32", bounds: "i32", threshold: "f32", found: "i32" },
  { out: "i32", wanted: "i32", bits: "i32", at: "i32", bar: "v128" },
  ({ from, to, mask, bounds, threshold, found, out, wanted, bits, at, bar }) => [
    set(bar, f32x4.splat(threshold)),
    set(out, found),
    whilst(
      i32.below(from, to),
      set(wanted, i32.load(i32.add(mask, bytesOf(from)))),
      when(
        wanted,
        set(at, i32.add(bounds, i32.shl(from, integer(7)))),
        set(bits, integer(0)),
        ...Array.from({ length: 8 }, (_, quad) =>
          set(bits, withBits(bits, quad, f32x4.below(v128.load(at, quad * 16), bar))),
        ),
        set(bits, i32.and(wanted, i32.sub(integer(-1), bits))),
        listBits(bits, from, out),
      ),
      advance(from, 1),
    ),
    i32.shr(i32.sub(out, found), integer(2)),
  ],
);

const score = routine(
  "score",
  {
    found: "i32",
    count: "i32",
    high: "i32",
    size: "i32",
    query: "i32",
    units: "i32",
    factor: "f32",
    error: "f32",
    fixed: "f32",
    long: "f32",
    squared: "f32",
    threshold: "f32",
    products: "i32",
  },
  {
    last: "i32",
    at: "i32",
    end: "i32",
    value: "i32",
    out: "i32",
    row: "i32",
    magnitude: "f32",
    a: "v128",
    b: "v128",
  },
  (names) => {
    const { found, count, high, size, query, units, factor, error, fixed, long, squared, threshold, products } = names;
    const { last, at, end, value, out, row, magnitude, a, b } = names;
    const product = (offset: number): Vector => i32x4.dot(v128.loadBytes(at, offset), v128.load(value, offset * 2));
    const columnsOf = i32.add(units, bytesOf(row));
    const weight = f32.mul(f32.load(columnsOf), f32.add(f32.mul(magnitude, long), fixed));
    const bound = f32.sub(
      f32.mul(weight, f32.add(f32.mul(f32.ofInteger(i32.load(products)), factor), error)),
      f32.mul(f32.mul(magnitude, magnitude), squared),
    );
    return [
      set(last, i32.add(found, bytesOf(count))),
      // One number of each cache line of all rows first: memory then works on many of them at a time.
      set(value, found),
      whilst(
        i32.below(value, last),
        set(at, i32.add(high, i32.mul(i32.load(value), size))),
        set(end, i32.add(at, size)),
        through(at, 64, end, set(row, i32.add(row, i32.load(at)))),
        advance(value, 4),
      ),
      // It has to be of use, or it is left out.
      i32.store(products, row),
      set(out, found),
      set(count, products),
      whilst(
        i32.below(found, last),
        set(row, i32.load(found)),
        set(at, i32.add(high, i32.mul(row, size))),
        set(end, i32.add(at, size)),
        set(value, query),
        set(a, zero),
        set(b, zero),
        through(at, 16, end, set(a, i32x4.add(a, product(0))), set(b, i32x4.add(b, product(8))), advance(value, 32)),
        set(a, i32x4.add(a, b)),
        i32.store(
          products,
          [1, 2, 3].reduce<Integer>((sum, lane) => i32.add(sum, i32x4.lane(a, lane)), i32x4.lane(a, 0)),
        ),
        set(magnitude, f32.load(columnsOf, columnBytes)),
        i32.store(out, row),
        // Not below: a bound that is no number excludes nothing.
        set(value, i32.shl(i32.sub(integer(1), f32.below(bound, threshold)), integer(2))),
        set(out, i32.add(out, value)),
        set(products, i32.add(products, value)),
        advance(found, 4),
      ),
      i32.shr(i32.sub(products, count), integer(2)),
    ];
  },
);

const mix = routine(
  "mix",
  { at: "i32", end: "i32", lanes: "i32" },
  { a: "v128", b: "v128", c: "v128", d: "v128", prime: "v128" },
  ({ at, end, lanes, a, b, c, d, prime }) => {
    const four = [a, b, c, d];
    const turned = (lane: Vector): Vector => v128.or(i32x4.shl(lane, integer(13)), i32x4.shr(lane, integer(19)));
    return [
      set(prime, repeated(...bytesOfPrime)),
      ...four.map((lane, i) => set(lane, v128.load(lanes, i * 16))),
      through(
        at,
        64,
        end,
        ...four.map((lane, i) => set(lane, i32x4.mul(v128.xor(turned(lane), v128.load(at, i * 16)), prime))),
      ),
      ...four.map((lane, i) => v128.store(lanes, lane, i * 16)),
    ];
  },
);

const routines: readonly Routine[] = [multiply, halves, hadamard, quantise, encode, scan, pick, score, mix];

export function kernelBytes(): Uint8Array {
  return assemble(routines);
}
