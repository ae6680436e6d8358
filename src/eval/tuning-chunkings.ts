import { ConfigError, isAdapterError, PartialIndexError } from "../errors.ts";
import { sha256 } from "../indexing/digest.ts";
import { abortable } from "../signal.ts";
import type { Embedder } from "../types.ts";
import type { EvalQuery } from "./judgments.ts";
import type { Budget } from "./spans.ts";
import { cachedEmbedder } from "./tuning-cache.ts";
import { listsOf, weightingOf, type Lists } from "./tuning-lists.ts";
import { paced } from "./tuning-progress.ts";
import { scorerOf, type Scorer } from "./tuning-scores.ts";
import type { Space } from "./tuning-space.ts";
import type { TuneOptions } from "./tuning-types.ts";

/** A way of chunking, as all combinations with it are read. */
interface Searched {
  readonly lists: Lists;
  readonly score: Scorer;
}

/** One that some documents cannot be cut by, a title longer than a chunk being one. */
export interface Unfit {
  readonly label: string;
  readonly failed: PartialIndexError["report"]["failed"];
}

/**
 * Every way of chunking, indexed and searched, or taken from the cache. One that does not fit all documents is left out:
 * scores over fewer documents would compare unlike things. The default has to fit.
 */
export async function searchedChunks(
  options: TuneOptions,
  { chunkings, combinations, topKs, fusion }: Space,
  { queries, budget }: { readonly queries: readonly EvalQuery[]; readonly budget: Budget | undefined },
  signal: AbortSignal,
): Promise<{ readonly all: readonly (Searched | undefined)[]; readonly unfit: readonly Unfit[] }> {
  const { documents, base = {}, cache } = options;
  const hash = cache && sha256(JSON.stringify([documents, queries.map(({ text, filter }) => [text, filter ?? {}])]));
  const parts = base.embedder === undefined ? base : { ...base, embedder: cachedEmbedder(base.embedder, cache) };
  if (parts.embedder !== undefined) await reach(parts.embedder, queries, signal);
  const weightings = [...new Map(combinations.map(({ choice }) => [weightingOf(choice), choice])).values()];
  const depth = Math.max(...topKs, ...combinations.map(({ choice }) => choice.candidates));
  const pace = paced(chunkings.length, documents.length, queries.length, options.onProgress);
  const all: (Searched | undefined)[] = [];
  const unfit: Unfit[] = [];
  for (const [index, { label, chunker }] of chunkings.entries()) {
    const step = pace.next(label);
    const shared = { documents, queries, cache, signal };
    const lists = await listsOf({
      ...shared,
      base: parts,
      chunker,
      weightings: weightings.map(({ k1, b }) => ({ ...(k1 !== undefined && { k1 }), ...(b !== undefined && { b }) })),
      depth,
      hash,
      onProgress: step.update,
    }).catch((error: unknown) => {
      if (index === combinations[0]?.chunking || !misfit(error)) throw error;
      unfit.push({ label, failed: error.report.failed });
      return undefined;
    });
    await step.end();
    all.push(lists && { lists, score: scorerOf({ ...shared, lists, budget, fusion, reranker: base.reranker }) });
  }
  return { all, unfit };
}

/** Before anything is cut: an embedder that cannot be reached, or is set up wrongly, is told by the first query. */
async function reach(embedder: Embedder, queries: readonly EvalQuery[], signal: AbortSignal): Promise<void> {
  const query = queries.find(({ text }) => text.trim() !== "");
  if (query === undefined) return;
  try {
    await abortable(embedder.embed([query.text], { role: "query", signal }), signal);
  } catch (error) {
    // It answers, and may answer otherwise later: for that there are retries.
    if (!isAdapterError(error) || !error.retryable || error.status === undefined) throw error;
  }
}

/** Whether it is the settings of the chunker that failed, and nothing else. */
function misfit(error: unknown): error is PartialIndexError {
  return error instanceof PartialIndexError && error.report.failed.every((each) => each.error instanceof ConfigError);
}
