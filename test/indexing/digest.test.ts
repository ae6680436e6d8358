import fc from "fast-check";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { sha256, uuidV5 } from "../../src/indexing/digest.ts";
import { documentHash } from "../../src/indexing/document.ts";

test("sha256 is Node's, around every block boundary and on any text", () => {
  for (let length = 0; length <= 200; length++) {
    const text = "ä的😀x".repeat(length).slice(0, length);
    expect(sha256(text)).toBe(createHash("sha256").update(text).digest("hex"));
  }
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
      expect(sha256(text)).toBe(createHash("sha256").update(text).digest("hex"));
    }),
  );
});

test("a document's hash is made in steps, so that others can run, and is that of its whole text", async () => {
  const text = "ä的😀x".repeat(100_000);
  let breaks = 0;
  const breathe = async (): Promise<void> => void breaks++;
  const hash = await documentHash({ id: "a", text, metadata: {} }, breathe);
  expect(breaks).toBeGreaterThan(5);
  const whole = createHash("sha256")
    .update(JSON.stringify([text, undefined]))
    .digest("hex");
  expect(hash.slice(0, 32)).toBe(whole.slice(0, 32));
});

test("uuidV5 is that of RFC 9562", () => {
  const dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  expect(uuidV5(dns, "www.example.com")).toBe("2ed6657d-e927-568b-95e1-2665a8aea6a2");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (name) => {
      const digest = createHash("sha1")
        .update(Buffer.from(dns.replaceAll("-", ""), "hex"))
        .update(name)
        .digest();
      digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
      digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
      expect(uuidV5(dns, name).replaceAll("-", "")).toBe(digest.toString("hex", 0, 16));
    }),
  );
});
