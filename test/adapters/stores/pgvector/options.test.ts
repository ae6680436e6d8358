import type { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { pgvector } from "../../../../adapters/stores/pgvector.ts";
import { untyped } from "../../../untyped.ts";

const noInput = (): Promise<never> => Promise.reject(new Error("no I/O"));
const silent = { query: noInput, transaction: noInput };

describe("pgvector options", () => {
  test.each([
    [{}, "client: expected a pg.Pool or PGlite, received undefined"],
    [{ client: { query: null, connect: null } }, "client: expected a pg.Pool or PGlite, received an object"],
    [
      { client: new pg.Client() },
      "client: expected a pg.Pool, received a single connection, which two calls cannot share",
    ],
    [{ client: silent, table: "a-b" }, "table: expected a lower-case letter or _"],
    [{ client: silent, table: 'x"; DROP TABLE x; --' }, "table: expected"],
    [{ client: silent, table: "Upper" }, "table: expected"],
    [{ client: silent, table: "t".repeat(42) }, "table: expected"],
    [{ client: silent, table: "" }, "table: expected"],
    [{ client: silent, schema: "a.b" }, "schema: expected"],
    [{ client: silent, schema: "s".repeat(64) }, "schema: expected"],
    [{ client: silent, index: "ivfflat" }, `index: expected "hnsw" or "none", received "ivfflat"`],
    [{ client: silent, rowLevelSecurity: "yes" }, `rowLevelSecurity: expected true or false, received "yes"`],
    [{ client: silent, tablename: "docs" }, `unknown option "tablename"`],
  ])("%o is refused", (options, message) => {
    expect(() => pgvector(untyped(options))).toThrow(expect.objectContaining({ name: "ConfigError" }));
    expect(() => pgvector(untyped(options))).toThrow(message);
  });

  test("a pool and PGlite are clients, a bare connection is not one for the compiler either", () => {
    const pool = new pg.Pool();
    expect(pgvector({ client: pool, table: "t".repeat(41), schema: "s".repeat(63) }).name).toBe("pgvector");
    const typed = (client: PGlite | pg.Pool): unknown => pgvector({ client });
    // @ts-expect-error It has no `release`, and two calls would share it.
    const untypedClient = (client: pg.Client): unknown => pgvector({ client });
    expect([typed, untypedClient]).toHaveLength(2);
  });
});
