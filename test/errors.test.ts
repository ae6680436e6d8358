import { describe, expect, test } from "vitest";
import * as errors from "../src/errors.ts";

const cause = new Error("underneath");
const report = {
  documents: { added: 1, updated: 0, unchanged: 0, deleted: 0 },
  chunks: { added: 1, kept: 0, deleted: 0 },
  embedded: 0,
  failed: [{ documentId: "bad.md", error: cause }],
};

const made: [errors.RetrievalError, errors.ErrorCode, string][] = [
  [new errors.ConfigError("wrong", { cause }), "config", "wrong"],
  [new errors.DocumentError("a.md", "wrong", { cause }), "document", "wrong"],
  [
    new errors.MetadataError(
      "a.md",
      [
        { path: "year", message: "not a number" },
        { path: "", message: "no" },
      ],
      { cause },
    ),
    "metadata",
    'Metadata of document "a.md": year: not a number; no',
  ],
  [new errors.FilterError("AND[0].year", "not a number", { cause }), "filter", "Filter at AND[0].year: not a number"],
  [new errors.FilterError("", "not an object", { cause }), "filter", "Filter: not an object"],
  [new errors.UnsupportedError("cannot", { cause }), "unsupported", "cannot"],
  [
    new errors.FingerprintError([{ key: "analyzer", stored: "english@1", given: undefined }], { cause }),
    "fingerprint",
    'The index was built with something else: analyzer is "english@1" in the index and undefined here. Build a new one with stage().',
  ],
  [new errors.ScopeError("no tenant", { cause }), "scope", "no tenant"],
  [
    new errors.AdapterError("qdrant", "gone", { retryable: true, status: 503, retryAfter: 10, cause }),
    "adapter",
    "qdrant: gone",
  ],
  [
    new errors.AdapterError("memory", "was faster", { retryable: true, code: "conflict", cause }),
    "conflict",
    "memory: was faster",
  ],
  [new errors.SnapshotError("damaged", { cause }), "snapshot", "damaged"],
  [new errors.TimeoutError("search", 200, { cause }), "timeout", "search took longer than the 200 ms it was given."],
  [
    new errors.PartialIndexError(report),
    "partial",
    '1 of 2 documents failed, the rest is indexed. The first, "bad.md": underneath',
  ],
  [
    new errors.PartialIndexError({ ...report, documents: { ...report.documents, added: 0 } }),
    "partial",
    '1 of 1 documents failed. The first, "bad.md": underneath',
  ],
];

describe("errors", () => {
  test.each(made)("%s", (error, code, message) => {
    expect(error).toBeInstanceOf(errors.RetrievalError);
    expect(error).toMatchObject({ code, message, cause });
    expect(error.name).toBe(error.constructor.name);
    expect(error.stack).toContain(error.name);
  });

  test("every class has its case here", () => {
    const classes = Object.values(errors).filter(
      (value) => typeof value === "function" && value.prototype instanceof errors.RetrievalError,
    );
    expect(new Set(made.map(([error]) => error.constructor))).toEqual(new Set(classes));
  });

  test("carry what a caller acts on", () => {
    expect(made.map(([error]) => error)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ adapter: "qdrant", status: 503, retryable: true, retryAfter: 10 }),
        expect.objectContaining({ documentId: "a.md", issues: expect.any(Array) }),
        expect.objectContaining({ path: "AND[0].year" }),
        expect.objectContaining({ stage: "search" }),
        expect.objectContaining({ report }),
        expect.objectContaining({ differences: [{ key: "analyzer", stored: "english@1", given: undefined }] }),
      ]),
    );
  });

  test("of an adapter are final unless it says otherwise", () => {
    expect(new errors.AdapterError("x", "y")).toMatchObject({ code: "adapter", retryable: false });
  });

  test("keep a cause that is undefined apart from none", () => {
    expect(new errors.ConfigError("x")).not.toHaveProperty("cause");
    expect(new errors.AdapterError("x", "y")).not.toHaveProperty("cause");
  });

  test("show foreign values shortly and on one line", () => {
    expect(errors.shown("a\n\0b".repeat(100))).toMatch(/^"(a\\n\\u0000b)+.*…"$/);
    expect(errors.shown([1, 2])).toBe("an array of 2");
    expect(errors.shown({ a: 1 })).toBe("an object");
    expect(errors.shown(Promise.resolve())).toBe("a promise; await it");
    expect(errors.shown(new Uint8Array(3))).toBe("bytes");
    expect(errors.shown(null)).toBe("null");
    expect(errors.shown(-0)).toBe("0");
    expect(errors.shown(5n)).toBe("5n");
    expect(errors.shown(() => 1)).toBe("a function");
    expect(errors.shown(new Date(Number.NaN))).toBe("an invalid Date");
    expect(errors.shown(Symbol("s"))).toBe("a symbol");
  });
});

test("what is not known of an error is no key of it", () => {
  expect(Object.keys(new errors.DocumentError("a", "no text")).toSorted()).toEqual(["code", "documentId", "name"]);
  expect(Object.keys(new errors.AdapterError("test", "busy")).toSorted()).toEqual([
    "adapter",
    "code",
    "name",
    "retryable",
  ]);
});
