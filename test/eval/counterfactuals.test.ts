import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { counterfactuals, evaluate, gapsOf, type EvalQuery } from "../../src/eval/index.ts";
import { createRetriever, memory, recursive } from "../../src/index.ts";
import { untyped } from "../untyped.ts";
import { collection, lettersEmbedder } from "./tuning.ts";

const { documents, queries } = collection({ documents: 50, facts: 3, vague: true });

describe("counterfactuals", () => {
  test("say what each knob fixes and what it breaks, against the same run", async () => {
    const seen: string[] = [];
    const report = await counterfactuals({
      documents,
      queries,
      size: 300,
      topK: 2,
      budget: { characters: 500 },
      onProgress: (done, total, knob) => seen.push(`${done}/${total} ${knob}`),
    });
    expect(report.queries).toBe(queries.length);
    expect(report.knobs.map(({ knob }) => knob)).toEqual([
      "chunk size × 2",
      "no overlap",
      "topK × 2",
      "budget × 2",
      "topK × 2, budget × 2",
      "latent leg added",
      "oracle rerank",
    ]);
    expect(seen.at(-1)).toBe("8/8 oracle rerank");
    const missed = new Set(report.misses.map(({ queryId }) => queryId));
    for (const { fixes, breaks } of report.knobs) {
      expect(fixes.every((id) => missed.has(id))).toBe(true);
      expect(breaks.some((id) => missed.has(id))).toBe(false);
    }
    const of = (knob: string) => report.knobs.find((each) => each.knob === knob);
    // More of the same order cannot lose anything; whoever knows the answers fixes most.
    expect(of("topK × 2, budget × 2")?.breaks).toEqual([]);
    expect(of("topK × 2, budget × 2")?.fixes.length).toBeGreaterThan(0);
    expect(of("oracle rerank")?.fixes.length).toBeGreaterThan(of("topK × 2, budget × 2")?.fixes.length ?? 0);
    expect(report.fixable.length).toBeGreaterThanOrEqual(of("topK × 2, budget × 2")?.fixes.length ?? 0);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);

    // The run is that of a retriever with these settings.
    const docs = createRetriever({ store: memory(), chunker: recursive({ size: 300 }) });
    await docs.index(documents);
    const { misses } = await evaluate(docs, queries, { topK: 2, budget: { characters: 500 } });
    expect(report.misses).toEqual(misses);
  });

  test("tell queries of one text from each other", async () => {
    const texts = ["storm", "storm", "storm over the harbour", "rain"];
    const few = texts.map((text, index) => ({ id: `d${index}`, text }));
    const asked = (id: string, documentId: string): EvalQuery => ({ id, text: "storm", judgments: [{ documentId }] });
    const report = await counterfactuals({
      documents: few,
      queries: [asked("1", "d2"), asked("2", "d1"), asked("3", "d0")],
      topK: 1,
    });
    expect(report.misses.map(({ queryId }) => queryId)).toContain("1");
    const missed = report.misses.map(({ queryId }) => queryId);
    expect(report.knobs.find(({ knob }) => knob === "oracle rerank")?.fixes).toEqual(missed);
  });

  test("turn the filter off where there is one, and look at each leg where there are two", async () => {
    const filtered = queries.slice(0, 10).map((query): EvalQuery => ({ ...query, filter: { part: "none" } }));
    const marked = documents.slice(0, 60).map((document) => ({ ...document, metadata: { part: "one" } }));
    const { misses, knobs } = await counterfactuals({
      documents: marked,
      queries: filtered,
      overlap: 0,
      topK: 50,
      base: { embedder: lettersEmbedder() },
    });
    expect(new Set(misses.map(({ cause }) => cause))).toEqual(new Set(["filtered"]));
    expect(knobs.map(({ knob }) => knob)).toContain("overlap 0.25");
    expect(knobs.map(({ knob }) => knob)).toEqual(expect.arrayContaining(["dense leg alone", "lexical leg alone"]));
    expect(knobs.find(({ knob }) => knob === "filter off")?.fixes.length).toBeGreaterThan(0);
  });

  test("refuse what cannot be run", async () => {
    const asked = { documents, queries };
    for (const wrong of [
      { documents: undefined },
      { topK: 0 },
      { size: 0.5 },
      { budget: {} },
      { knobs: [] },
      { base: { chunker: recursive() } },
      { queries: [...queries, ...queries] },
    ]) {
      await expect(counterfactuals(untyped({ ...asked, ...wrong }))).rejects.toThrow(ConfigError);
    }
    const controller = new AbortController();
    const stopped = counterfactuals({
      ...asked,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    });
    await expect(stopped).rejects.toThrow("enough");
  });
});

describe("gaps", () => {
  const evaluation = {
    perQuery: {
      a: { "spanFull@budget": 1 },
      b: { "spanFull@budget": 1 },
      c: { "spanFull@budget": 0 },
      d: { "spanFull@budget": 0 },
      e: { "spanFull@budget": 0 },
    },
    misses: [
      { queryId: "c", cause: "not-in-corpus", detail: "" },
      { queryId: "d", cause: "below-topk", detail: "" },
      { queryId: "e", cause: "below-topk", detail: "" },
    ],
  } as const;

  test("part wrong answers by whether the passage was there", () => {
    const verdicts = [
      { queryId: "a", correct: true },
      { queryId: "b", correct: false },
      { queryId: "c", correct: false },
      { queryId: "d", correct: false },
      { queryId: "e", correct: true },
    ];
    expect(gapsOf(evaluation, verdicts)).toEqual({
      knowledge: { notInCorpus: ["c"], notRetrieved: [evaluation.misses[1]] },
      behaviour: ["b"],
      answered: ["a"],
      unsupported: ["e"],
    });
  });

  test("refuse answers to other queries, and an evaluation without causes", () => {
    expect(() => gapsOf(evaluation, [{ queryId: "z", correct: true }])).toThrow('received "z"');
    const twice = { queryId: "a", correct: true };
    expect(() => gapsOf(evaluation, [twice, twice])).toThrow('received "a" twice');
    expect(() => gapsOf({ ...evaluation, misses: [] }, [{ queryId: "c", correct: false }])).toThrow(
      "evaluate a Retriever",
    );
  });
});
