import { getEventListeners } from "node:events";
import { afterEach, describe, expect, test, vi } from "vitest";
import { AdapterError } from "../../src/errors.ts";
import { postJson } from "../../src/http/request.ts";
import type { JsonRequest } from "../../src/http/request.ts";
import { rejection } from "../rejection.ts";
import { canary, leaksOf } from "./canary.ts";
import {
  answering,
  bomb,
  dripping,
  echoing,
  fakeServer,
  json,
  page,
  redirecting,
  resetting,
  resettingMidBody,
  silent,
  text,
} from "./fake-server.ts";
import type { Behaviour } from "./fake-server.ts";

const post = (url: string, settings: Partial<JsonRequest> = {}): Promise<unknown> =>
  postJson({
    adapter: "fake",
    url: new URL(`${url}/v1/embeddings?api-version=2026-11-01&key=${encodeURIComponent(canary)}`),
    headers: { authorization: `Bearer ${canary}`, "api-key": canary },
    body: { input: ["text"] },
    signal: new AbortController().signal,
    ...settings,
  });

/** The error of one exchange, with the key looked for in it. */
async function failureOf(behaviour: Behaviour, settings: Partial<JsonRequest> = {}): Promise<unknown> {
  await using server = await fakeServer(behaviour);
  const error = await rejection(post(server.url, settings));
  expect(leaksOf(error)).toEqual([]);
  return error;
}

afterEach(() => {
  vi.useRealTimers();
});

