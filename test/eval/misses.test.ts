import { describe, expect, test } from "vitest";
import { evaluate, type EvaluateOptions } from "../../src/eval/evaluate.ts";
import type { EvalQuery } from "../../src/eval/judgments.ts";
import type { MissCause } from "../../src/eval/misses.ts";
import {
  createRetriever,
  fixed,
  memory,
  recursive,
  type Chunker,
  type Reranker,
  type RetrieverOptions,
  type Retriever,
} from "../../src/index.ts";

const keys = "Keys are rotated every ninety days. The rate is 3.5 percent of all keys, on average.";
const documents = [
  { id: "keys", text: keys, metadata: { year: 2026 } },
  {
    id: "locks",
    text: "Locks are changed every year. Keys and keys and keys: rotated, rotated, rotated.",
    metadata: { year: 2025 },
  },
  { id: "doors", text: "Doors stay as they are.", metadata: { year: 2026 } },
];
const whole: Chunker = ({ text }) => [{ start: 0, end: text.length }];
const sentence: Chunker = ({ text }) => {
  const end = text.indexOf(". ") + 1;
  return end === 0
    ? [{ start: 0, end: text.length }]
    : [
        { start: 0, end },
        { start: end + 1, end: text.length },
      ];
};
const spanOf = (part: string): { readonly start: number; readonly end: number } => ({
  start: keys.indexOf(part),
  end: keys.indexOf(part) + part.length,
});
const asking = (text: string, part?: string, more: Partial<EvalQuery> = {}): EvalQuery => ({
  id: "q",
  text,
  judgments: [{ documentId: "keys", ...(part !== undefined && { span: spanOf(part) }) }],
  ...more,
});

async function indexed(options: RetrieverOptions = {}): Promise<Retriever> {
  const retriever = createRetriever({ store: memory(), chunker: whole, ...options });
  await retriever.index(documents);
  return retriever;
}
async function missesOf(
  query: EvalQuery,
  {
    options = {},
    evaluation = {},
    wrap = (retriever) => retriever,
  }: {
    readonly options?: RetrieverOptions;
    readonly evaluation?: EvaluateOptions;
    readonly wrap?: (retriever: Retriever) => Retriever;
  } = {},
): Promise<readonly { readonly cause: MissCause; readonly detail: string }[]> {
  const { misses } = await evaluate(wrap(await indexed(options)), [query], evaluation);
  expect(misses.every(({ queryId }) => queryId === query.id)).toBe(true);
  return misses.map(({ cause, detail }) => ({ cause, detail }));
}

