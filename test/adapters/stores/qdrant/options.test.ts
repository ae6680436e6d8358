import { QdrantClient } from "@qdrant/js-client-rest";
import { QdrantClient as NewerClient } from "qdrant-client-1.19";
import { describe, expect, test } from "vitest";
import { qdrant } from "../../../../adapters/stores/qdrant.ts";
import { untyped } from "../../../untyped.ts";

const noInput = (): Promise<never> => Promise.reject(new Error("no I/O"));
const silent = { api: () => new Proxy({}, { get: () => noInput }) };
const usual = { client: silent, collection: "docs" };

describe("qdrant options", () => {
  test.each([
    [null, "qdrant: expected an object of options, received null"],
    [{}, "client: expected a QdrantClient or { url }, received undefined"],
    [
      { client: { query: 1 }, collection: "docs" },
      "client: expected a QdrantClient or { url, apiKey }, received an object",
    ],
    [{ client: { url: "localhost:6333" }, collection: "docs" }, "client.url: expected an http or https address"],
    [{ client: { url: "http://a:b@localhost" }, collection: "docs" }, "client.url: expected no user"],
    [{ client: { url: "http://localhost", apiKey: "a\nb" }, collection: "docs" }, "client.apiKey: expected a string"],
    [{ client: { url: "http://localhost", key: "a" }, collection: "docs" }, "client: expected a QdrantClient"],
    [{ client: silent }, "collection: expected a letter, a digit or _"],
    [{ ...usual, collection: "." }, "collection: expected"],
    [{ ...usual, collection: ".." }, "collection: expected"],
    [{ ...usual, collection: "a/b" }, "collection: expected"],
    [{ ...usual, collection: "c".repeat(201) }, "collection: expected"],
    [{ ...usual, shards: 0 }, "shards: expected a whole number of at least 1, received 0"],
    [{ ...usual, replicas: 1.5 }, "replicas: expected a whole number of at least 1, received 1.5"],
    [{ ...usual, writeConsistency: 2 }, "writeConsistency: expected at most 1, the replicas, received 2"],
    [{ ...usual, readConsistency: "majority" }, `received "majority"; "quorum" is what survives a dead node`],
    [{ ...usual, readConsistency: 0 }, `readConsistency: expected "quorum", "all" or a whole number of at least 1`],
    [{ ...usual, shardKeyPerTenant: "yes" }, `shardKeyPerTenant: expected true or false, received "yes"`],
    [{ ...usual, name: "docs" }, `unknown option "name"`],
  ])("%o is refused", (options, message) => {
    expect(() => qdrant(untyped(options))).toThrow(expect.objectContaining({ name: "ConfigError" }));
    expect(() => qdrant(untyped(options))).toThrow(message);
  });

  test("clients of both versions and an address are taken, without any I/O", () => {
    const options = { url: "http://127.0.0.1:1", checkCompatibility: false };
    for (const client of [new QdrantClient(options), new NewerClient(options), { url: options.url, apiKey: "key" }]) {
      expect(qdrant({ client, collection: "docs", shards: 3, replicas: 3, writeConsistency: 2 }).name).toBe("qdrant");
    }
    expect(qdrant(untyped(usual)).name).toBe("qdrant");
  });
});
