import { expect, test } from "vitest";
import { crc32c } from "../src/crc32c.ts";

test("files and frames have Castagnoli's checksum", () => {
  const utf8 = new TextEncoder();
  expect(crc32c(utf8.encode("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
});