describe("the cause of a miss", () => {
  test("none where the answer is in the context", async () => {
    expect(await missesOf(asking("keys rotated", "every ninety days"))).toEqual([]);
    expect(await missesOf(asking("keys rotated"))).toEqual([]);
    expect(await missesOf(asking("keys", undefined, { judgments: [{ documentId: "keys", grade: 0 }] }))).toEqual([]);
  });

  test("not in the corpus", async () => {
    const judgments = [{ documentId: "gone", span: { start: 0, end: 5 } }];
    const detail = 'no chunk of "gone" is stored';
    expect(await missesOf(asking("keys", undefined, { judgments }))).toEqual([{ cause: "not-in-corpus", detail }]);
    // Finding what is known to be irrelevant is no help.
    const documentsOnly = [{ documentId: "gone" }, { documentId: "keys", grade: 0 }];
    expect(await missesOf(asking("keys", undefined, { judgments: documentsOnly }))).toEqual([
      { cause: "not-in-corpus", detail },
    ]);
  });

  test("lost by the chunker: found though every sum looks plausible", async () => {
    // Ends a sentence at "3." and starts the next one at the following capital letter.
    const careless: Chunker = ({ text }) =>
      text === keys ? [{ start: 0, end: keys.indexOf("5 percent") }] : [{ start: 0, end: text.length }];
    expect(await missesOf(asking("rate of keys", "3.5 percent"), { options: { chunker: careless } })).toEqual([
      {
        cause: "lost-by-chunker",
        detail: 'no chunk has 50 to 59, of 48 to 59 of "keys"; the last chunk ends at 50, and spans count UTF-16 units',
      },
    ]);
    const holed: Chunker = ({ text }) => [
      { start: 0, end: 5 },
      { start: 12, end: text.length },
    ];
    const judgments = [{ documentId: "keys", span: { start: 3, end: 14 } }];
    expect(await missesOf(asking("keys", undefined, { judgments }), { options: { chunker: holed } })).toEqual([
      { cause: "lost-by-chunker", detail: 'no chunk has 5 to 12, of 3 to 14 of "keys"' },
    ]);
  });

  test("filtered", async () => {
    for (const part of ["every ninety days", undefined]) {
      const query = asking("keys rotated", part, { filter: { year: 2025 } });
      expect((await missesOf(query)).map(({ cause }) => cause)).toEqual(["filtered"]);
    }
  });

  test("not a candidate", async () => {
    const [miss] = await missesOf(asking("doors", "every ninety days"));
    expect(miss).toEqual({
      cause: "not-a-candidate",
      detail: '17 to 34 of "keys" is not among the 1 candidates',
    });
    expect((await missesOf(asking("doors"))).map(({ cause }) => cause)).toEqual(["not-a-candidate"]);
  });

  test("below topK", async () => {
    const setup = { evaluation: { topK: 1 } };
    expect(await missesOf(asking("keys rotated", "ninety"), setup)).toEqual([
      { cause: "below-topk", detail: '23 to 29 of "keys" was candidate 2; topK 1' },
    ]);
    expect((await missesOf(asking("keys rotated"), setup)).map(({ cause }) => cause)).toEqual(["below-topk"]);
  });

  const against: Reranker = async (_query, texts) => texts.map((text) => (text === keys ? 0 : 1));

  test("demoted by the reranker", async () => {
    const setup = { options: { reranker: against }, evaluation: { topK: 1 } };
    expect(await missesOf(asking("ninety keys rotated", "ninety"), setup)).toEqual([
      { cause: "demoted-by-reranker", detail: '23 to 29 of "keys" was candidate 1, ranked 2 by the reranker; topK 1' },
    ]);
  });

  test("split across chunks", async () => {
    const setup = { options: { chunker: sentence }, evaluation: { topK: 1 } };
    const part = "ninety days. The rate is 3.5 percent";
    const [miss] = await missesOf(asking("rate percent", part), setup);
    expect(miss?.cause).toBe("split");
    expect(miss?.detail).toContain("not-a-candidate");
    // A chunk that has all of it makes it a matter of rank.
    const both: Chunker = ({ text }) => [...(sentence({ text }) as []), { start: 0, end: text.length }];
    const overlapping = { options: { chunker: both }, evaluation: { topK: 1 } };
    expect((await missesOf(asking("rate percent", part), overlapping))[0]?.cause).toBe("below-topk");
    // Even where a chunk with a part of it came further.
    const shortest: Reranker = async (_query, texts) =>
      texts.map((text) => (text.startsWith("The rate") ? 0 : -text.length));
    const crowded = {
      options: { chunker: both, reranker: shortest },
      evaluation: { topK: 2, budget: { characters: 60 } },
    };
    expect((await missesOf(asking("rate percent ninety", part), crowded))[0]?.cause).toBe("demoted-by-reranker");
  });

  test("deduplicated: ranked, and no hit", async () => {
    const wrap = (retriever: Retriever): Retriever => ({
      ...retriever,
      search: async (query, options) => {
        const result = await retriever.search(query, options);
        return { ...result, hits: result.hits.filter(({ chunk }) => chunk.documentId !== "keys") };
      },
    });
    expect(await missesOf(asking("keys rotated", "ninety"), { wrap })).toEqual([
      { cause: "deduplicated", detail: '23 to 29 of "keys" ranked 2, and is not among the hits' },
    ]);
  });

  test("dropped by the budget", async () => {
    const setup = { evaluation: { budget: { characters: 90 } } };
    expect(await missesOf(asking("keys rotated", "ninety"), setup)).toEqual([
      { cause: "dropped-by-budget", detail: '23 to 29 of "keys" is hit 2, behind what filled the budget' },
    ]);
    expect((await missesOf(asking("keys rotated"), setup)).map(({ cause }) => cause)).toEqual(["dropped-by-budget"]);
  });

  test("of several spans the one that was lost first, of several documents the one that came furthest", async () => {
    const judgments = [
      { documentId: "keys", span: spanOf("ninety") },
      { documentId: "gone", span: { start: 0, end: 5 } },
    ];
    const setup = { evaluation: { topK: 1 } };
    expect((await missesOf(asking("keys rotated", undefined, { judgments }), setup))[0]?.cause).toBe("not-in-corpus");
    const whole2 = judgments.map(({ documentId }) => ({ documentId }));
    expect((await missesOf(asking("keys rotated", undefined, { judgments: whole2 }), setup))[0]?.cause).toBe(
      "below-topk",
    );
  });
});

describe("misses", () => {
  const paragraphs = Array.from(
    { length: 40 },
    (_, index) => `Fact ${index} of ${index % 7} says ${"so ".repeat(index % 5)}much.`,
  );
  const text = paragraphs.join("\n\n");
  const queries = paragraphs.map((paragraph, index): EvalQuery => {
    const start = text.indexOf(paragraph) + 3;
    const end = Math.min(start + paragraph.length + 6, text.length);
    return { id: `q${index}`, text: `fact ${index}`, judgments: [{ documentId: "facts", span: { start, end } }] };
  });

  test.each([
    ["recursive", recursive({ size: 60, overlap: 0 })],
    ["recursive with overlap", recursive({ size: 50, overlap: 0.3 })],
    ["fixed", fixed({ size: 50 })],
  ])("are the queries whose spans are not whole in the context: %s", async (_name, chunker) => {
    const retriever = createRetriever({ store: memory(), chunker });
    await retriever.index([{ id: "facts", text }]);
    const { misses, perQuery } = await evaluate(retriever, queries, { topK: 3, budget: { characters: 150 } });
    const notFull = Object.keys(perQuery).filter((id) => perQuery[id]?.["spanFull@budget"] === 0);
    expect(misses.map(({ queryId }) => queryId)).toEqual(notFull);
    expect(notFull.length).toBeGreaterThan(0);
    expect(notFull.length).toBeLessThan(queries.length);
  });

  test("are not told of what is no retriever", async () => {
    const retriever = await indexed();
    const { misses } = await evaluate({ search: (query, options) => retriever.search(query, options) }, [
      asking("doors", "ninety"),
    ]);
    expect(misses).toEqual([]);
  });

  test("read each document once, and pass the deadline's signal on", async () => {
    const retriever = await indexed();
    const reads: (readonly string[])[] = [];
    const counted: Retriever = {
      ...retriever,
      get: (ids, options) => {
        expect(options?.signal).toBeInstanceOf(AbortSignal);
        reads.push(ids);
        return retriever.get(ids, options);
      },
    };
    const all = ["a", "b", "c"].map((id) => asking("doors", "ninety", { id }));
    expect((await evaluate(counted, all)).misses).toHaveLength(3);
    expect(reads).toEqual([["keys"]]);
  });
});
