import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import {
  contaminatedBy,
  evaluate,
  formatReview,
  generateQueries,
  modelQueries,
  parseReview,
  sentenceQueries,
  titleQueries,
  tune,
  type EvalQuery,
  type GenerateOptions,
} from "../../src/eval/index.ts";
import { nearDuplicates } from "../../src/eval/near-duplicates.ts";
import { createRetriever } from "../../src/index.ts";
import { untyped } from "../untyped.ts";
import { collection } from "./tuning.ts";

const { documents } = collection({ documents: 40, facts: 3 });
const titled = documents.map((document, index) => ({ ...document, title: `The book of things number${index}` }));

describe("generated queries", () => {
  test("are sentences of documents that no longer have them", async () => {
    const set = await generateQueries({ documents, generator: sentenceQueries(), count: 25 });
    expect(set.generator).toBe("sentence");
    expect(set.queries).toHaveLength(25);
    expect(set.documents.map(({ id }) => id)).toEqual(documents.map(({ id }) => id));
    const before = new Map(documents.map(({ id, text }) => [id, text]));
    for (const { text, judgments } of set.queries) {
      const [{ documentId } = { documentId: "" }] = judgments;
      expect(before.get(documentId)).toContain(text);
      for (const indexed of set.documents) expect(indexed.text).not.toContain(text);
    }
    // The other way round they would be contaminated, and tune says so.
    expect(contaminatedBy(set.documents, set.queries)).toEqual([]);
    expect(contaminatedBy(documents, set.queries)).toHaveLength(25);
    const { notes } = await tune({ documents, queries: set.queries, space: { size: [] } });
    expect(notes.at(-1)).toContain("25 queries copy words of a document they are to find");

    const docs = createRetriever();
    await docs.index(set.documents);
    expect((await evaluate(docs, set.queries)).mean["recall@10"]).toBeGreaterThan(0);
  });

  test("are the same for the same seed, and others for another", async () => {
    const of = (seed: number) => generateQueries({ documents, generator: sentenceQueries(), count: 10, seed });
    expect(await of(1)).toEqual(await of(1));
    expect((await of(1)).queries).not.toEqual((await of(2)).queries);
  });

  test("are titles of documents without one; what gives none is counted", async () => {
    const set = await generateQueries({
      documents: [...titled, { id: "bare", text: "Short." }],
      generator: titleQueries(),
    });
    expect(set.queries).toHaveLength(40);
    expect(set.skipped).toBe(1);
    expect(set.documents.every((document) => document.title === undefined)).toBe(true);
  });

  test("are a model's questions with the passage as truth; copies are left out", async () => {
    let asked = 0;
    const generator = modelQueries(async ({ text }) => {
      asked++;
      if (asked % 4 === 0) return undefined;
      return asked % 4 === 1 ? text.split(/\s+/).slice(0, 9).join(" ") : ` Which number has it ${asked}? `;
    });
    const set = await generateQueries({ documents, generator, count: 12 });
    expect(set.contaminated).toHaveLength(4);
    expect(set.queries).toHaveLength(8);
    expect(set.skipped).toBeGreaterThan(0);
    expect(set.documents).toEqual(documents);
    for (const { text, judgments } of set.queries) {
      expect(text).toMatch(/^Which number has it \d+\?$/);
      expect(judgments[0]?.span?.end).toBeGreaterThan(judgments[0]?.span?.start ?? Infinity);
    }
  });

  test("count near-duplicates as right together, and take the sentence out of both", async () => {
    const [first] = documents;
    const twin = { id: "twin", text: `${first?.text} One more word.` };
    const set = await generateQueries({ documents: [first ?? twin, twin], generator: sentenceQueries(), count: 1 });
    const ids = set.queries[0]?.judgments.map(({ documentId }) => documentId).toSorted((a, b) => (a < b ? -1 : 1));
    expect(ids).toEqual([first?.id, "twin"]);
    for (const { text } of set.documents) expect(text).not.toContain(set.queries[0]?.text);
    const groups = await nearDuplicates([...documents, twin], new Set(["twin", "d7"]), async () => undefined);
    expect(groups.get("twin")).toEqual([first?.id, "twin"]);
    expect(groups.get("d7")).toEqual(["d7"]);
  });

  test("near-duplicates are those of which the smallest hashes are the same to four fifths", async () => {
    const sentences = Array.from({ length: 30 }, (_, n) => `This is sentence number ${n} of a handbook.`);
    const handbooks = Array.from({ length: 30 }, (_, n) => ({
      id: `${n}`,
      text: sentences.map((sentence, at) => (at < n ? `Another one stands here, ${n} ${at}.` : sentence)).join(" "),
    }));
    const all = new Set(handbooks.map(({ id }) => id));
    const groups = await nearDuplicates(handbooks, all, async () => undefined);
    for (const [id, near] of groups) {
      expect(near).toContain(id);
      for (const other of near) expect(groups.get(other)).toContain(id);
    }
    expect(groups.get("0")?.length).toBeGreaterThan(1);
    expect(groups.get("0")).not.toContain("15");
  });

  test("of thousands of documents that have a passage in common are made in no square of their number", async () => {
    const passage = "This is what stands below each of our pages. It says who answers for them, and how to reach us. ";
    const pages = Array.from({ length: 3_000 }, (_, n) => ({ id: `${n}`, text: `${passage.repeat(3)} Page ${n}.` }));
    const set = await generateQueries({ documents: pages, generator: sentenceQueries(), count: 20 });
    expect(set.queries.length + set.contaminated.length).toBeGreaterThan(0);
  });

  test("stop with the caller's reason, and refuse what is no generator", async () => {
    const controller = new AbortController();
    const generator = modelQueries(async () => {
      controller.abort(new Error("enough"));
      return "What?";
    });
    await expect(generateQueries({ documents, generator, signal: controller.signal })).rejects.toThrow("enough");
    await expect(generateQueries({ documents, generator: untyped(7) })).rejects.toThrow(
      "generator: expected one such as",
    );
    await expect(generateQueries(untyped<GenerateOptions>({ documents: 1, generator }))).rejects.toThrow(ConfigError);
    await expect(generateQueries({ documents, generator, count: 0 })).rejects.toThrow("count: expected a whole number");
    expect(() => modelQueries(untyped("x"))).toThrow("modelQueries: expected a function");
    const wrong = modelQueries(async () => untyped(5));
    await expect(generateQueries({ documents, generator: wrong })).rejects.toThrow(
      "to answer with a question, received 5",
    );
  });
});

