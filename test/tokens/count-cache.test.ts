import { describe, expect, test } from "vitest";
import { remembered } from "../../src/tokens/count-cache.ts";
import { tokenTable } from "../../src/tokens/token-table.ts";
import { utf8Writer } from "../../src/tokens/utf8.ts";

describe("remembered counts", () => {
  const write = utf8Writer();

  test("are asked for once", () => {
    let asked = 0;
    const count = remembered(() => ++asked);
    const text = write("one two");
    expect(count(text, 0, 3)).toBe(1);
    expect(count(text, 3, 7)).toBe(2);
    expect(count(text, 0, 3)).toBe(1);
    expect(count(write("and one"), 4, 7)).toBe(1);
    expect(asked).toBe(2);
  });

  test("of tokens are known from the beginning", () => {
    let asked = 0;
    const count = remembered(() => 2 + asked++, tokenTable(`! 0 ${["one", "on", " two"].map(btoa).join(" ")}`));
    const text = write("one two");
    expect([count(text, 0, 3), count(text, 0, 2), count(text, 3, 7)]).toEqual([1, 1, 1]);
    expect(asked).toBe(0);
    expect([count(text, 4, 7), count(text, 4, 7)]).toEqual([2, 2]);
  });

  test("of one byte are one, of many bytes are asked for each time", () => {
    let asked = 0;
    const count = remembered(() => ++asked);
    const text = write("a".repeat(20));
    expect(count(text, 3, 4)).toBe(1);
    expect(asked).toBe(0);
    expect([count(text, 0, 16), count(text, 0, 16)]).toEqual([1, 2]);
    expect([count(text, 0, 15), count(text, 0, 15)]).toEqual([3, 3]);
  });

  // Far more than there are places, alike but for a few bytes: all of them meet others.
  test.each([0, 4, 8, 11])("do not take the bytes at %i for others", (place) => {
    const { bytes, view, length } = write("abcdefghijklmno");
    let asked = 0;
    let expected = 0;
    const count = remembered(() => {
      asked++;
      return expected;
    });
    for (let key = 0; key < 300_000; key++) {
      view.setInt32(place, Math.imul(key, 0x9e3779b1));
      expected = 1 + (key % 15);
      if (count({ bytes, view, length }, 0, length) !== expected) expect.fail(`of key ${key}`);
      if (count({ bytes, view, length }, 0, length) !== expected) expect.fail(`of key ${key}, the second time`);
    }
    expect(asked).toBe(300_000);
  });

  test("do not take a text for one with zero bytes after it", () => {
    const count = remembered((_, start, end) => end - start);
    const text = write("ab\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    for (let end = 2; end <= 15; end++) expect(count(text, 0, end)).toBe(end);
    for (let end = 2; end <= 15; end++) expect(count(text, 0, end)).toBe(end);
  });
});
