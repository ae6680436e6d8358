import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  blockRows,
  columnBytes,
  type Kernels,
  pageRows,
  queryMost,
  stageBytes,
  stepQuery,
  windowGroups,
  windowMost,
} from "../../src/dense/kernels/kernels.ts";
import { kernelMemory, scalarMemory } from "../../src/dense/kernels/memory.ts";
import { kernelBytes } from "../../src/dense/kernels/routines.ts";
import { rotation } from "../../src/dense/rotation.ts";
import { random } from "./generated.ts";

const bytes = 1 << 17;
const sizes = fc.integer({ min: 1, max: 20 }).map((many) => many * 32);
const scale = Math.fround(0.37);

/** Floats of all magnitudes, or of about 1. */
function fill(buffer: ArrayBuffer, seed: number, extreme: boolean): void {
  const next = random(seed);
  const floats = new Float32Array(buffer);
  const magnitudes = extreme ? [1e-45, 1e-39, 1, 1e30, 3.4e38] : [1];
  for (let i = 0; i < floats.length; i++) {
    const magnitude = magnitudes[Math.floor(next() * magnitudes.length)] ?? 1;
    floats[i] = next() < 0.05 ? 0 : (next() * 2 - 1) * magnitude;
  }
}

/** Runs the same call on the same bytes of both memories. */
function compare(seed: number, extreme: boolean, call: (kernels: Kernels) => unknown): void {
  const [plain, fast] = [scalarMemory(bytes), kernelMemory(bytes)];
  fill(plain.buffer, seed, extreme);
  fill(fast.buffer, seed, extreme);
  expect(call(fast.kernels)).toEqual(call(plain.kernels));
  const [expected, found] = [new Int32Array(plain.buffer), new Int32Array(fast.buffer)];
  const floats = new Float32Array(plain.buffer);
  // Which of the numbers that are none is left is not defined by anyone.
  const differing = expected.findIndex(
    (word, i) => word !== found[i] && !(Number.isNaN(floats[i]) && Number.isNaN(new Float32Array(fast.buffer)[i])),
  );
  expect(differing).toBe(-1);
}

