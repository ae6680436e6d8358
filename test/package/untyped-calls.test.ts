import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { german } from "../../adapters/analyzers/de.ts";
import { cohereEmbedder, cohereReranker } from "../../adapters/cohere.ts";
import { openaiEmbedder } from "../../adapters/embedders/openai.ts";
import { entryPoints } from "../../benchmarks/entry-points.ts";
import { vectors } from "../../src/dense/vectors.ts";
import {
  AdapterError,
  code,
  codeTerms,
  createRetriever,
  english,
  fixed,
  html,
  markdown,
  memory,
  recursive,
  RetrievalError,
  semantic,
  sentences,
  smallToBig,
  unicode,
} from "../../src/index.ts";
import { bm25 } from "../../src/lexical/bm25.ts";
import { streamOf, wordEmbedder } from "../retriever/parts.ts";
import { untyped } from "../untyped.ts";

/** What plain JavaScript passes by mistake, to every function that there is, in every place: never a bare TypeError. */
const folder = mkdtempSync(join(tmpdir(), "groundline-untyped-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const wrong: readonly (readonly [string, unknown])[] = [
  ["nothing", undefined],
  ["null", null],
  ["5", 5],
  ["true", true],
  ["an empty text", ""],
  ["a text", at("none")],
  ["[]", []],
  ["[null]", [null]],
  ["{}", {}],
  ["a function", () => undefined],
];

type Call = (...given: readonly unknown[]) => unknown;
type Arguments = Readonly<Record<string, readonly unknown[]>>;

const documents = [{ id: "b", text: "b" }];
/** No service is there. */
const offline: typeof fetch = () => Promise.reject(new AdapterError("fetch", "offline"));
const queries = [{ id: "q", text: "b", judgments: [{ documentId: "b" }] }];
const evaluation = { mean: { map: 1 }, perQuery: { q: { map: 1 } }, misses: [] };
const searchable = createRetriever();
const spec = { fingerprint: {}, fields: {}, tenancy: false };
/** What is right, for functions that take several arguments: each is replaced in turn. */
const ofFunctions: Arguments = {
  parseFilter: [{ "~standard": { version: 1, vendor: "mine", validate: () => ({ value: {} }) } }, {}, {}],
  matches: [{}, {}],
  evaluateFilter: [{ op: "exists", field: "a" }, {}],
  withSynonyms: [unicode(), { a: ["b"] }],
  withTermFilter: [unicode(), "name", () => true],
  split: ["text", recursive(), {}],
  splitStream: [streamOf(["text"]), recursive(), {}],
  csv: ["a\nb", {}],
  jsonLines: ["{}", {}],
  copy: [memory(), memory(), {}],
  memoryFromBytes: [new Uint8Array(), {}],
  bm25FromBytes: [new Uint8Array(), {}],
  saturate: [
    { ids: new Uint32Array(), counts: new Uint32Array() },
    { k1: 1, b: 1, averageLength: 1 },
  ],
  checkSpec: [spec, spec],
  tokenSpans: [[{ start: 0, end: 1 }], [[0, 1]]],
  fromCount: ["name", () => 0],
  expectFailures: [[], {}],
  fileStore: [at("store"), {}],
  readBeir: [at("beir"), {}],
  readFolder: [at("docs"), {}],
  saveSnapshot: [memory(), at("snapshot"), {}],
  openSnapshot: [at("snapshot"), {}],
  saveIndex: [bm25(), at("index"), {}],
  openBm25: [at("index"), {}],
  openVectors: [at("index"), {}],
  salvage: [at("store"), {}],
  measure: [{ q: { b: 1 } }, { q: { b: 1 } }, ["map"]],
  compare: [evaluation, evaluation, {}],
  evaluate: [searchable, queries, {}],
  calibrate: [searchable, queries, queries, {}],
  gapsOf: [evaluation, []],
  contaminatedBy: [documents, queries],
  spanScores: [[], [{ documentId: "b" }]],
  withinBudget: [[], { characters: 5 }],
  parseRun: ["", {}],
  formatRun: [{}, {}],
  parseReview: [""],
  formatReview: [queries],
};
const ofRetrievers: Arguments = {
  index: [documents, {}],
  plan: [documents, {}],
  sync: [documents, {}],
  delete: [["c"], {}],
  clear: [{}],
  get: [["a"], {}],
  list: [{}],
  count: [{}, {}],
  search: ["text", {}],
  forTenant: ["t"],
  stage: [{}],
  publish: [{}],
};
const ofBm25: Arguments = {
  ids: [[]],
  add: ["a", "text"],
  update: ["a", "text"],
  delete: ["a"],
  search: ["text", {}],
  explain: ["text", "a"],
  suggest: ["te", {}],
};
const vector = Float32Array.of(1, 0);
const ofVectors: Arguments = {
  ids: [[]],
  add: ["a", vector],
  addAll: [["b"], vector],
  delete: ["a"],
  search: [vector, {}],
};

/** What came of it, read to its end where it comes step by step. */
async function outcome(call: Call, given: readonly unknown[]): Promise<unknown> {
  try {
    const answer = (await call(...given)) as { readonly close?: () => Promise<void> } | undefined;
    if (typeof answer !== "object" || answer === null) return "an answer";
    if (Symbol.asyncIterator in answer) for await (const _ of untyped<AsyncIterable<unknown>>(answer)) continue;
    await answer.close?.();
    return "an answer";
  } catch (error) {
    return error instanceof RetrievalError ? "an error of ours" : error;
  }
}

async function expectNoBareError(call: Call, right: readonly unknown[], more: typeof wrong = []): Promise<void> {
  for (const place of right.keys()) {
    for (const [what, value] of [...wrong, ...more]) {
      const came = await outcome(call, right.with(place, value));
      expect.soft(came, `${what} as argument ${place + 1}`).toBeTypeOf("string");
    }
  }
}

function functionsOf(object: object): readonly (readonly [string, Call])[] {
  return Object.entries(object).filter(
    ([, value]) => typeof value === "function" && !(value.prototype instanceof Error),
  );
}

describe.each(entryPoints())("$specifier", async ({ source }) => {
  const exported = (await import(pathToFileURL(source).href)) as object;
  test.each(functionsOf(exported))("%s", (name, call) => expectNoBareError(call, ofFunctions[name] ?? [undefined]));
});

describe.each(await madeObjects())("what is called on %s", (_, object, calls) => {
  const called = functionsOf(object).filter(([name]) => Object.hasOwn(calls, name));
  test.each(called)("%s", (name, call) => expectNoBareError(call, calls[name] ?? []));
});

async function madeObjects(): Promise<readonly (readonly [string, object, Arguments])[]> {
  const docs = createRetriever();
  await docs.index([{ id: "a", text: "a text" }]);
  const staged = await docs.stage();
  await staged.index([{ id: "a", text: "a text" }]);
  return [
    ["a retriever", docs, ofRetrievers],
    ["a staged one", staged, ofRetrievers],
    ["a tenant's", docs.forTenant("t"), ofRetrievers],
    ["bm25()", bm25({ suggestions: true }), ofBm25],
    ["vectors()", vectors({ dimensions: 2 }), ofVectors],
  ];
}

test.each<[string, Call, readonly unknown[]]>([
  ["openaiEmbedder", openaiEmbedder({ model: "text-embedding-3-small", fetch: offline }).embed as Call, [["text"], {}]],
  [
    "cohereEmbedder",
    cohereEmbedder({ model: "embed-v4.0", fetch: offline }).embed as Call,
    [["text"], { role: "query" }],
  ],
  ["cohereReranker", cohereReranker({ model: "rerank-v3.5", fetch: offline }) as Call, ["text", ["text"], {}]],
  ["english().terms", english().terms as Call, ["text"]],
  ["codeTerms().terms", codeTerms().terms as Call, ["text"]],
  ["german().terms", german().terms as Call, ["text"]],
])("%s that is called by hand", (_, call, right) => expectNoBareError(call, right));

test.each([
  fixed(),
  recursive(),
  sentences(),
  markdown(),
  html(),
  code({ language: "ts" }),
  semantic({ embedder: wordEmbedder() }),
  smallToBig({ parent: recursive(), child: recursive() }),
])("a chunker that is called by hand: $fingerprint", (chunker) =>
  expectNoBareError(
    chunker as Call,
    [undefined],
    [
      ["a text of null", { text: null }],
      ["a title of null", { text: "text", title: null }],
    ],
  ),
);
