import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AdapterError } from "../../src/errors.ts";
import { inOrder, itemsOf, own, vectorIn } from "../../src/http/reply.ts";
import type { Fault } from "../../src/http/reply.ts";

const fault: Fault = (message, retryable = false) => new AdapterError("fake", message, { retryable });
const accepts = (run: () => unknown): boolean => {
  try {
    run();
    return true;
  } catch {
    return false;
  }
};
const base64Of = (numbers: readonly number[]): string => {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, index) => bytes.writeFloatLE(number, index * 4));
  return bytes.toString("base64");
};

describe("own", () => {
  test("reads own properties only, of anything", () => {
    expect(own({ a: 1 }, "a")).toBe(1);
    expect(own(JSON.parse('{"__proto__":2}'), "__proto__")).toBe(2);
    for (const value of [{}, [], null, undefined, 1, "text"]) {
      expect(own(value, "constructor")).toBeUndefined();
      expect(own(value, "__proto__")).toBeUndefined();
    }
  });
});

describe("itemsOf", () => {
  test("as many items as texts, or an error that counts", () => {
    expect(itemsOf({ data: [1, 2] }, "data", 2, fault)).toEqual([1, 2]);
    expect(() => itemsOf({ data: [1] }, "data", 2, fault)).toThrow(
      "expected 2 items as data, one for each text, received 1",
    );
    expect(() => itemsOf({ data: { length: 2 } }, "data", 2, fault)).toThrow(
      "expected an array as data, received an object",
    );
    expect(() => itemsOf(null, "data", 2, fault)).toThrow("received undefined");
  });
});

describe("inOrder", () => {
  test("law: any permutation is put in order", () => {
    const shuffled = fc
      .nat(50)
      .chain((count) => fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count }));
    fc.assert(
      fc.property(shuffled, (indices) => {
        const items = indices.map((index) => ({ index, name: `item ${index}` }));
        expect(inOrder(items, fault)).toEqual(indices.map((_, index) => ({ index, name: `item ${index}` })));
      }),
    );
  });

  test("law: anything but a permutation is refused", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: 6 }), { minLength: 1, maxLength: 6 }), (indices) => {
        const whole =
          new Set(indices).size === indices.length && indices.every((index) => index >= 0 && index < indices.length);
        const items = indices.map((index) => ({ index }));
        expect(accepts(() => inOrder(items, fault))).toBe(whole);
      }),
    );
  });

  test.each([[[{ index: "0" }]], [[{ index: 0.5 }]], [[{ index: null }]], [[{}]], [[null]], [[7]], [[[0]]]])(
    "%j has no index",
    (items) => {
      expect(() => inOrder(items, fault)).toThrow("expected an index from 0 to 0");
    },
  );
});

describe("vectorIn", () => {
  test("law: numbers and base64 come to the same float32, bit by bit", () => {
    const numbers = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(numbers, (given) => {
        const vector = vectorIn(JSON.parse(JSON.stringify(given)), given.length, fault);
        expect(vector).toBeInstanceOf(Float32Array);
        expect([...vectorIn(base64Of(given), given.length, fault)]).toEqual([...Float32Array.from(given)]);
        // JSON has no -0.
        expect([...vector]).toEqual(given.map((number) => (number === 0 ? 0 : number)));
      }),
    );
  });

  test.each<[string, unknown, RegExp]>([
    ["too few", [1], /2 dimensions, received 1/u],
    ["too many", [1, 2, 3], /2 dimensions, received 3/u],
    ["too many in base64", base64Of([1, 2, 3]), /2 dimensions, received 3/u],
    ["null among numbers", [1, null], /finite numbers in a vector, received null/u],
    ["a string among numbers", [1, "2"], /received a string/u],
    ["more than float32 holds", [1, 1e39], /finite/u],
    ["NaN in base64", base64Of([Number.NaN, 1]), /finite/u],
    ["infinity in base64", base64Of([1, -Infinity]), /finite/u],
    ["half a float", btoa("1234567"), /received 7 bytes/u],
    ["another string", "not base64!", /base64/u],
    ["nothing", undefined, /received undefined/u],
    ["null", null, /received null/u],
    ["an object", { 0: 1, 1: 2, length: 2 }, /received an object/u],
  ])("refuses %s", (_, value, message) => {
    expect(() => vectorIn(value, 2, fault)).toThrow(message);
    expect(() => vectorIn(value, 2, fault)).toThrow(AdapterError);
  });
});