describe("postJson", () => {
  test("sends JSON with the headers, and gives the reply as it is", async () => {
    await using server = await fakeServer(answering(({ body }) => ({ got: body })));
    expect(await post(server.url)).toEqual({ got: { input: ["text"] } });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.headers).toMatchObject({
      "content-type": "application/json",
      authorization: `Bearer ${canary}`,
      "api-key": canary,
    });
  });

  test("characters that arrive in two packets stay whole", async () => {
    const behaviour: Behaviour = (response) => {
      const bytes = Buffer.from('{"a":"é😀"}');
      response.writeHead(200).write(bytes.subarray(0, 7));
      setTimeout(() => response.end(bytes.subarray(7)), 5);
    };
    await using server = await fakeServer(behaviour);
    expect(await post(server.url)).toEqual({ a: "é😀" });
  });

  describe("says of each failure what it was and whether to ask again", () => {
    const retry = true;
    const final = false;
    test.each<[string, Behaviour, number | undefined, boolean, RegExp]>([
      ["400", json({ error: { message: "bad input" } }, 400), 400, final, /answered 400: bad input$/u],
      ["401", json({ message: "invalid api token" }, 401), 401, final, /invalid api token/u],
      ["403", page("Forbidden", 403), 403, final, /an HTML page, Forbidden$/u],
      ["404", text("404 page not found", 404), 404, final, /answered 404: 404 page not found/u],
      ["413", text("", 413), 413, final, /answered 413$/u],
      [
        "422",
        json({ detail: [{ loc: ["body", "input", 0], msg: "too long" }] }, 422),
        422,
        final,
        /body.input.0: too/u,
      ],
      ["408", text("", 408), 408, retry, /408/u],
      ["409", text("", 409), 409, retry, /409/u],
      ["425", text("", 425), 425, retry, /425/u],
      ["429", json({ detail: "too fast" }, 429), 429, retry, /too fast/u],
      ["500 of a proxy", page("500 Internal Server Error", 500), 500, retry, /500: an HTML page, 500 Internal/u],
      ["502 without a title", text("<html>oops", 502), 502, retry, /an HTML page$/u],
      ["503", json({ error: "overloaded", error_type: "Unhealthy" }, 503), 503, retry, /overloaded \(Unhealthy\)/u],
      ["529", text("overloaded", 529), 529, retry, /529: overloaded/u],
      [
        "a spent quota",
        json({ error: { message: "You exceeded your quota", code: "insufficient_quota" } }, 429),
        429,
        final,
        /quota \(insufficient_quota\)/u,
      ],
      ["an error with status 200", json({ error: { message: "upstream", code: 502 } }), 502, retry, /502: upstream/u],
      ["an error with status 200, as text", json({ error: "no such model" }), 200, final, /200: no such model/u],
      ["a reset before the reply", resetting, undefined, retry, /failed: .*(ECONNRESET|closed)/u],
      ["a reset in the reply", resettingMidBody, undefined, retry, /failed: .*(ECONNRESET|closed|terminated)/u],
      ["an empty body", text(""), 200, retry, /expected JSON, received an empty body/u],
      ["JSON cut short", text('{"data":[{"index":0,'), 200, retry, /expected JSON, received \{"data/u],
      ["NaN, which is not JSON", text('{"data":[NaN]}'), 200, final, /expected JSON, received \{"data":\[NaN\]\}/u],
      ["a page with status 200", page("Sign in", 200), 200, final, /expected JSON, received an HTML page, Sign in/u],
      ["an echo of the whole request, as an error", echoing(400), 400, final, /\[redacted\]/u],
      ["an echo of the whole request, as a reply", echoing(200), 200, final, /\[redacted\]/u],
      [
        "an echo that is not JSON",
        (response, request) => text(request.path, 500)(response, request),
        500,
        retry,
        /redact/u,
      ],
      [
        "an echo that is not JSON, with status 200",
        (response, { headers }) => response.end(`key: ${headers.authorization}`),
        200,
        retry,
        /received key: \[redacted\]/u,
      ],
    ])("%s", async (_, behaviour, status, retryable, message) => {
      const error = await failureOf(behaviour);
      expect(error).toBeInstanceOf(AdapterError);
      expect(error).toMatchObject({ adapter: "fake", retryable, message: expect.stringMatching(message) });
      expect(error).toHaveProperty("code", "adapter");
      expect(error instanceof AdapterError ? error.status : 0).toBe(status);
    });
  });

  test("a host that is not there", async () => {
    const server = await fakeServer(silent);
    await server[Symbol.asyncDispose]();
    const error = await rejection(post(server.url));
    expect(error).toMatchObject({ retryable: true, message: expect.stringContaining("ECONNREFUSED") });
    expect(leaksOf(error)).toEqual([]);
  });

  test("names the address without its query", async () => {
    const error = await failureOf(text("", 404));
    expect(error).toHaveProperty(
      "message",
      expect.stringMatching(/^fake: POST http:\/\/[\d.:]+\/v1\/embeddings answered/u),
    );
  });

  test.each([301, 302, 303, 307, 308])("the key does not follow a %i to another host", async (status) => {
    await using thief = await fakeServer(json({}));
    const error = await failureOf(redirecting(thief.url, status));
    expect(thief.requests).toEqual([]);
    expect(error).toMatchObject({ retryable: false, message: expect.stringContaining("redirects are not followed") });
  });

  describe("what asks for a later try", () => {
    test.each<[string, Readonly<Record<string, string>>, number | undefined]>([
      ["seconds", { "retry-after": "7" }, 7000],
      ["milliseconds, which win", { "retry-after": "7", "retry-after-ms": "250" }, 250],
      ["nothing", {}, undefined],
      ["an absurd number", { "retry-after": "99999999999999999999" }, 86_400_000],
      ["no number", { "retry-after": "soon" }, undefined],
      ["less than nothing", { "retry-after": "-3" }, undefined],
      ["a date gone by", { "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" }, 0],
      ["an absurd date", { "retry-after": "Wed, 21 Oct 2599 07:28:00 GMT" }, 86_400_000],
    ])("%s", async (_, headers, retryAfter) => {
      const error = await failureOf(json({ message: "slow down" }, 429, headers));
      expect(error instanceof AdapterError && error.retryAfter).toBe(retryAfter);
    });

    test("a date to come", async () => {
      const date = new Date(Date.now() + 30_000).toUTCString();
      const error = await failureOf(text("", 503, { "retry-after": date }));
      const retryAfter = error instanceof AdapterError ? (error.retryAfter ?? 0) : 0;
      expect(retryAfter).toBeGreaterThan(10_000);
      expect(retryAfter).toBeLessThanOrEqual(30_000);
    });
  });

  describe("stops reading", () => {
    test("a reply larger than allowed, however well it is packed", async () => {
      await using server = await fakeServer(bomb(2 ** 24));
      const error = await rejection(post(server.url, { maxBytes: 2 ** 20 }));
      expect(error).toMatchObject({ retryable: false, message: expect.stringContaining("more than 1048576 bytes") });
    });

    test("a reply that is as large as allowed is read", async () => {
      await using server = await fakeServer(text('{"a":1}'));
      expect(await post(server.url, { maxBytes: 7 })).toEqual({ a: 1 });
      expect(await rejection(post(server.url, { maxBytes: 6 }))).toBeInstanceOf(AdapterError);
    });

    test("an endless explanation, and keeps the status", async () => {
      const endless = text("x".repeat(2 ** 17), 400);
      expect(await failureOf(endless)).toMatchObject({ status: 400, message: expect.stringMatching(/answered 400$/u) });
    });

    test("a text beyond what can be read in a message", async () => {
      const error = await failureOf(json({ message: `long\n\u001B[31m${"x".repeat(10_000)}` }, 400));
      expect(error).toHaveProperty("message", expect.stringMatching(/answered 400: long \[31mx+…$/u));
      expect(error instanceof Error && error.message.length).toBeLessThan(600);
    });

    test.each<[string, Behaviour]>([
      ["never answers", silent],
      ["drips for ever", dripping()],
    ])("a service that %s, when the patience for one request is over", async (_, behaviour) => {
      await using server = await fakeServer(behaviour);
      const error = await rejection(post(server.url, { patience: 40 }));
      expect(error).toMatchObject({ name: "AdapterError", retryable: true, message: expect.stringContaining("40 ms") });
      await server.abandoned;
    });

    test("an explanation that never ends, and keeps the status", async () => {
      vi.useFakeTimers();
      const cancelled = vi.fn<() => void>();
      const stalled = new Response(new ReadableStream({ cancel: cancelled }), { status: 401 });
      const call = rejection(post("http://fake.test", { fetch: async () => stalled }));
      await vi.advanceTimersByTimeAsync(5000);
      expect(await call).toMatchObject({ status: 401, retryable: false });
      expect(cancelled).toHaveBeenCalledTimes(1);
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  describe("an abort", () => {
    test.each<[string, Behaviour]>([
      ["before the reply", silent],
      ["within the body", dripping()],
      ["within the body of an error", dripping(500)],
    ])("%s rejects with the reason, closes the connection, leaves no listener", async (_, behaviour) => {
      await using server = await fakeServer(behaviour);
      const controller = new AbortController();
      const call = rejection(post(server.url, { signal: controller.signal }));
      await server.arrived;
      await new Promise((resolve) => setTimeout(resolve, 10));
      const reason = { why: "enough" };
      controller.abort(reason);
      expect(await call).toBe(reason);
      expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
      await server.abandoned;
    });

    test("reaches the body of a fetch that knows no signal", async () => {
      const cancelled = vi.fn<(reason: unknown) => void>();
      const controller = new AbortController();
      const stream = new ReadableStream({ cancel: cancelled, pull: () => controller.abort("enough") });
      const call = post("http://fake.test", { signal: controller.signal, fetch: async () => new Response(stream) });
      expect(await rejection(call)).toBe("enough");
      expect(cancelled).toHaveBeenCalledTimes(1);
    });

    test("of before sends nothing", async () => {
      await using server = await fakeServer(json({}));
      expect(await rejection(post(server.url, { signal: AbortSignal.abort("enough") }))).toBe("enough");
      expect(server.requests).toEqual([]);
    });
  });

  test("leaves no timer, whether it succeeds or fails", async () => {
    vi.useFakeTimers();
    await post("http://fake.test", { fetch: async () => new Response("{}") });
    await rejection(post("http://fake.test", { fetch: () => Promise.reject(new TypeError("fetch failed")) }));
    await rejection(post("http://fake.test", { fetch: async () => new Response("{}", { status: 500 }) }));
    expect(vi.getTimerCount()).toBe(0);
  });

  describe("a fetch of one's own", () => {
    test("is called as a function, with redirects refused", async () => {
      const calls: [unknown, RequestInit | undefined][] = [];
      const own = async function (this: unknown, _: unknown, init?: RequestInit): Promise<Response> {
        calls.push([this, init]);
        return new Response("{}");
      };
      await post("http://fake.test", { fetch: own });
      expect(calls[0]?.[0]).toBeUndefined();
      expect(calls[0]?.[1]).toMatchObject({ method: "POST", redirect: "error" });
    });

    test("may throw the request with its key: the cause that is kept shows name, code, message and stack, redacted", async () => {
      const root = Object.assign(new Error(`connect failed for ${canary}`), { code: "ECONNRESET", config: { canary } });
      const thrown = new TypeError(`bad header Bearer ${canary}`, { cause: root });
      const error = await rejection(post("http://fake.test", { fetch: () => Promise.reject(thrown) }));
      expect(leaksOf(error)).toEqual([]);
      expect(error).toMatchObject({
        retryable: true,
        message: expect.stringContaining("bad header [redacted]: connect"),
      });
      expect(error).toHaveProperty("cause.name", "TypeError");
      expect(error).toHaveProperty("cause.cause.code", "ECONNRESET");
    });

    test.each([`text with ${canary}`, { canary }, undefined])("may throw anything: %#", async (thrown) => {
      const fetch = async (): Promise<never> => {
        throw thrown;
      };
      const error = await rejection(post("http://fake.test", { fetch }));
      expect(leaksOf(error)).toEqual([]);
      expect(error).toMatchObject({ name: "AdapterError", retryable: true });
    });

    test("may have no streams", async () => {
      const response = Object.defineProperty(new Response('{"a":1}'), "body", { value: undefined });
      expect(await post("http://fake.test", { fetch: async () => response })).toEqual({ a: 1 });
    });
  });
});