describe("kernels", () => {
  test("the bytes are those of the source, and few enough to be compiled at once on a browser's main thread", async () => {
    const made = kernelBytes();
    const lines =
      Buffer.from(made)
        .toString("hex")
        .match(/.{1,112}/g) ?? [];
    await expect(
      [
        "/** Made of `routines.ts` by `npx vitest run test/dense/kernels.test.ts -u`; that test fails when it is out of date. */",
        "export const kernelsInHex: string =",
        `${lines.map((line) => `  "${line}"`).join(" +\n")};`,
        "",
      ].join("\n"),
    ).toMatchFileSnapshot("../../src/dense/kernels/bytes.ts");
    expect(made.length).toBeLessThan(4096);
    expect(kernelMemory(1).buffer.byteLength).toBe(65_536); // WebAssembly's, here
  });

  test("WebAssembly and plain loops leave the same bytes", () => {
    fc.assert(
      fc.property(sizes, fc.integer(), fc.boolean(), (size, seed, extreme) => {
        const window = 2 ** Math.floor(Math.log2(size));
        compare(seed, extreme, (kernels) => kernels.multiply(64, 8192, size));
        compare(seed, extreme, (kernels) => kernels.halves(64, size, scale));
        compare(seed, extreme, (kernels) => kernels.hadamard(64, window, scale));
        compare(seed, extreme, (kernels) => kernels.mix(128, 128 + size * 128, 0));
        compare(seed, false, (kernels) => {
          kernels.quantise(64, 8192, 16_384, 24_576, size, 32_512);
          kernels.restore(32_768, 8192, 16_384, 114_688, size);
        });
        for (const nibble of [0, 4]) {
          compare(seed, extreme, (kernels) => kernels.encode(64, scale, 16_384, size, 32_768, nibble, 65_536));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("a scan finds the rows that its formula says, whichever way it runs", () => {
    fc.assert(
      fc.property(
        sizes,
        fc.integer(),
        fc.array(fc.nat(), { maxLength: 4 }),
        fc.boolean(),
        (size, seed, masks, open) => {
          const blocks = 4;
          // The last ones of a page, and the first ones of the next.
          const blocksOfPage = pageRows / blockRows;
          const [from, to] = [blocksOfPage - blocks / 2, blocksOfPage + blocks / 2];
          const pageBytes = 4 * size * blockRows;
          const table = pageBytes + blocksOfPage * size * 4;
          const mask = table + size * 4;
          const columns = mask + to * 4 + 8;
          const stages = columns + pageBytes + 3 * columnBytes;
          const bounds = stages + 128;
          const found = bounds + to * blockRows * 4;
          const threshold = Math.fround(open ? Number.NEGATIVE_INFINITY : 0.4);
          const search = (make: typeof scalarMemory): object => {
            const memory = make(found + pageRows * 4);
            const next = random(seed);
            const all = new Uint8Array(memory.buffer);
            for (let i = 0; i < table; i++) all[i] = next() * 256;
            const most = Math.floor(windowMost / windowGroups);
            for (let i = 0; i < size * 4; i++) all[table + i] = next() * (most + 1);
            new Uint32Array(memory.buffer, mask + from * 4, blocks).set(masks);
            const known = new Float32Array(memory.buffer, columns, pageBytes / 4 + 3 * pageRows);
            for (let i = 0; i < known.length; i++) known[i] = next() < 0.01 ? Number.POSITIVE_INFINITY : next() - 0.5;
            const [lengths, floats] = [new Int32Array(memory.buffer, stages), new Float32Array(memory.buffer, stages)];
            const early = 32;
            const lengthsOfStages = size === early ? [size] : [early, size - early];
            for (const [i, length] of lengthsOfStages.entries()) {
              lengths[i * 8] = length * 4;
              lengths[i * 8 + 1] = (length === early ? early : size) * 2;
              const [near, far] = length === early ? [80, Number.NEGATIVE_INFINITY] : [20, 80];
              floats.set([scale, near, far, 100], i * 8 + 2);
            }
            const end = stages + lengthsOfStages.length * stageBytes;
            const count = memory.kernels.scan(
              ...([0, columns, pageBytes, from, to, size, table, mask, stages, end, threshold, bounds, found] as const),
            );
            const words = new Uint32Array(memory.buffer);
            const first = words.slice(found / 4, found / 4 + count);
            const kept = words.slice(mask / 4 + from, mask / 4 + to);
            const more = memory.kernels.pick(from, to, mask, bounds, Math.fround(threshold * 100), found);
            const others = words.slice(found / 4, found / 4 + more);
            const ended = [lengths[6], lengths[14]];
            return {
              first,
              kept,
              others,
              ended,
              bounds: new Int32Array(memory.buffer, bounds, to * blockRows).slice(),
            };
          };
          const { first, others } = search(kernelMemory) as { readonly [K in "first" | "others"]: Uint32Array };
          const rows = [...first, ...others];
          expect(search(kernelMemory)).toEqual(search(scalarMemory));
          expect(new Set(rows).size).toBe(rows.length);
          const wanted = masks.flatMap((word, block) =>
            Array.from({ length: blockRows }, (_, row) => row).flatMap((row) =>
              ((word >>> row) & 1) === 1 ? (from + block) * blockRows + row : [],
            ),
          );
          if (open) expect([...first]).toEqual(wanted);
          else expect(wanted).toEqual(expect.arrayContaining(rows));
        },
      ),
    );
  });

  test("products are those of integers, and rows are left whose bound by them reaches the threshold", () => {
    const [units, found, products] = [65_536, 110_592, 112_640];
    const [factor, off, fixed, long, squared] = [0.011, 3, 0.5, 0.25, 0.75].map(Math.fround) as [
      number,
      number,
      number,
      number,
      number,
    ];
    fc.assert(
      fc.property(sizes, fc.integer(), fc.array(fc.nat({ max: 31 })), fc.boolean(), (size, seed, chosen, open) => {
        // Of two pages, the first sixteen.
        const rows = chosen.map((number) => (number & 15) + (number >> 4) * pageRows);
        const pageBytes = 32 * size;
        const threshold = open ? Number.NEGATIVE_INFINITY : 40;
        const left = [kernelMemory, scalarMemory].map((make) => {
          const memory = make(bytes);
          const next = random(seed);
          const [upper, middle, low, from] = [0, 8 * size, 16 * size, 118_784];
          const all = new Float32Array(memory.buffer);
          const high = Array.from({ length: 32 }, (_, number) => {
            const [page, row] = [(number >> 4) * pageBytes, number & 15];
            for (let i = 0; i < size; i++) all[from / 4 + i] = Math.floor((next() * 2 - 1) * 32_512);
            const planes = [page + upper + (row * size) / 2, page + middle + (row * size) / 2, page + low] as const;
            memory.kernels.quantise(from, ...planes, size, 1);
            return [...all.subarray(from / 4, from / 4 + size)].map((value) => (value + 128) >> 8);
          });
          const query = Int16Array.from({ length: size }, () => Math.round((next() * 2 - 1) * queryMost));
          const stepped = new Int16Array(memory.buffer, 114_688, size);
          stepped.set(query);
          stepQuery(stepped);
          const floats = new Float32Array(memory.buffer);
          const unitOf = (row: number): number =>
            (units + Math.floor(row / pageRows) * pageBytes) / 4 + (row % pageRows);
          for (const row of Array.from({ length: 32 }, (_, number) => (number & 15) + (number >> 4) * pageRows)) {
            floats[unitOf(row)] = next() < 0.1 ? Number.POSITIVE_INFINITY : next() / 100;
            floats[unitOf(row) + columnBytes / 4] = next() * 4;
          }
          const words = new Uint32Array(memory.buffer);
          words.set(rows, found / 4);
          const score = (count: number, plane: number, times: number, least: number): number =>
            memory.kernels.score(
              ...([found, count, plane, pageBytes, size, 114_688, products, times, units] as const),
              ...([units + columnBytes, factor, off, fixed, long, squared, least] as const),
            );
          const both = score(rows.length, upper, 0, Number.NEGATIVE_INFINITY);
          expect(both).toBe(rows.length);
          const count = score(both, middle, 16, threshold);
          const kept = [...words.subarray(found / 4, found / 4 + count)];
          const integers = [...new Int32Array(memory.buffer, products, count)];
          const known = rows.map((row) => {
            const product = query.reduce(
              (sum, value, i) => sum + value * (128 + (high[(row % pageRows) + (row < pageRows ? 0 : 16)]?.[i] ?? 0)),
              0,
            );
            const magnitude = floats[unitOf(row) + columnBytes / 4] ?? 0;
            const weight = (floats[unitOf(row)] ?? 0) * (magnitude * long + fixed);
            return { row, product, bound: weight * (product * factor + off) - magnitude ** 2 * squared };
          });
          // A bound in single precision may fall to the other side of the threshold when it is all but the same.
          if (!known.some(({ bound }) => Math.abs(bound - threshold) <= 1e-3)) {
            const expected = known.filter(({ bound }) => !(bound < threshold));
            expect(kept.map((row, i) => [row, integers[i]])).toEqual(
              expected.map(({ row, product }) => [row, product]),
            );
          }
          return { kept, integers };
        });
        expect(left[0]).toEqual(left[1]);
      }),
    );
  });

  test.each([32, 96, 384, 768, 1024, 1536, 4096])("a rotation of %i keeps lengths and is undone", (size) => {
    const next = random(size);
    const memory = kernelMemory(size * 32);
    const floats = new Float32Array(memory.buffer);
    const turned = rotation(size);
    floats.set(turned.signs, size);
    const vector = Float32Array.from({ length: size }, () => next() - 0.5);
    floats.set(vector);
    turned.forward(memory.kernels, 0, size * 4);
    const length = (values: Float32Array): number => Math.hypot(...values);
    expect(length(floats.subarray(0, size))).toBeCloseTo(length(vector), 4);
    expect(floats.subarray(0, size)).not.toEqual(vector);
    // One value alone is spread over all.
    turned.back(memory.kernels, 0, size * 4);
    for (let i = 0; i < size; i++) expect(floats[i]).toBeCloseTo(vector[i] ?? 0, 5);
    floats.fill(0, 0, size);
    floats[size - 1] = 1;
    turned.forward(memory.kernels, 0, size * 4);
    expect(Math.max(...floats.subarray(0, size).map(Math.abs))).toBeLessThan(8 / Math.sqrt(size));
  });
});
