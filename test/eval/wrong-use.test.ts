import { describe, expect, test } from "vitest";
import * as evaluation from "../../src/eval/index.ts";
import { createRetriever, memory, recursive, RetrievalError, unicode } from "../../src/index.ts";
import { wordEmbedder } from "../retriever/parts.ts";

/** What JavaScript lets through: any part of any argument may be anything. */

const documents = Array.from({ length: 2 }, (_, n) => ({
  id: `d${n}`,
  title: `About number${n}`,
  text: `First comes number${n} as a sentence of words. Then there is another one, of other words, which is not short.`,
}));
const queries = documents.map(({ id }, n) => ({
  id: `q${n}`,
  text: `number${n}`,
  judgments: [{ documentId: id, span: { start: 0, end: 20 } }],
}));
const docs = createRetriever();
await docs.index(documents);
const evaluated = await evaluation.evaluate(docs, queries);
const { mean, perQuery } = evaluated;
const ten = Array.from({ length: 10 }, (_, n) => ({
  ...queries[n % 2],
  id: `${n}`,
  text: `number${n % 2}`,
  judgments: [],
}));
const onProgress = (): void => undefined;
const tokens = { tokens: 100, tokenizer: { name: "characters", count: (text: string) => text.length } };
const passage = { documentId: "d0", start: 0, end: 9, text: "First com" };

/** Every function of groundline/eval with arguments that it takes. */
const calls: Readonly<Record<string, readonly unknown[]>> = {
  calibrate: [docs, ten, ten, { falseFound: 0.1, seed: 1, onProgress }],
  compare: [
    { mean, perQuery },
    { mean, perQuery },
    { metric: "ndcg@10", seed: 1 },
  ],
  contaminatedBy: [documents, queries],
  counterfactuals: [
    {
      documents,
      queries,
      base: { bm25: { k1: 1 }, analyzer: unicode(), embedder: wordEmbedder(), store: memory() },
      chunker: recursive,
      size: 60,
      overlap: 0.25,
      topK: 2,
      budget: { characters: 100 },
      onProgress,
    },
  ],
  evaluate: [
    docs,
    queries,
    { topK: 10, budget: tokens, metrics: ["ndcg@10"], prices: { tokenizer: tokens.tokenizer, search: 1 }, onProgress },
  ],
  formatQrels: [{ q: { d: 1 } }, { format: "trec" }],
  formatReview: [queries, documents],
  formatRun: [{ q: { d: 1 } }, { format: "trec", tag: "t" }],
  gapsOf: [{ perQuery, misses: [{ queryId: "q0", cause: "split", detail: "" }] }, [{ queryId: "q0", correct: true }]],
  generateQueries: [
    {
      documents,
      generator: {
        name: "g",
        draft: () => ({ text: "a b c d", removed: { start: 0, end: 3 }, span: { start: 4, end: 9 } }),
      },
      count: 2,
      seed: 1,
      onProgress,
    },
  ],
  holm: [[0.01, 0.5]],
  measure: [{ q: { d: 1 } }, { q: { d: 1 } }, ["ndcg@10"]],
  modelQueries: [async () => "what?", { name: "m", size: 100 }],
  parseQrels: ["q 0 d 1", { format: "trec" }],
  parseReview: [`{"keep":true,"id":"q","text":"t","judgments":[{"documentId":"d"}]}`],
  parseRun: ["q Q0 d 1 0.5 t", { format: "trec" }],
  sentenceQueries: [],
  spanScores: [[passage], [{ documentId: "d0", start: 0, end: 5 }]],
  titleQueries: [],
  tune: [
    {
      documents,
      queries,
      budget: { characters: 100 },
      space: { chunker: { recursive }, size: [60], overlap: [0], topK: [1, 2], candidates: [10], k1: [1], b: [0.5] },
      standard: { size: 80, overlap: 0.1, candidates: 20 },
      base: { bm25: { k1: 1 }, analyzer: unicode(), embedder: wordEmbedder(), store: memory() },
      search: "grid",
      seed: 1,
      onProgress,
    },
  ],
  withinBudget: [[passage], tokens],
};
const junk: readonly unknown[] = [undefined, null, -1, "x", [null], { x: null }, () => 7];
/** Whose inside is another's: a retriever's search may throw what it likes, and functions are called. */
const opaque = (value: unknown): boolean => typeof value === "function" || value === docs;

