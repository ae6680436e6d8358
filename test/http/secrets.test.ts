import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redactedCause, redactorOf } from "../../src/http/secrets.ts";

const plainUrl = new URL("https://fake.test/v1");

describe("redactorOf", () => {
  test("law: no form of a header's value is left, wherever and however often it stands", () => {
    const key = fc.stringMatching(/^[!-~]{12,30}$/u);
    fc.assert(
      fc.property(key, fc.array(fc.nat().map(String), { minLength: 2 }), (secret, parts) => {
        const redact = redactorOf({ authorization: `Bearer ${secret}` }, plainUrl);
        for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
          expect(redact(parts.join(form))).toBe(parts.join("[redacted]"));
        }
      }),
    );
  });

  test("a key that begins with another one goes as a whole", () => {
    const redact = redactorOf({ first: "abcd", second: "abcdefgh" }, plainUrl);
    expect(redact("abcdefgh, abcd and abcdefgh")).toBe("[redacted], [redacted] and [redacted]");
  });

  test("what a URL carries besides its path", () => {
    const url = new URL("https://user:pass%20word@fake.test/v1?key=AIzaSecret&mode=v1");
    expect(redactorOf({}, url)("user pass%20word AIzaSecret v1")).toBe("[redacted] [redacted] [redacted] v1");
  });

  test("without secrets, texts stay as they are", () => {
    expect(redactorOf({ authorization: "" }, plainUrl)("Bearer of news")).toBe("Bearer of news");
  });
});

describe("redactedCause", () => {
  const redact = redactorOf({ "api-key": "sk-1234" }, plainUrl);

  test("keeps name, code, message, stack and cause, and nothing else", () => {
    const root = Object.assign(new Error("for sk-1234"), { code: "E-sk-1234", request: { key: "sk-1234" } });
    const copy = redactedCause(new TypeError("fetch failed", { cause: root }), redact);
    expect(copy).toMatchObject({ name: "TypeError", message: "fetch failed" });
    expect(copy?.stack).toContain("TypeError: fetch failed");
    expect(copy?.cause).toMatchObject({ message: "for [redacted]", code: "E-[redacted]" });
    expect(inspect(copy, { depth: Infinity, showHidden: true })).not.toContain("sk-1234");
  });

  test("of an address refused on every path, the first refusal", () => {
    const refused = Object.assign(new AggregateError([new Error("connect ECONNREFUSED ::1:9")]), {
      code: "ECONNREFUSED",
    });
    expect(redactedCause(refused, redact)).toMatchObject({
      code: "ECONNREFUSED",
      cause: { message: "connect ECONNREFUSED ::1:9" },
    });
  });

  test("a chain that bites its tail ends", () => {
    const error = new Error("round");
    error.cause = error;
    let depth = 0;
    for (let at: unknown = redactedCause(error, redact); at instanceof Error; at = at.cause) depth++;
    expect(depth).toBe(8);
  });

  test.each(["sk-1234", { key: "sk-1234" }, undefined, null])("what is no error is left out: %#", (thrown) => {
    expect(redactedCause(thrown, redact)).toBeUndefined();
  });
});
