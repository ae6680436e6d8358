import { EventEmitter } from "node:events";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { session } from "../../../../adapters/stores/pgvector/client.ts";
import type { PostgresClient, PostgresQueries } from "../../../../adapters/stores/pgvector.ts";

type Rows = { rows: Record<string, unknown>[] };

/** A pool of one connection that notes what is done to it; `answer` decides what a statement does. */
function fakePool(answer: (text: string) => Promise<Rows> = () => Promise.resolve({ rows: [] })) {
  const log: string[] = [];
  const lease = Object.assign(new EventEmitter(), {
    processID: 4711,
    query(text: string) {
      log.push(text);
      return answer(text);
    },
    release(broken?: Error | boolean) {
      log.push(broken === true ? "closed" : "released");
    },
  });
  const client = {
    query(text: string, values?: unknown[]) {
      log.push(`pool: ${text.slice(0, 24)} ${String(values?.[0])}`);
      return Promise.resolve({ rows: [] });
    },
    connect: () => Promise.resolve(lease),
  } satisfies PostgresClient;
  return { client, lease, log };
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const signal = new AbortController().signal;
const failing =
  (code: string, message = "went wrong") =>
  (): Promise<Rows> =>
    Promise.reject(Object.assign(new Error(message), { code, parameters: ["secret"] }));

describe("a session on a pool", () => {
  test("one statement needs no transaction, and the connection goes back", async () => {
    const { client, lease, log } = fakePool();
    await session(client, { signal }, (query) => query("SELECT 1", []));
    expect(log).toEqual(["SELECT 1", "released"]);
    expect(lease.listenerCount("error")).toBe(0);
  });

  test("settings share the round trip that begins the transaction", async () => {
    const { client, log } = fakePool();
    await session(client, { signal, transaction: "SELECT setting" }, (query) => query("SELECT 1"));
    expect(log).toEqual(["BEGIN; SELECT setting", "SELECT 1", "COMMIT", "released"]);
  });

  test("what fails is rolled back, and the connection goes back", async () => {
    const { client, log } = fakePool((text) =>
      text === "SELECT 1" ? failing("22P02")() : Promise.resolve({ rows: [] }),
    );
    const work = session(client, { signal, transaction: true }, (query) => query("SELECT 1"));
    await expect(work).rejects.toMatchObject({ name: "AdapterError", retryable: false });
    expect(log).toEqual(["BEGIN", "SELECT 1", "ROLLBACK", "released"]);
  });

  test("a connection that cannot roll back, or is lost, is closed", async () => {
    const stuck = fakePool((text) => (text === "BEGIN" ? Promise.resolve({ rows: [] }) : failing("22P02")()));
    await expect(session(stuck.client, { signal, transaction: true }, (query) => query("SELECT 1"))).rejects.toThrow(
      "went wrong",
    );
    expect(stuck.log).toEqual(["BEGIN", "SELECT 1", "ROLLBACK", "closed"]);
    const lost = fakePool(failing("57P01"));
    await expect(session(lost.client, { signal }, (query) => query("SELECT 1"))).rejects.toThrow("went wrong");
    expect(lost.log).toEqual(["SELECT 1", "closed"]);
  });

  test("an error of a connection in use does not end the process", async () => {
    const { client, lease } = fakePool((text) => {
      lease.emit("error", new Error("the server went away"));
      return failing("57P01", text)();
    });
    await expect(session(client, { signal }, (query) => query("SELECT 1"))).rejects.toMatchObject({ retryable: true });
    expect(lease.listenerCount("error")).toBe(1); // it was closed, and may still fail
  });

  test("an abort rejects at once, closes the connection and cancels its statement", async () => {
    const controller = new AbortController();
    const { client, log } = fakePool((text) =>
      text === "BEGIN" ? Promise.resolve({ rows: [] }) : new Promise(() => {}),
    );
    const work = session(client, { signal: controller.signal, transaction: true }, (query) => query("SELECT slow"));
    await setImmediate();
    const reason = { reason: "no longer needed" };
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
    expect(log).toEqual(["BEGIN", "SELECT slow", "closed", "pool: SELECT pg_cancel_backend 4711"]);
  });

  test("a connection that comes after the abort goes straight back", async () => {
    const controller = new AbortController();
    const { client, lease, log } = fakePool();
    const waiting = deferred<typeof lease>();
    const late = { ...client, connect: () => waiting.promise };
    const work = session(late, { signal: controller.signal }, (query) => query("SELECT 1"));
    await setImmediate();
    controller.abort("gone");
    await expect(work).rejects.toBe("gone");
    waiting.resolve(lease);
    await setImmediate();
    expect(log).toEqual(["released"]);
  });

  test("nothing is asked for under a signal that was aborted before", async () => {
    const { client, log } = fakePool();
    await expect(session(client, { signal: AbortSignal.abort("early") }, (query) => query("SELECT 1"))).rejects.toBe(
      "early",
    );
    expect(log).toEqual([]);
  });
});

describe("a session on PGlite", () => {
  test("what was aborted during its last statement is not committed", async () => {
    const controller = new AbortController();
    const ended: unknown[] = [];
    const slow = deferred<Rows>();
    const queries: PostgresQueries = { query: () => slow.promise };
    const client: PostgresClient = {
      ...queries,
      transaction: (run) =>
        run(queries).then(
          (result) => {
            ended.push("committed");
            return result;
          },
          (error: unknown) => {
            ended.push(error);
            throw error;
          },
        ),
    };
    const work = session(client, { signal: controller.signal, transaction: true }, (query) => query("INSERT"));
    await setImmediate();
    controller.abort("gone");
    await expect(work).rejects.toBe("gone");
    slow.resolve({ rows: [] });
    await setImmediate();
    expect(ended).toEqual(["gone"]);
  });
});

describe("errors", () => {
  test.each([
    ["08006", true],
    ["40001", true],
    ["40P01", true],
    ["53300", true],
    ["55P03", true],
    ["57014", true],
    ["57P01", true],
    ["ECONNREFUSED", true],
    ["ECONNRESET", true],
    ["22P02", false],
    ["23505", false],
    ["42501", false],
    ["42P07", false],
  ])("%s may be retried: %s", async (code, retryable) => {
    const { client } = fakePool(failing(code));
    const error: unknown = await session(client, { signal }, (query) => query("SELECT 1")).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ name: "AdapterError", adapter: "pgvector", retryable, cause: { code } });
    expect(error).toHaveProperty("message", `pgvector: went wrong (${code})`);
  });

  test("values and settings that clients hang on their errors are left behind", async () => {
    const { client } = fakePool(failing("42601"));
    const error: unknown = await session(client, { signal }, (query) => query("SELECT 1")).catch(
      (reason: unknown) => reason,
    );
    expect((error as Error).cause).not.toHaveProperty("parameters");
  });

  test.each(["Connection terminated unexpectedly", "timeout exceeded when trying to connect"])(
    "%s has no code and may be retried",
    async (message) => {
      const { client } = fakePool(() => Promise.reject(new Error(message)));
      const work = session(client, { signal }, (query) => query("SELECT 1"));
      await expect(work).rejects.toMatchObject({ retryable: true, message: `pgvector: ${message}` });
    },
  );
});