/** The arguments with one part replaced, by the way to it. */
function* wrong(value: unknown, way: string, depth: number): Generator<readonly [string, unknown]> {
  for (const other of junk) yield [`${way} = ${shownOf(other)}`, other];
  if (typeof value !== "object" || value === null || opaque(value) || depth === 0) return;
  // The first of a list stands for the others.
  for (const key of Array.isArray(value) ? Object.keys(value).slice(0, 1) : Object.keys(value)) {
    for (const [name, part] of wrong((value as Record<string, unknown>)[key], `${way}.${key}`, depth - 1)) {
      yield [name, Array.isArray(value) ? value.with(Number(key), part) : { ...value, [key]: part }];
    }
  }
}

function shownOf(value: unknown): string {
  return typeof value === "function" ? "function" : (JSON.stringify(value) ?? String(value));
}

async function outcomeOf(name: string, given: readonly unknown[]): Promise<unknown> {
  const call = (evaluation as unknown as Record<string, (...args: readonly unknown[]) => unknown>)[name];
  try {
    await call?.(...given);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe("groundline/eval, used wrongly", () => {
  test("every function is here", () => {
    const exported = Object.entries(evaluation).flatMap(([name, value]) => (typeof value === "function" ? name : []));
    expect(Object.keys(calls).toSorted()).toEqual(exported.toSorted());
  });

  test.each(Object.entries(calls))("%s answers or throws a typed error", async (name, given) => {
    expect(await outcomeOf(name, given)).toBe(undefined);
    const untyped: string[] = [];
    for (const index of given.keys()) {
      for (const [what, part] of wrong(given[index], `${index}`, 5)) {
        const error = await outcomeOf(name, given.with(index, part));
        if (error !== undefined && !(error instanceof RetrievalError))
          untyped.push(`${what}: ${error instanceof Error ? error.stack : "no error"}`);
      }
    }
    expect(untyped).toEqual([]);
  });

  test("a search that answers with anything is a typed error too", async () => {
    const result = await docs.search("number0", { trace: true, confidence: true });
    const hit = { ...result.hits[0], chunk: { ...result.hits[0]?.chunk, parent: { start: 0, end: 5, text: "First" } } };
    const untyped: string[] = [];
    let refused = 0;
    for (const [what, answer] of wrong({ ...result, hits: [hit] }, "answer", 5)) {
      const own = { search: async () => answer };
      for (const [name, given] of Object.entries({ evaluate: [own, ...queries], calibrate: [own, ten, ten] })) {
        const error = await outcomeOf(name, given);
        if (error instanceof RetrievalError) refused++;
        else if (error !== undefined)
          untyped.push(`${name}, ${what}: ${error instanceof Error ? error.stack : "no error"}`);
      }
    }
    expect(untyped).toEqual([]);
    expect(refused).toBeGreaterThan(50);
  });

  test.each([
    ["compare", [{}, {}], "a.mean: expected an object of means by metric, received undefined"],
    ["compare", [{ mean: {}, perQuery: { q: 5 } }, {}], `a.perQuery: expected scores by metric for "q", received 5`],
    [
      "compare",
      [
        { mean: { m: 1 }, perQuery: { q: { m: "1" } } },
        { mean: {}, perQuery: {} },
      ],
      `perQuery: expected a number as m of "q", received "1"`,
    ],
    ["gapsOf", [{}], "evaluation.perQuery: expected an object of scores by metric by query, received undefined"],
    ["gapsOf", [{ perQuery: {}, misses: [] }, [5]], "answers[0]: expected { queryId, correct }, received 5"],
    ["parseReview", [5], "parseReview: expected a text, received 5"],
    ["parseRun", [5], "parseRun: expected a text, received 5"],
    ["holm", [5], "p: expected an array of numbers between 0 and 1, received 5"],
    ["holm", [["0.5"]], 'p[0]: expected a number between 0 and 1, received "0.5"'],
    ["holm", [[0.5, 2]], "p[1]: expected a number between 0 and 1, received 2"],
    ["measure", [], "run: expected an object of scores by document by query, received undefined"],
    ["measure", [{}, { q: null }, []], `qrels: expected grades by document for "q", received null`],
    ["formatRun", [5], "run: expected an object of scores by document by query, received 5"],
    ["evaluate", [{}, []], "retriever: expected one with search(), received an object"],
    ["contaminatedBy", [[{ id: "a" }], []], "documents[0].text: expected a text, received undefined"],
    [
      "withinBudget",
      [[{ documentId: "d", start: 2, end: 1, text: "x" }], { characters: 5 }],
      `passages[0]: expected { documentId, start, end, text } with start ≤ end, received "d", 2 to 1, "x"`,
    ],
    [
      "evaluate",
      [docs, [{ id: "q", judgments: [] }]],
      `queries: expected text of "q" to be a string, received undefined`,
    ],
    [
      "evaluate",
      [docs, [{ id: "q", text: "", judgments: [{ documentId: "d", span: null }] }]],
      `queries: in a judgment of "q", expected span to be { start, end }, received null`,
    ],
  ] as const)("%s names what was expected, and what came", async (name, given, message) => {
    expect(await outcomeOf(name, given)).toMatchObject({ code: "config", message });
  });

  test.each<[string, readonly unknown[], string]>([
    [
      "calibrate",
      [docs, ten, ten, { falseFound: null }],
      "falseFound: expected a share from 0 to below 1, received null",
    ],
    ["calibrate", [docs, ten, ten, { falseFound: [] }], "falseFound: expected a share from 0 to below 1, received an"],
    ["counterfactuals", [{ documents, queries, budget: null }], "budget: expected { characters }"],
    ["counterfactuals", [{ documents, queries, base: { store: 5 } }], "base.store: expected a Store"],
    ["counterfactuals", [{ documents, queries, chunker: {} }], "chunker: expected a function, received an object"],
    ["tune", [{ documents, queries, budget: null }], "budget: expected { characters }"],
    ["tune", [{ documents, queries, base: { store: 5 } }], "base.store: expected a Store"],
    ["tune", [{ documents, queries, base: { bm25: null } }], "base.bm25: expected an object of options, received null"],
    ["tune", [{ documents, queries, base: { bm25: { k: 1 } } }], `base.bm25: unknown option "k"`],
    ["tune", [{ documents, queries, space: { size: null } }], "space.size: expected an array, received null"],
    [
      "tune",
      [{ documents, queries, space: { chunker: null } }],
      "space.chunker: expected an object of options, received",
    ],
    ["evaluate", [docs, queries, { onProgress: null }], "onProgress: expected a function, received null"],
  ])("%s takes nothing for a default but undefined: %#", async (name, given, message) => {
    expect(await outcomeOf(name, given)).toMatchObject({
      code: "config",
      message: expect.stringContaining(message) as string,
    });
  });

  test("a generator's draft has to be one", async () => {
    const draftOf = (draft: unknown) =>
      outcomeOf("generateQueries", [{ documents, generator: { name: "g", draft: () => draft }, count: 1 }]);
    expect(await draftOf(5)).toMatchObject({
      message: expect.stringMatching(/^the draft for "d\d": expected an object of text/) as string,
    });
    expect(await draftOf({ text: "a", span: { start: 3, end: 2 } })).toMatchObject({
      message: expect.stringMatching(
        /^the draft for "d\d".span: expected 0 ≤ start < end ≤ \d+, received 3 to 2$/,
      ) as string,
    });
    expect(await draftOf({ text: "a", removed: "text" })).toMatchObject({ code: "config" });
    expect(await draftOf({ text: "a", removed: "title" })).toBe(undefined);
  });
});
