import { ConfigError, FingerprintError } from "../errors.ts";
import type { Parts } from "../scope/parts.ts";
import type { Opened } from "../scope/opening.ts";
import type { Calibration, SearchResult } from "../retriever-types.ts";
import type { StoreAnswer } from "../types.ts";
import { ceilingOf } from "./explanation.ts";
import type { Legs } from "./hits.ts";

/** Whether anything here is about the question: one number that means the same for every query of an index. */

interface Asked {
  readonly query: string;
  readonly calibration?: Calibration;
  readonly tenant: string | null;
}

interface FoundLegs extends Legs {
  readonly opened: Opened | undefined;
  readonly statistics?: StoreAnswer["statistics"];
}

type Certainty = Required<Pick<SearchResult, "confidence">> &
  Pick<SearchResult, "answerable"> & { readonly fingerprint?: string };

/**
 * (coverage + cosine) / 2 of the chunk where that is best; where there is one leg, that leg's part alone. Coverage is the
 * chunk's BM25 score as a share of what a chunk with any number of each of the query's terms could have: a term that no
 * chunk has weighs most, so what the corpus does not know speaks against it. What a leg did not find counts 0 there.
 */
export function certaintyOf(found: FoundLegs, { query, calibration, tenant }: Asked, parts: Parts): Certainty {
  const { dense, lexical, opened } = found;
  // Nothing was searched: a blank query, a filter that selects nothing, an index without documents.
  if (opened === undefined) return { confidence: 0, ...(calibration && { answerable: false }) };
  const fingerprint = fingerprintOf(opened, tenant, found);
  const ceiling = ceilingOf(query, found, parts);
  const sums = new Map<string, number>();
  // Rounding may take a cosine beyond 1.
  const most = opened.spec.dense?.metric === "dot" ? Infinity : 1;
  for (const { id, score } of dense ?? []) sums.set(id, Math.min(score, most));
  for (const { id, score } of lexical ?? []) {
    sums.set(id, (sums.get(id) ?? 0) + (ceiling > 0 ? score / ceiling : 0));
  }
  const legs = dense && lexical ? 2 : 1;
  let confidence = 0;
  for (const sum of sums.values()) confidence = Math.max(confidence, sum / legs);
  if (calibration === undefined) return { confidence, fingerprint };
  checkFingerprint(calibration.fingerprint, fingerprint);
  return { confidence, fingerprint, answerable: confidence >= calibration.threshold };
}

type Described = Readonly<Record<string, string | number | boolean | null>>;

/** What the numbers depend on: what the index was built with, whose it is, and which legs were searched. */
function fingerprintOf({ spec }: Opened, tenant: string | null, { dense, lexical }: Legs): string {
  const described: Described = {
    ...spec.fingerprint,
    tenant,
    legs: [dense && "dense", lexical && "lexical"].filter(Boolean).join("+"),
    ...(spec.dense && { "dense.dimensions": spec.dense.dimensions, "dense.metric": spec.dense.metric }),
    // The average length was measured on the index's own documents, so it tells indexes of the same parts apart.
    ...(spec.lexical && {
      "lexical.k1": spec.lexical.k1,
      "lexical.b": spec.lexical.b,
      "lexical.averageLength": spec.lexical.averageLength,
    }),
  };
  return JSON.stringify(described);
}

function checkFingerprint(learnt: string, here: string): void {
  if (learnt === here) return;
  const [before, after] = [parsed(learnt), parsed(here)];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => before[key] !== after[key],
  );
  throw new FingerprintError(
    keys.map((key) => ({ key, stored: before[key], given: after[key] })),
    { what: "The calibration was learned on another index", where: "in that one", advice: "Calibrate on this one." },
  );
}

function parsed(fingerprint: string): Described {
  try {
    const described: unknown = JSON.parse(fingerprint);
    if (typeof described === "object" && described !== null) return described as Described;
  } catch {
    // Refused like all that is none.
  }
  throw new ConfigError("calibration.fingerprint: expected what calibrate() gave");
}
