import { describe, expect, test } from "vitest";
import { contractProblems } from "./emulator/contract.ts";
import { unknownFields } from "./emulator/fields.ts";

function problem(body: unknown, path = "/collections/docs/points/query", method = "POST"): string | undefined {
  return contractProblems([{ method, path, body: JSON.stringify(body) }])[0];
}

const present = contractProblems([{ method: "GET", path: "/nowhere", body: "" }]).length > 0;

describe.runIf(present)("a request against the published description", () => {
  test("a good one passes", () => {
    const filter = { must: [{ key: "a", match: { any: ["x"] } }, { must_not: [{ is_empty: { key: "b" } }] }] };
    const prefetch = [
      { query: { indices: [1], values: [1] }, using: "bm25", filter, params: { idf: { corpus: filter } } },
    ];
    expect(
      problem(
        { prefetch, query: { rrf: { k: 61 } }, limit: 5, with_payload: ["a"] },
        "/collections/docs/points/query?timeout=5",
      ),
    ).toBeUndefined();
    expect(
      problem({ points: [{ id: 1, vector: { dense: [1] } }] }, "/collections/docs/points?wait=true", "PUT"),
    ).toBeUndefined();
  });

  test.each([
    ["a misspelt field", { limitt: 1 }, "body.limitt"],
    ["a limit of 0", { limit: 0 }, "body.limit"],
    ["a float in a match", { filter: { must: [{ key: "a", match: { value: 1.5 } }] } }, "value"],
    ["a list of two kinds", { filter: { must: [{ key: "a", match: { any: ["a", 1] } }] } }, "any"],
    ["a null in a vector", { query: [1, null] }, "query[1]"],
    ["an unknown filter key", { filter: { and: [] } }, "body.filter.and"],
    ["a bad date", { filter: { must: [{ key: "a", range: { gte: "yesterday" } }] } }, "gte"],
  ])("%s is named", (_, body, where) => {
    expect(problem(body)).toContain(where);
  });

  test("an unknown parameter and an unknown operation", () => {
    expect(problem({}, "/collections/docs/points/query?tiemout=1")).toContain("tiemout");
    expect(problem({}, "/collections/docs/points/queries")).toContain("no such operation");
    expect(problem({ points: [{ id: "7", vector: {} }] }, "/collections/docs/points", "PUT")).toContain("id");
  });
});

test.each([
  ["POST /collections/docs/points/query", { query: [1], limitt: 1 }, "body.limitt: unknown"],
  ["POST /collections/docs/points/query", { params: { exactt: true } }, "body.params.exactt: unknown"],
  ["POST /collections/docs/points/query/batch", { searches: [{ usin: "a" }] }, "body.searches[0].usin: unknown"],
  ["PUT /collections/docs/points?wait=true", { points: [{ id: 1, vectors: {} }] }, "body.points[0].vectors: unknown"],
  [
    "POST /collections/docs/points/batch",
    { operations: [{ delete: { ids: [1] } }] },
    "body.operations[0].delete.ids: unknown",
  ],
  ["POST /collections/aliases", { actions: [{ make_alias: {} }] }, "body.actions[0].make_alias: unknown"],
  ["POST /collections/docs/points/query", { prefetch: { query: [1], limit: 5 }, query: { fusion: "rrf" } }, undefined],
])("without the description: %s %o", (request, body, unknown) => {
  const [method = "", path = ""] = request.split(" ");
  expect(unknownFields({ method, path, body: JSON.stringify(body) })).toEqual(unknown === undefined ? [] : [unknown]);
});
