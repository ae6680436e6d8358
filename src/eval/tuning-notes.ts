import { quoted } from "../errors.ts";
import { contaminatedBy } from "./generate.ts";
import type { EvalQuery } from "./judgments.ts";
import { neededFor } from "./statistics.ts";
import type { Unfit } from "./tuning-chunkings.ts";
import { ENOUGH, type Choosing } from "./tuning-choice.ts";
import type { TuneOptions, TuningReport } from "./tuning-types.ts";

/** So many times as many queries are no advice. */
const FAR = 20;

interface Tuned {
  readonly documents: TuneOptions["documents"];
  /** Those that count, and how many do not. */
  readonly queries: readonly EvalQuery[];
  readonly left: number;
  /** Whether spans were measured. */
  readonly spans: boolean;
  readonly choosing: Choosing;
  /** Whether the folds are. */
  readonly apart: boolean;
  readonly depths: TuningReport["depths"];
  readonly topK: number;
  readonly unfit: readonly Unfit[];
  readonly skipped: readonly string[];
}

/** What to know about a tuning besides its numbers, each in a sentence. */
export function* notesOf(tuned: Tuned): Generator<string, void, undefined> {
  const { documents, queries, left, spans, choosing, apart, depths, topK, unfit, skipped } = tuned;
  const enough = queries.length >= ENOUGH;
  if (!enough) {
    yield `${queries.length} labelled queries are too few to choose by: below ${ENOUGH} the default is as good a guess, so it stays.`;
  }
  if (enough && choosing.best !== 0 && !choosing.significant) {
    const needed = neededFor(choosing.heldOut, choosing.deviation);
    const advised = choosing.heldOut > 0 && needed < queries.length * FAR;
    const advice = advised ? `; it would take about ${needed} queries to show one of this size` : "";
    yield `The gain of another one is not significant on held-out queries${advice}.`;
  }
  if (!apart) {
    yield "Queries share documents too much to be parted by document: the held-out gain may be flattered by that.";
  }
  if (left > 0) yield `${left} queries without a relevant ${spans ? "span" : "document"} were not counted.`;
  const at = (wanted: number): number | undefined => depths.find((depth) => depth.topK === wanted)?.score;
  const [few, whole] = [at(10), at(topK)];
  if (topK > 10 && few !== undefined && whole !== undefined) {
    const lack = spans ? "do not fill the budget" : "are too few";
    yield `Ten hits ${lack}: ${few.toFixed(3)}, against ${whole.toFixed(3)} with ${topK}.`;
  }
  for (const { label, failed } of unfit) {
    const [first] = failed;
    const cause = first?.error instanceof Error ? first.error.message : "";
    const which = `${failed.length} of ${documents.length} documents, the first being ${quoted(first?.documentId ?? "")}`;
    yield `Left out: ${label}. It does not fit ${which}: ${cause}`;
  }
  if (skipped.length > 0) yield `Left out: ${skipped.join("; ")}. An overlap has to be below the size.`;
  // Queries taken from the text that they are to find flatter whatever matches words.
  const copied = contaminatedBy(documents, queries).length;
  if (copied > 0) {
    yield `${copied} queries copy words of a document they are to find: if they were generated, index what generateQueries gave.`;
  }
}
