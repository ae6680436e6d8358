import { describe, expect, test } from "vitest";
import { murmur3 } from "../../src/lexical/terms.ts";
const utf8 = new TextEncoder();
describe("murmur3", () => {
  test.each([
    ["", 0, 0],
    ["", 1, 0x514e28b7],
    ["", 0xffffffff, 0x81f16f39],
    ["hello", 0, 0x248bfa47],
    ["hello, world", 0, 0x149bbb7f],
    ["The quick brown fox jumps over the lazy dog", 0, 0x2e4ff723],
    ["The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd],
  ])("%j with seed %i", (text, seed, hash) => {
    expect(murmur3(utf8.encode(text), seed)).toBe(hash);
  });
});
