import {
  advance,
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
  whilst,
} from "./assembler.ts";
import { bytesOf, crossed, nibbleOf, swapped, zero } from "./operations.ts";

/** What writes and reads rows. */

export const multiply: Routine = routine(
  "multiply",
  { at: "i32", by: "i32", size: "i32" },
  { end: "i32" },
  ({ at, by, size, end }) => [
    set(end, i32.add(at, bytesOf(size))),
    through(at, 16, end, v128.store(at, f32x4.mul(v128.load(at), v128.load(by))), advance(by, 16)),
  ],
);

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

export const halves: Routine = routine(
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

export const hadamard: Routine = routine(
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

export const quantise: Routine = routine(
  "quantise",
  { at: "i32", upper: "i32", middle: "i32", low: "i32", size: "i32", scale: "f32" },
  { end: "i32", shift: "i32", scales: "v128", value: "v128", high: "v128", first: "v128", second: "v128" },
  ({ at, upper, middle, low, size, scale, end, shift, scales, value, high, first, second }) => {
    const rounded = (offset: number): Vector => i32x4.truncate(f32x4.nearest(f32x4.mul(v128.load(at, offset), scales)));
    const half = repeated(128, 0);
    return [
      set(end, i32.add(low, size)),
      set(scales, f32x4.splat(scale)),
      whilst(
        i32.below(low, end),
        set(first, zero),
        set(second, zero),
        set(shift, integer(0)),
        through(
          shift,
          4,
          integer(16),
          set(value, i16x8.narrow(rounded(0), rounded(16))),
          set(high, i16x8.shrSigned(i16x8.add(value, half), integer(8))),
          set(value, i16x8.sub(value, i16x8.shl(high, integer(8)))),
          v128.storeHalf(low, i8x16.narrow(value, value)),
          set(high, i16x8.add(high, half)),
          set(first, v128.or(first, i16x8.shl(i16x8.shr(high, integer(4)), shift))),
          set(second, v128.or(second, i16x8.shl(v128.and(high, repeated(15, 0)), shift))),
          advance(at, 32),
          advance(low, 8),
        ),
        v128.store(upper, first),
        v128.store(middle, second),
        advance(upper, 16),
        advance(middle, 16),
      ),
    ];
  },
);

export const restore: Routine = routine(
  "restore",
  { at: "i32", upper: "i32", middle: "i32", low: "i32", size: "i32" },
  { end: "i32", shift: "i32", value: "v128", nibbles: "v128" },
  ({ at, upper, middle, low, size, end, shift, value, nibbles }) => [
    set(end, i32.add(low, size)),
    set(nibbles, repeated(15, 0)),
    whilst(
      i32.below(low, end),
      set(shift, integer(0)),
      through(
        shift,
        4,
        integer(16),
        // The high byte, less the 128 that make it positive, then the low one.
        set(value, i16x8.shl(nibbleOf(v128.load(upper), shift, nibbles), integer(4))),
        set(value, i16x8.sub(v128.or(value, nibbleOf(v128.load(middle), shift, nibbles)), repeated(128, 0))),
        set(value, i16x8.add(i16x8.shl(value, integer(8)), v128.loadBytes(low))),
        v128.store(at, f32x4.ofIntegers(i32x4.extendLow(value))),
        v128.store(at, f32x4.ofIntegers(i32x4.extendHigh(value)), 16),
        advance(at, 32),
        advance(low, 8),
      ),
      advance(upper, 16),
      advance(middle, 16),
    ),
  ],
);

export const encode: Routine = routine(
  "encode",
  { at: "i32", weight: "f32", centre: "i32", size: "i32", code: "i32", nibble: "i32", sums: "i32" },
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
  ({ at, weight, centre, size, code, nibble, sums, end, keep, weights, middle, x, absolute, squares, along }) => {
    const bits = i32x4.bits(f32x4.atLeast(x, zero));
    // Lanes 0 and 2, lanes 1 and 3, then both.
    const sumOf = (lanes: Local<"v128">): Float =>
      f32.add(f32x4.lane(f32x4.add(lanes, crossed(lanes)), 0), f32x4.lane(f32x4.add(lanes, crossed(lanes)), 1));
    return [
      set(end, i32.add(at, bytesOf(size))),
      set(keep, i32.shr(integer(0xf0), nibble)),
      set(weights, f32x4.splat(weight)),
      through(
        at,
        16,
        end,
        set(middle, v128.load(centre)),
        set(x, f32x4.sub(f32x4.mul(v128.load(at), weights), middle)),
        i32.storeByte(code, i32.or(i32.and(i32.loadByte(code), keep), i32.shl(bits, nibble))),
        set(absolute, f32x4.add(absolute, f32x4.abs(x))),
        set(squares, f32x4.add(squares, f32x4.mul(x, x))),
        set(along, f32x4.add(along, f32x4.mul(x, middle))),
        advance(code, 16),
        advance(centre, 16),
      ),
      f32.store(sums, sumOf(absolute)),
      f32.store(sums, sumOf(squares), 4),
      f32.store(sums, sumOf(along), 8),
    ];
  },
);
