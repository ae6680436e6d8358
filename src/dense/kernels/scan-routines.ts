import {
  advance,
  f32,
  f32x4,
  type Float,
  i16x8,
  i32,
  i32x4,
  i8x16,
  integer,
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
import { behindPlanes, blockRows, columnBytes, mixPrime, pageRows, stageBytes, windowGroups } from "./kernels.ts";
import { bytesOf, zero } from "./operations.ts";

/** What looks through them. */

const bytesOfPrime = [0, 8, 16, 24].map((shift) => (mixPrime >>> shift) & 255);

/** Writes the numbers of rows of a block whose bits are set. */
function listBits(bits: Local<"i32">, block: Integer, out: Local<"i32">): Statement {
  return whilst(
    bits,
    i32.store(out, i32.add(i32.shl(block, integer(5)), i32.zerosBehind(bits))),
    advance(out, 4),
    set(bits, i32.and(bits, i32.sub(bits, integer(1)))),
  );
}

export const scan: Routine = routine(
  "scan",
  {
    codes: "i32",
    columns: "i32",
    pageBytes: "i32",
    from: "i32",
    to: "i32",
    size: "i32",
    table: "i32",
    mask: "i32",
    stages: "i32",
    stagesEnd: "i32",
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
    shift: "i32",
    windowEnd: "i32",
    page: "i32",
    inPage: "i32",
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
    alongs: "v128",
    nears: "v128",
    fars: "v128",
    bar: "v128",
  },
  (names) => {
    const { codes, columns, pageBytes, from, to, size, table, mask, stages, stagesEnd, threshold, bounds, found } =
      names;
    const { out, wanted, code, end, entry, stage, column, bound, bits, shift, low, lowOdd, high, highOdd } = names;
    const { windowEnd, page, inPage, nibbles, codeBytes, values, x, y, halfs, alongs, nears, fars, bar } = names;

    // Table values of 16 rows are added as bytes, and those of a window then, even and odd bytes apart, as 16 bits.
    const looked = (nibble: Vector): Vector => v128.swizzle(values, v128.and(nibble, nibbles));
    const addGroup = (offset: number): readonly Statement[] => {
      const lower = looked(codeBytes);
      const upper = looked(i16x8.shr(codeBytes, integer(4)));
      return [
        set(values, v128.load(entry, offset)),
        set(codeBytes, v128.load(code, offset)),
        set(x, i8x16.add(x, lower)),
        set(y, i8x16.add(y, upper)),
      ];
    };
    const widen = (bytes: Vector, all: Local<"v128">, odd: Local<"v128">): readonly Statement[] => [
      set(all, i16x8.add(all, bytes)),
      set(odd, i16x8.add(odd, i16x8.shr(bytes, integer(8)))),
    ];

    // Which of four rows do not reach the threshold, as lanes of ones.
    const compare = (differences: Vector, quad: number, use: (below: Vector) => Statement): readonly Statement[] => {
      const at = quad * 16;
      const estimate = f32x4.mul(v128.load(column, at), f32x4.ofIntegers(differences));
      const spread = v128.load(column, at + 2 * columnBytes);
      return [
        set(values, f32x4.add(estimate, f32x4.mul(alongs, v128.load(column, at + columnBytes)))),
        v128.store(bound, f32x4.add(values, f32x4.mul(fars, spread)), at),
        use(f32x4.below(f32x4.add(values, f32x4.mul(nears, spread)), bar)),
      ];
    };
    // Even bytes were rows 0–7, odd ones rows 8–15.
    const differ = (all: Vector, odd: Vector): readonly Statement[] => [
      set(x, i16x8.sub(i16x8.sub(all, i16x8.shl(odd, integer(8))), halfs)),
      set(y, i16x8.sub(odd, halfs)),
    ];
    const setting = (lanes: Local<"v128">, offset: number): Statement =>
      set(lanes, f32x4.splat(f32.load(stage, offset)));

    return [
      set(nibbles, repeated(15)),
      set(size, bytesOf(size)),
      set(out, found),
      whilst(
        i32.below(from, to),
        set(wanted, i32.load(i32.add(mask, bytesOf(from)))),
        set(page, i32.mul(i32.shr(from, integer(Math.log2(pageRows / blockRows))), pageBytes)),
        set(inPage, i32.and(from, integer(pageRows / blockRows - 1))),
        set(code, i32.add(i32.add(codes, page), i32.mul(inPage, size))),
        set(entry, table),
        set(column, i32.add(i32.add(columns, page), i32.shl(inPage, integer(7)))),
        set(bound, i32.add(bounds, i32.shl(from, integer(7)))),
        ...[low, lowOdd, high, highOdd].map((sums) => set(sums, zero)),
        set(stage, stages),
        // As long as there are rows that may be found, and part of the codes is left.
        whilst(
          i32.and(i32.below(stage, stagesEnd), i32.below(integer(0), wanted)),
          set(end, i32.add(code, i32.load(stage))),
          whilst(
            i32.below(code, end),
            set(windowEnd, i32.add(code, integer(windowGroups * 16))),
            when(i32.below(end, windowEnd), set(windowEnd, end)),
            set(x, zero),
            set(y, zero),
            through(code, 32, windowEnd, ...[0, 16].flatMap(addGroup), advance(entry, 32)),
            ...widen(x, low, lowOdd),
            ...widen(y, high, highOdd),
          ),
          set(halfs, i16x8.splat(i32.load(stage, 4))),
          setting(alongs, 8),
          setting(nears, 12),
          setting(fars, 16),
          set(bar, f32x4.splat(f32.mul(threshold, f32.load(stage, 20)))),
          set(bits, integer(0)),
          set(shift, integer(0)),
          ...differ(low, lowOdd),
          through(
            shift,
            16,
            integer(32),
            ...compare(i32x4.extendLow(x), 0, (below) => set(codeBytes, below)),
            ...compare(i32x4.extendHigh(x), 1, (below) => set(x, i16x8.narrow(codeBytes, below))),
            ...compare(i32x4.extendLow(y), 2, (below) => set(codeBytes, below)),
            ...compare(i32x4.extendHigh(y), 3, (below) => set(y, i16x8.narrow(codeBytes, below))),
            set(bits, i32.or(bits, i32.shl(i8x16.bits(i8x16.narrow(x, y)), shift))),
            ...differ(high, highOdd),
            advance(column, 64),
            advance(bound, 64),
          ),
          advance(column, -128),
          advance(bound, -128),
          // Not below: a bound that is no number excludes nothing.
          set(bits, i32.and(wanted, i32.sub(integer(-1), bits))),
          when(
            i32.below(bits, integer(1)),
            i32.store(stage, i32.add(i32.load(stage, 24), integer(1)), 24),
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

export const pick: Routine = routine(
  "pick",
  { from: "i32", to: "i32", mask: "i32", bounds: "i32", threshold: "f32", found: "i32" },
  { out: "i32", wanted: "i32", bits: "i32", shift: "i32", at: "i32", bar: "v128" },
  ({ from, to, mask, bounds, threshold, found, out, wanted, bits, shift, at, bar }) => {
    const below = (quad: number): Vector => f32x4.below(v128.load(at, quad * 16), bar);
    return [
      set(bar, f32x4.splat(threshold)),
      set(out, found),
      whilst(
        i32.below(from, to),
        set(wanted, i32.load(i32.add(mask, bytesOf(from)))),
        when(
          wanted,
          set(at, i32.add(bounds, i32.shl(from, integer(7)))),
          set(bits, integer(0)),
          set(shift, integer(0)),
          through(
            shift,
            16,
            integer(32),
            set(
              bits,
              i32.or(
                bits,
                i32.shl(
                  i8x16.bits(i8x16.narrow(i16x8.narrow(below(0), below(1)), i16x8.narrow(below(2), below(3)))),
                  shift,
                ),
              ),
            ),
            advance(at, 64),
          ),
          set(bits, i32.and(wanted, i32.sub(integer(-1), bits))),
          listBits(bits, from, out),
        ),
        advance(from, 1),
      ),
      i32.shr(i32.sub(out, found), integer(2)),
    ];
  },
);

export const score: Routine = routine(
  "score",
  {
    found: "i32",
    count: "i32",
    plane: "i32",
    pageBytes: "i32",
    size: "i32",
    query: "i32",
    products: "i32",
    times: "i32",
    units: "i32",
    magnitudes: "i32",
    factor: "f32",
    off: "f32",
    fixed: "f32",
    long: "f32",
    squared: "f32",
    threshold: "f32",
  },
  {
    last: "i32",
    at: "i32",
    end: "i32",
    value: "i32",
    out: "i32",
    row: "i32",
    page: "i32",
    inPage: "i32",
    product: "i32",
    magnitude: "f32",
    a: "v128",
    b: "v128",
    words: "v128",
    nibbles: "v128",
  },
  (names) => {
    const { found, count, plane, pageBytes, size, query, products, times, units, magnitudes, factor, off } = names;
    const {
      fixed,
      long,
      squared,
      threshold,
      page,
      inPage,
      last,
      at,
      end,
      value,
      out,
      row,
      product,
      magnitude,
      a,
      b,
      words,
      nibbles,
    } = names;
    const known = (column: Integer): Float => f32.load(i32.add(i32.add(column, page), bytesOf(inPage)));
    const weight = f32.mul(known(units), f32.add(f32.mul(magnitude, long), fixed));
    const below = f32.below(
      f32.sub(
        f32.mul(weight, f32.add(f32.mul(f32.ofInteger(product), factor), off)),
        f32.mul(f32.mul(magnitude, magnitude), squared),
      ),
      threshold,
    );
    // All but the lowest nibble with those above it: see `stepQuery`.
    const term = (k: number): Vector => (k === 0 ? v128.and(words, nibbles) : i16x8.shr(words, integer(4 * k)));
    const dot = (k: number): Vector => i32x4.dot(term(k), v128.load(value, k * 16));
    const lanes = [1, 2, 3].reduce<Integer>((sum, lane) => i32.add(sum, i32x4.lane(a, lane)), i32x4.lane(a, 0));
    const touch = set(value, i32.add(value, i32.add(i32.add(i32.load(at), i32.load(at, 64)), i32.load(at, 128))));
    const stand: readonly Statement[] = [
      set(row, i32.load(found)),
      set(page, i32.mul(i32.shr(row, integer(Math.log2(pageRows))), pageBytes)),
      set(inPage, i32.and(row, integer(pageRows - 1))),
      set(at, i32.add(i32.add(plane, page), i32.mul(inPage, size))),
      set(end, i32.add(at, size)),
    ];
    return [
      set(nibbles, repeated(15, 0)),
      set(size, i32.shr(size, integer(1))),
      set(out, found),
      set(last, i32.add(found, bytesOf(count))),
      // From here on as far from the numbers of rows as products are.
      set(products, i32.sub(products, found)),
      // One number of each cache line of all rows first: memory then works on as many of them at a time as there is room
      // for instructions that wait, so they have to be few: no loop for the first three. Behind a plane follows another.
      whilst(
        i32.below(found, last),
        ...stand,
        touch,
        when(i32.below(integer(behindPlanes), size), advance(at, behindPlanes), through(at, behindPlanes, end, touch)),
        advance(found, 4),
      ),
      // It has to be of use, or it is left out.
      i32.store(last, value),
      set(found, out),
      set(count, out),
      whilst(
        i32.below(found, last),
        ...stand,
        set(value, query),
        set(a, zero),
        set(b, zero),
        through(
          at,
          16,
          end,
          set(words, v128.load(at)),
          ...[a, b, a, b].map((sums, k) => set(sums, i32x4.add(sums, dot(k)))),
          advance(value, 64),
        ),
        set(a, i32x4.add(a, b)),
        set(product, i32.add(i32.mul(i32.load(i32.add(found, products)), times), lanes)),
        set(magnitude, known(magnitudes)),
        // Not below: a bound that is no number excludes nothing.
        when(
          i32.sub(integer(1), below),
          i32.store(out, row),
          i32.store(i32.add(out, products), product),
          advance(out, 4),
        ),
        advance(found, 4),
      ),
      i32.shr(i32.sub(out, count), integer(2)),
    ];
  },
);

export const mix: Routine = routine(
  "mix",
  { at: "i32", end: "i32", lanes: "i32" },
  { a: "v128", b: "v128", c: "v128", d: "v128", e: "v128", f: "v128", g: "v128", h: "v128", prime: "v128" },
  ({ at, end, lanes, prime, ...eight }) => {
    // Eight, because a multiplication takes about as long as eight need to begin.
    const all = Object.values(eight);
    const turned = (lane: Vector): Vector => v128.or(i32x4.shl(lane, integer(13)), i32x4.shr(lane, integer(19)));
    return [
      set(prime, repeated(...bytesOfPrime)),
      ...all.map((lane, i) => set(lane, v128.load(lanes, i * 16))),
      through(
        at,
        128,
        end,
        ...all.map((lane, i) => set(lane, i32x4.mul(v128.xor(turned(lane), v128.load(at, i * 16)), prime))),
      ),
      ...all.map((lane, i) => v128.store(lanes, lane, i * 16)),
    ];
  },
);
