import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refusalError, retryAfterOf } from "../../src/http/refusal.ts";

const refusal = (body: unknown, status = 400): { readonly message: string; readonly retryable: boolean } =>
  refusalError(
    {
      adapter: "fake",
      where: "POST /",
      status,
      headers: new Headers(),
      text: typeof body === "string" ? body : JSON.stringify(body),
    },
    (text) => text,
  );

describe("refusalError", () => {
  test.each<[string, unknown, string]>([
    [
      "OpenAI, Azure, Fireworks",
      { error: { message: "Invalid input", type: "invalid_request_error", param: null, code: null } },
      "Invalid input (invalid_request_error)",
    ],
    [
      "OpenAI, with a code",
      { error: { message: "Nope", type: "t", code: "invalid_api_key" } },
      "Nope (invalid_api_key)",
    ],
    ["Together", { error: { message: "Input too long" } }, "Input too long"],
    [
      "Mistral",
      {
        object: "error",
        message: "Too many tokens in batch",
        type: "invalid_request",
        code: "3210",
        raw_status_code: 400,
      },
      "Too many tokens in batch (3210)",
    ],
    [
      "Mistral, of a wrong body",
      { object: "error", message: { detail: [{ type: "missing", loc: ["body", "input"], msg: "Field required" }] } },
      "body.input: Field required",
    ],
    [
      "FastAPI",
      {
        detail: [
          { loc: ["body", 0], msg: "a" },
          { loc: ["body", 1], msg: "b" },
        ],
      },
      "body.0: a; body.1: b",
    ],
    ["Voyage", { detail: "Provided API key is invalid." }, "Provided API key is invalid."],
    [
      "Cohere",
      { message: "invalid request: total number of texts must be at most 96" },
      "invalid request: total number",
    ],
    ["TEI", { error: "Input is empty", error_type: "Empty" }, "Input is empty (Empty)"],
    ["TEI v1", { message: "batch size 40 > 32", code: 422, type: "Validation" }, "batch size 40 > 32 (Validation)"],
    ["Ollama", { error: "the input length exceeds the context length" }, "the input length exceeds the context length"],
    [
      "Gemini",
      [{ error: { code: 400, message: "at most 100 requests can be in one batch", status: "INVALID_ARGUMENT" } }],
      "at most 100 requests can be in one batch",
    ],
    ["Pinecone", { status: 400, error: { code: "INVALID_ARGUMENT", message: "No" } }, "No (INVALID_ARGUMENT)"],
    ["Bedrock", { message: "Too many requests" }, "Too many requests"],
    ["Nest", { statusCode: 400, error: "Bad Request", message: ["input must be a string"] }, "input must be a string"],
    ["text", "upstream connect error", "upstream connect error"],
    ["a page", "<!DOCTYPE html><title>\n 502 Bad Gateway</title>", "an HTML page, 502 Bad Gateway"],
    ["a page without an end", "<html><TITLE>502", "an HTML page"],
  ])("the reason as %s gives it", (_, body, reason) => {
    const { message } = refusal(body);
    expect(message.startsWith(`fake: POST / answered 400: ${reason}`)).toBe(true);
  });

  test.each(["", "null", "[]", "{}", "3", '{"error":null}', '{"message":{"message":{"message":{}}}}'])(
    "%s says nothing, and nothing is said",
    (body) => {
      expect(refusal(body).message).toMatch(/answered 400(?:: 3)?$/u);
    },
  );

  test("a body nested without end is not followed without end", () => {
    expect(refusal(`${'{"error":'.repeat(5000)}1${"}".repeat(5000)}`).message).toBe("fake: POST / answered 400");
  });

  test("law: whatever the body, one line of bounded length", () => {
    const body = fc.oneof(
      fc.string({ unit: "binary", maxLength: 2000 }),
      fc.json(),
      fc.anything().map((value) => fc.stringify(value)),
    );
    fc.assert(
      fc.property(body, fc.integer({ min: 400, max: 599 }), (text, status) => {
        const { message, retryable } = refusal(text, status);
        expect(message.length).toBeLessThan(560);
        expect(message).not.toMatch(/\p{Cc}/u);
        expect(retryable).toBe(status >= 500 || [408, 409, 425, 429].includes(status));
      }),
    );
  });

  test("a spent quota alone among the 429 is final", () => {
    expect(
      refusal({ error: { message: "You exceeded your current quota", type: "insufficient_quota" } }, 429),
    ).toMatchObject({
      retryable: false,
    });
    // Gemini says the same of a limit per minute.
    expect(refusal({ error: { message: "You exceeded your current quota", code: 429 } }, 429)).toMatchObject({
      retryable: true,
    });
  });
});

describe("retryAfterOf", () => {
  const now = Date.UTC(2026, 10, 21, 12);

  test("law: a number of seconds or milliseconds, at most a day", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 40 }), (count) => {
        expect(retryAfterOf(new Headers({ "retry-after": `${count}` }))).toBe(Math.min(count * 1000, 86_400_000));
        expect(retryAfterOf(new Headers({ "retry-after-ms": `${count}.5` }))).toBe(Math.min(count + 0.5, 86_400_000));
      }),
    );
  });

  test("law: a date is the time until then, never less than none", () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 86_400 }), (seconds) => {
        const date = new Date(now + seconds * 1000).toUTCString();
        expect(retryAfterOf(new Headers({ "retry-after": date }), now)).toBe(Math.max(seconds * 1000, 0));
      }),
    );
  });

  test.each(["", " ", "-1", "+1", "1e3", "0x10", "Infinity", "NaN", "1,5", "soon", "2026", "May 5", "bad GMT", "1 2"])(
    "%j is not said",
    (value) => {
      const expected = value === "2026" ? 2_026_000 : undefined;
      expect(retryAfterOf(new Headers({ "retry-after": value }), now)).toBe(expected);
    },
  );
});
