import type { Reranker } from "../types.ts";
import { casesOf, type Checks, type ConformanceCase } from "./conformance.ts";
import { expectAbort, expectClose, expectEqual, expectThat } from "./expectation.ts";
import { hostileTexts } from "./texts.ts";

/** The whole `Reranker` port: a score belongs to its text, and higher is better. */
export function rerankerSuite(make: () => Reranker): readonly ConformanceCase[] {
  return casesOf(make, [checks]);
}

const query = "How often are the access keys rotated?";
const answer = "Access keys are rotated every ninety days; how often can be changed in the settings.";
const texts = [
  "The harbor closes at dusk.",
  "A piano has eighty-eight keys.",
  answer,
  "Bread with rye and caraway.",
  "The settings page lists the access keys.",
];

const checks: Checks<Reranker> = {
  async "each text has one finite score"(rerank) {
    const given = batch(rerank);
    const scores = await rerank(query, given);
    expectEqual(scores.length, given.length, "number of scores");
    expectThat(scores.every(Number.isFinite), "finite scores", scores);
  },

  async "scores follow their texts into another order"(rerank) {
    const given = batch(rerank);
    const scores = await rerank(query, given);
    for (const turned of [given.toReversed(), [...given.slice(2), ...given.slice(0, 2)]]) {
      const received = await rerank(query, turned);
      turned.forEach((text, index) => {
        expectClose(received[index], scores[given.indexOf(text)] ?? Number.NaN, `score of ${JSON.stringify(text)}`);
      });
    }
  },

  async "the passage that answers has the highest score"(rerank) {
    const given = batch(rerank);
    const scores = await rerank(query, given);
    expectEqual(given[scores.indexOf(Math.max(...scores))], answer, "best passage");
  },

  async "a text given twice has two equal scores"(rerank) {
    const twice = [answer, answer].slice(0, rerank.limits?.items);
    const scores = await rerank(query, twice);
    expectEqual(scores.length, twice.length, "number of scores");
    expectClose(scores.at(-1), scores[0] ?? Number.NaN, "score of the second");
  },

  async "no texts have no scores, one has one"(rerank) {
    expectEqual(await rerank(query, []), [], "scores of no texts");
    expectEqual((await rerank(query, [answer])).length, 1, "number of scores of one text");
  },

  async "hostile text is scored like any other"(rerank) {
    for (const [name, text] of Object.entries(hostileTexts)) {
      const hostile = text.slice(0, 300);
      const scores = [await rerank(hostile, [answer]), await rerank(query, [hostile])].flat();
      expectThat(
        scores.length === 2 && scores.every(Number.isFinite),
        `finite scores with the text of ${name}`,
        scores,
      );
    }
  },

  async "the input is left as it was"(rerank) {
    const given = Object.freeze([...batch(rerank)]);
    await rerank(query, given);
    expectEqual(given, batch(rerank), "texts after the call");
  },

  async "an aborted call rejects with the caller's reason"(rerank) {
    await expectAbort((signal) => rerank(query, batch(rerank), { signal }), "rerank");
  },
};

/** As many texts as the reranker takes at once, the answer among them. */
function batch({ limits }: Reranker): readonly string[] {
  return limits?.items !== undefined && limits.items < 3 ? [answer] : texts.slice(0, limits?.items);
}
