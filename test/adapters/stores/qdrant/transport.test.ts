import { QdrantClient } from "@qdrant/js-client-rest";
import { QdrantClient as NewerClient } from "qdrant-client-1.19";
import { describe, expect, test } from "vitest";
import { type QdrantApiClient, type Server, serverOf } from "../../../../adapters/stores/qdrant/client.ts";
import { canary, leaksOf } from "../../../http/canary.ts";
import {
  type Behaviour,
  dripping,
  echoing,
  type FakeServer,
  fakeServer,
  json,
  page,
  redirecting,
  resetting,
  resettingMidBody,
  silent,
  text,
} from "../../../http/fake-server.ts";
import { rejection } from "../../../rejection.ts";

const signal = new AbortController().signal;
const refusal = (error: string): unknown => ({ status: { error }, time: 0 });
const whole = json({ result: { count: 1 }, status: "ok", time: 0 });
const count = (server: Server, from: AbortSignal = signal): Promise<unknown> =>
  server.call("countPoints", { collection_name: "docs", exact: true }, from);

const clients: readonly (readonly [string, (url: string, key?: string) => QdrantApiClient])[] = [
  ["1.18", (url, key) => new QdrantClient({ url, checkCompatibility: false, headers: { "api-key": key } })],
  ["1.19", (url, key) => new NewerClient({ url, checkCompatibility: false, headers: { "api-key": key } })],
  [
    "1.19 without a timeout",
    (url, key) => new NewerClient({ url, checkCompatibility: false, timeout: Infinity, headers: { "api-key": key } }),
  ],
];

test("an abort before the client is loaded sends nothing", async () => {
  await using fake = await fakeServer(whole);
  const controller = new AbortController();
  const asked = rejection(count(serverOf({ url: fake.url }), controller.signal));
  controller.abort(new Error("enough"));
  expect(String(await asked)).toBe("Error: enough");
  expect(fake.requests).toHaveLength(0);
});

