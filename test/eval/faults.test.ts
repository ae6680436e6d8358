import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { evaluate, type EvalQuery, type EvaluateOptions, type MissCause } from "../../src/eval/index.ts";
import {
  createRetriever,
  fixed,
  memory,
  recursive,
  type Chunk,
  type Chunker,
  type Retriever,
  type RetrieverOptions,
} from "../../src/index.ts";
import type { SourceDocument } from "../../src/index.ts";
import { readBeir } from "../../src/node/beir.ts";
import { collection } from "./tuning.ts";

const data = process.env["GROUNDLINE_DATA"] ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));

interface Labelled {
  readonly documents: readonly SourceDocument[];
  readonly queries: readonly EvalQuery[];
}

async function labelled(name: string): Promise<Labelled> {
  if (name === "generated") return collection({ documents: 40, facts: 4, vague: true });
  const { documents, queries } = await readBeir(join(data, name));
  const every = Math.ceil(queries.length / 100);
  return { documents, queries: queries.filter((_, index) => index % every === 0) };
}

/** Each breaks one thing in a pipeline that works. */
interface Fault {
  readonly cause: MissCause;
  /** Whether a miss is of its making, as the scores tell. */
  readonly acted?: (values: Readonly<Record<string, number>>) => boolean;
  readonly documents?: (documents: readonly SourceDocument[]) => readonly SourceDocument[];
  readonly queries?: (queries: readonly EvalQuery[]) => readonly EvalQuery[];
  readonly options?: RetrieverOptions;
  readonly evaluation?: EvaluateOptions;
  readonly chunker?: (all: Labelled) => Chunker;
  readonly wrap?: (retriever: Retriever, all: Labelled) => Retriever;
}

/** Of the answers that stand in a document. */
function middlesIn(id: string, queries: readonly EvalQuery[]): readonly number[] {
  const spans = queries.flatMap(({ judgments }) =>
    judgments.flatMap(({ documentId, span }) => (span === undefined || id !== documentId ? [] : span)),
  );
  return [...new Set(spans.map(({ start, end }) => (start + end) >> 1))].toSorted((a, b) => a - b);
}

const chunker = recursive({ size: 800, overlap: 0.25 });
/** Loses the last third of every chunk; cut blindly, as chunks that fit paragraphs could end in what nobody asks for. */
const lossy: Chunker = async (document) => {
  const pieces = await fixed({ size: 800, overlap: 0 })(document);
  return pieces.map(({ start, end }) => ({ start, end: end - Math.floor((end - start) / 3) }));
};

const faults: readonly Fault[] = [
  { cause: "not-in-corpus", documents: (all) => all.filter((_, index) => index % 3 !== 0) },
  // Deep enough that ranks, which other chunks change too, have no part in it.
  { cause: "lost-by-chunker", options: { chunker: lossy }, evaluation: { topK: 200 } },
  {
    cause: "filtered",
    queries: (all) => all.map((query) => ({ ...query, filter: { part: "another" } })),
  },
  {
    cause: "not-a-candidate",
    wrap: (retriever) => ({
      ...retriever,
      // A leg that finds nothing of what it should.
      search: (query, options) =>
        retriever.search(query.slice(0, Math.ceil(query.length / 6)), { ...options, candidates: 20 }),
    }),
  },
  { cause: "below-topk", evaluation: { topK: 1 } },
  { cause: "demoted-by-reranker", options: { reranker: async (_query, texts) => texts.map((_, index) => index) } },
  {
    cause: "split",
    // Where the first half, a chunk of its own now, is found.
    acted: (values) => (values["spanRecall@budget"] ?? 0) > 0,
    evaluation: { topK: 300 },
    // Cuts through every answer, and the second half does not come.
    chunker:
      ({ documents, queries }) =>
      async (document) => {
        const { id = "" } = documents.find(({ text }) => text === document.text) ?? {};
        const middles = middlesIn(id, queries);
        const pieces = await recursive({ size: 800, overlap: 0 })(document);
        return pieces.flatMap(({ start, end }) => {
          const cuts = [start, ...middles.filter((middle) => middle > start && middle < end), end];
          return cuts.slice(1).map((cut, index) => ({ start: cuts[index] ?? 0, end: cut }));
        });
      },
    wrap: (retriever, { queries }) => ({
      ...retriever,
      async search(query, options) {
        const found = await retriever.search(query, options);
        const { judgments = [] } = queries.find(({ text }) => text === query) ?? {};
        const second = ({ documentId, span }: Chunk): boolean =>
          judgments.some(
            (judgment) =>
              judgment.documentId === documentId &&
              judgment.span !== undefined &&
              (judgment.span.start + judgment.span.end) >> 1 === span.start,
          );
        return { ...found, hits: found.hits.filter(({ chunk }) => !second(chunk)) };
      },
    }),
  },
  {
    cause: "deduplicated",
    wrap: (retriever) => ({
      ...retriever,
      async search(query, options) {
        const found = await retriever.search(query, options);
        return { ...found, hits: found.hits.filter((_, index) => index > 1) };
      },
    }),
  },
  { cause: "dropped-by-budget", evaluation: { budget: { characters: 250 } } },
];

async function missedWith(all: Labelled, fault: Partial<Fault>) {
  const { documents, queries } = all;
  const cut = fault.chunker?.(all) ?? chunker;
  const retriever = createRetriever({ store: memory(), chunker: cut, ...fault.options });
  const marked = documents.map((document) => ({ ...document, metadata: { part: "one" } }));
  await retriever.index(fault.documents?.(marked) ?? marked);
  const searched = fault.wrap?.(retriever, all) ?? retriever;
  const asked = fault.queries?.(queries) ?? queries;
  const { misses, perQuery } = await evaluate(searched, asked, {
    topK: 20,
    budget: { characters: 1_000_000 },
    ...fault.evaluation,
  });
  return { misses, perQuery };
}

describe.each(["generated", "xquad-en", "chroma-chunking"])("seeded faults in %s", (name) => {
  test("are named in at least 95 of 100 misses that they make", { timeout: 300_000 }, async () => {
    if (name !== "generated" && !existsSync(join(data, name))) return console.log(`skipped: no ${join(data, name)}`);
    const all = await labelled(name);
    const sound = await missedWith(all, {});
    const already = new Set(sound.misses.map(({ queryId }) => queryId));
    for (const fault of faults) {
      const { misses, perQuery } = await missedWith(all, fault);
      // One cause for each query that missed, and none for the others.
      const missed = Object.entries(perQuery).filter(([, values]) => values["spanFull@budget"] === 0);
      expect(misses.map(({ queryId }) => queryId)).toEqual(missed.map(([id]) => id));
      const { acted = () => true } = fault;
      const made = misses.filter(({ queryId }) => !already.has(queryId) && acted(perQuery[queryId] ?? {}));
      const right = made.filter(({ cause }) => cause === fault.cause);
      const others = made
        .filter(({ cause }) => cause !== fault.cause)
        .map(({ cause, detail }) => `${cause}: ${detail}`);
      expect(made.length, `${fault.cause} makes misses`).toBeGreaterThan(5);
      expect(right.length / made.length, `${fault.cause}\n${others.slice(0, 5).join("\n")}`).toBeGreaterThanOrEqual(
        0.95,
      );
    }
  });
});