describe("a review file", () => {
  test("reads back what was written, whatever the texts", () => {
    const query = fc.record({
      id: fc.string({ unit: "binary" }),
      text: fc.string({ unit: "binary" }),
      judgments: fc.array(
        fc.record(
          {
            documentId: fc.string({ unit: "binary" }),
            grade: fc.integer({ min: 0, max: 3 }),
            span: fc.constant({ start: 2, end: 9 }),
          },
          { requiredKeys: ["documentId"] },
        ),
      ),
    });
    fc.assert(
      fc.property(fc.uniqueArray(query, { selector: ({ id }) => id }), (queries) => {
        expect(parseReview(formatReview(queries))).toEqual(queries);
      }),
    );
  });

  test("is edited by hand: what was not kept is gone, what was changed is changed", () => {
    const queries: EvalQuery[] = ["a", "b"].map((id) => ({
      id,
      text: `what is ${id}`,
      judgments: [{ documentId: "d0", span: { start: 0, end: 5 } }],
    }));
    const text = formatReview(queries, documents);
    expect(JSON.parse(text.split("\n")[0] ?? "")).toMatchObject({
      keep: true,
      passage: documents[0]?.text.slice(0, 5),
    });
    const edited = text.replace('"keep":true', '"keep":false').replace("what is b", "who is b").concat("\n\n");
    expect(parseReview(edited)).toEqual([{ ...queries[1], text: "who is b" }]);
    expect(parseReview(`\uFEFF${edited.replaceAll("\n", "\r\n")}`)).toEqual(parseReview(edited));
    expect(() => parseReview(text.replace("true", "yes"))).toThrow(/^line 1: expected .*, received ".*": .*JSON.*\.$/);
    expect(() => parseReview(text.replace("true", "1"))).toThrow(/^line 1: expected .*, received ".*"\.$/);
    expect(() => parseReview(text + text)).toThrow('received "a" twice');
    expect(() =>
      parseReview('{"keep":true,"id":"a","text":"t","judgments":[{"documentId":"d","span":{"start":3,"end":1}}]}'),
    ).toThrow("span to be 0 ≤ start < end");
  });
});