describe.each(clients)("through a client of %s", (_version, clientOf) => {
  async function asking(...behaviours: readonly Behaviour[]): Promise<FakeServer & { readonly server: Server }> {
    const fake = await fakeServer(...behaviours);
    return Object.assign(fake, { server: serverOf(clientOf(fake.url, canary)) });
  }

  test("answers are asked for uncompressed, and the global fetch stays as it is", async () => {
    await using fake = await asking(whole);
    const before = globalThis.fetch;
    const working = count(fake.server);
    expect(globalThis.fetch).toBe(before);
    expect(await working).toEqual({ count: 1 });
    expect(fake.requests[0]?.headers["accept-encoding"]).toBe("identity");
    expect(fake.requests[0]?.path).toBe("/collections/docs/points/count");
  });

  test.each([
    ["60", 60_000],
    ["1.5", 1_500],
    ["37", 37_000],
  ])("Retry-After: %s is read as a whole", async (header, milliseconds) => {
    await using fake = await asking(json(refusal("Rate limiting exceeded"), 429, { "retry-after": header }));
    const error = await rejection(count(fake.server));
    expect(error).toMatchObject({ name: "AdapterError", status: 429, retryable: true });
    expect(error).toMatchObject({ retryAfter: milliseconds });
    expect(String(error)).toContain("countPoints answered 429: Rate limiting exceeded");
  });

  test("Retry-After may be a date", async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    await using fake = await asking(json(refusal("Rate limiting exceeded"), 429, { "retry-after": date }));
    const { retryAfter } = (await rejection(count(fake.server))) as { retryAfter: number };
    expect(retryAfter).toBeGreaterThan(3_000_000);
  });

  test.each([
    ["a request larger than the whole budget", json(refusal("…, please try to split your request"), 429), 429, false],
    ["too many requests without a time", json(refusal("Rate limiting exceeded"), 429), 429, true],
    ["a refusal", json(refusal("Bad request: Index required"), 400), 400, false],
    ["a missing key, as text", text("Must provide an API key", 401), 401, false],
    ["a route that is not there, without a body", text("", 404), 404, false],
    ["a cluster that does not know", json(refusal("Service internal error: 2 out of 3"), 500), 500, true],
    ["a gateway", page("502 Bad Gateway", 502), 502, true],
    ["a timeout", json(refusal("Timeout"), 408), 408, true],
  ])("%s is a typed error", async (_what, behaviour, status, retryable) => {
    await using fake = await asking(behaviour);
    expect(await rejection(count(fake.server))).toMatchObject({
      name: "AdapterError",
      adapter: "qdrant",
      status,
      retryable,
    });
  });

  test.each([
    ["a page", page("Welcome", 200)],
    ["another JSON", json({ hello: "world" })],
    ["an error with status 200", json({ status: { error: "no" }, result: null })],
  ])("%s instead of an answer is refused", async (_what, behaviour) => {
    await using fake = await asking(behaviour);
    const error = await rejection(count(fake.server));
    expect(error).toMatchObject({ name: "AdapterError", retryable: false });
    expect(String(error)).toContain("expected the answer of a Qdrant server to countPoints");
  });

  test("a connection that was about to be closed is used once more, and no more than that", async () => {
    await using healed = await asking(resetting, whole);
    expect(await count(healed.server)).toEqual({ count: 1 });
    await using broken = await asking(resetting);
    expect(await rejection(count(broken.server))).toMatchObject({ name: "AdapterError", retryable: true });
    expect(broken.requests).toHaveLength(2);
    await using cut = await asking(resettingMidBody);
    expect(await rejection(count(cut.server))).toMatchObject({ name: "AdapterError", retryable: true });
  });

  test.each([
    ["before the answer", silent],
    ["in the midst of the answer", dripping()],
    ["in the midst of a refusal", dripping(500)],
  ])("an abort %s rejects with its reason and reaches the server", async (_when, behaviour) => {
    await using fake = await asking(behaviour);
    const controller = new AbortController();
    const reason = { gone: true };
    const working = rejection(count(fake.server, controller.signal));
    await fake.arrived;
    controller.abort(reason);
    expect(await working).toBe(reason);
    await fake.abandoned;
  });

  test("many at once under one signal, and an abort that comes before", async () => {
    await using fake = await asking(whole);
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    const controller = new AbortController();
    await Promise.all(Array.from({ length: 40 }, () => count(fake.server, controller.signal)));
    await new Promise(setImmediate);
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
    controller.abort(new Error("late"));
    expect(await rejection(count(fake.server, controller.signal))).toBe(controller.signal.reason);
    expect(fake.requests).toHaveLength(40);
  });

  test("a redirect is not followed", async () => {
    await using other = await fakeServer(whole);
    await using fake = await asking(redirecting(other.url));
    expect(await rejection(count(fake.server))).toMatchObject({ name: "AdapterError", retryable: false });
    expect(other.requests).toEqual([]);
  });

  test("no error shows the key", async () => {
    for (const behaviour of [
      echoing(401),
      echoing(500),
      resetting,
      redirecting("http://127.0.0.1:65001"),
      text(canary, 403),
    ]) {
      await using fake = await asking(behaviour);
      expect(leaksOf(await rejection(count(fake.server)))).toEqual([]);
    }
  });
});

describe("by an address", () => {
  test("the key goes into a header, and the path stays", async () => {
    await using fake = await fakeServer(whole);
    const server = serverOf({ url: `${fake.url}/behind/proxy/`, apiKey: "secret" });
    expect(await count(server)).toEqual({ count: 1 });
    expect(fake.requests[0]).toMatchObject({
      path: "/behind/proxy/collections/docs/points/count",
      headers: { "api-key": "secret" },
    });
  });

  test("nothing that listens is an error to retry", async () => {
    const error = await rejection(count(serverOf({ url: "http://127.0.0.1:65001" })));
    expect(error).toMatchObject({ name: "AdapterError", retryable: true });
    expect(String(error)).toContain("ECONNREFUSED");
  });

  test("a server of another kind has no version", async () => {
    await using fake = await fakeServer(json({ title: "other" }));
    expect(String(await rejection(serverOf({ url: fake.url }).version(signal)))).toContain("expected the version");
    await using real = await fakeServer(json({ title: "qdrant", version: "1.19.0", commit: "x" }));
    const server = serverOf({ url: real.url });
    expect(await server.version(signal)).toEqual([1, 19]);
    expect(await server.version(signal)).toEqual([1, 19]);
    expect(real.requests).toHaveLength(1);
  });
});
