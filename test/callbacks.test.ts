import { expect, test } from "vitest";
import { calibrate, counterfactuals, evaluate, generateQueries, titleQueries, tune } from "../src/eval/index.ts";
import { copy, createRetriever, csv, memory } from "../src/index.ts";
import { rejection } from "./rejection.ts";

const failure = new Error("the display is gone");
const onProgress = async (): Promise<void> => {
  await Promise.resolve();
  throw failure;
};
const documents = Array.from({ length: 60 }, (_, n) => ({
  id: `${n}`,
  title: `the title ${n} of it`,
  text: `apple ${n} and more of what there is`,
}));
const queries = documents.map(({ id }) => ({ id, text: `apple ${id}`, judgments: [{ documentId: id }] }));

async function indexed() {
  const store = memory();
  const docs = createRetriever({ store });
  await docs.index(documents);
  return { store, docs };
}

test.each<[string, () => Promise<unknown>]>([
  ["index", async () => createRetriever().index(documents, { onProgress })],
  ["sync", async () => (await indexed()).docs.sync(documents.slice(0, 2), { onProgress })],
  ["copy", async () => copy((await indexed()).store, memory(), { onProgress })],
  ["evaluate", async () => evaluate((await indexed()).docs, queries, { onProgress })],
  ["calibrate", async () => calibrate((await indexed()).docs, queries, queries, { onProgress })],
  ["counterfactuals", async () => counterfactuals({ documents, queries, onProgress })],
  ["generateQueries", async () => generateQueries({ documents, generator: titleQueries(), onProgress })],
  ["tune", async () => tune({ documents, queries, onProgress })],
  [
    "csv",
    async () => {
      const rows = csv("a,b\n1\n", { onRefused: onProgress });
      return rows.next();
    },
  ],
])("%s rejects with what an async callback rejects with, and nothing is left unhandled", async (_, call) => {
  expect(await rejection(call())).toBe(failure);
});
