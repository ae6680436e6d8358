import { ConfigError, quoted, shown, unexpected } from "../errors.ts";
import type { Evaluation } from "./evaluate.ts";
import { expectRecord, expectRecords, expectTable } from "./inputs.ts";
import type { Miss } from "./misses.ts";

/** Wrong answers, parted by what would mend them: retrieval, or the model that answers. */

/** Whether the answer that the user's model gave was right. */
export interface AnswerVerdict {
  readonly queryId: string;
  readonly correct: boolean;
}

/** Ids of queries. Plain JSON. */
export interface Gaps {
  /** Wrong, and the passage was not in the context: better retrieval or more documents mend it, no fine-tuning does. */
  readonly knowledge: { readonly notInCorpus: readonly string[]; readonly notRetrieved: readonly Miss[] };
  /** Wrong although all of the passage was in the context: prompt, model or fine-tuning mend it, no retrieval does. */
  readonly behaviour: readonly string[];
  /** Right with the passage; right without it, from what the model knew or by luck. */
  readonly answered: readonly string[];
  readonly unsupported: readonly string[];
}

/**
 * Parts the wrong answers into a knowledge gap and a behaviour gap.
 *
 * @param evaluation Of a Retriever, with the topK and the budget that the answers were given with.
 */
export function gapsOf(evaluation: Pick<Evaluation, "perQuery" | "misses">, answers: readonly AnswerVerdict[]): Gaps {
  expectRecord("evaluation", evaluation, "an evaluation's perQuery and misses");
  const { perQuery, misses } = evaluation;
  expectTable("evaluation.perQuery", perQuery, "scores by metric");
  expectRecords("evaluation.misses", misses, "{ queryId, cause, detail }");
  expectRecords("answers", answers, "{ queryId, correct }");
  const missed = new Map(misses.map((miss) => [miss.queryId, miss]));
  const notInCorpus: string[] = [];
  const notRetrieved: Miss[] = [];
  const [behaviour, answered, unsupported] = [[], [], []] as [string[], string[], string[]];
  const seen = new Set<string>();
  for (const { queryId, correct } of answers) {
    if (typeof correct !== "boolean") {
      throw unexpected("answers", `correct to be true or false for ${shown(queryId)}`, correct);
    }
    if (typeof queryId !== "string" || !Object.hasOwn(perQuery, queryId) || seen.has(queryId)) {
      throw new ConfigError(
        `answers: expected each to be about one evaluated query, received ${shown(queryId)}${seen.has(queryId) ? " twice" : ""}`,
      );
    }
    seen.add(queryId);
    const miss = missed.get(queryId);
    if (miss === undefined && missedBySpans(perQuery[queryId] ?? {})) {
      throw new ConfigError(
        `evaluation: ${quoted(queryId)} missed and has no cause: evaluate a Retriever, which has get().`,
      );
    }
    if (correct) (miss === undefined ? answered : unsupported).push(queryId);
    else if (miss === undefined) behaviour.push(queryId);
    else if (miss.cause === "not-in-corpus") notInCorpus.push(queryId);
    else notRetrieved.push(miss);
  }
  return { knowledge: { notInCorpus, notRetrieved }, behaviour, answered, unsupported };
}

/** What the answer model was given is the budget's context, where there was a budget. */
function missedBySpans(values: Readonly<Record<string, number>>): boolean {
  const full = Object.keys(values).filter((name) => name.startsWith("spanFull@"));
  const name = full.find((each) => each === "spanFull@budget") ?? full[0];
  return name !== undefined && values[name] === 0;
}
