import { ConfigError, FilterError, unexpected, UnsupportedError } from "../errors.ts";
import { compileFilter } from "../filter/compile.ts";
import { callOptions, checkOptions, expectType, wholeNumber } from "../options.ts";
import type { Parts } from "../scope/parts.ts";
import type { SearchOptions } from "../retriever-types.ts";
import type { FilterTree } from "../types.ts";

/** A search as it was asked for, checked and with the defaults filled in: nothing below reads options. */
export interface SearchRequest {
  readonly query: string;
  readonly topK: number;
  readonly candidates: number;
  readonly filter: FilterTree | undefined;
  readonly legs: { readonly dense: boolean; readonly lexical: boolean };
  readonly rerank: { readonly candidates: number; readonly onFailure: "degrade" | "throw" } | undefined;
  readonly minScore: { readonly dense?: number; readonly lexical?: number; readonly rerank?: number };
  readonly explain: boolean;
  readonly trace: boolean;
  readonly confidence: boolean;
}

const defaultTopK = 10;
const defaultCandidates = 100;
const defaultRerankCandidates = 50;

/** Everything that can be wrong with a call, found before any I/O. */
export function searchRequest<M>(query: unknown, options: SearchOptions<M>, parts: Parts): SearchRequest {
  if (typeof query !== "string") throw unexpected("search", "the query to be a string", query);
  checkOptions("search", options, [
    "topK",
    "candidates",
    "filter",
    "mode",
    "rerank",
    "minScore",
    "explain",
    "trace",
    "confidence",
    "calibration",
    ...callOptions,
  ]);
  const topK = wholeNumber("topK", options.topK, 1, defaultTopK);
  const legs = legsFor(options.mode, parts);
  const rerank = rerankFor(options.rerank, topK, parts);
  const { minScore = {}, explain = false, trace = false } = options;
  checkOptions("minScore", minScore, ["dense", "lexical", "rerank"]);
  const has = { ...legs, rerank: rerank !== undefined };
  for (const stage of ["dense", "lexical", "rerank"] as const) {
    const least = minScore[stage];
    if (least === undefined) continue;
    if (!Number.isFinite(least)) throw unexpected(`minScore.${stage}`, "a finite number", least);
    if (!has[stage]) throw new ConfigError(`minScore.${stage}: this search has no ${stage} score`);
  }
  for (const name of ["explain", "trace", "confidence"] as const) expectType(name, options[name], "boolean");
  if (explain) {
    if (!legs.lexical) throw new ConfigError("explain: this search has no lexical leg");
    if (parts.lexical !== "store") throw new UnsupportedError("explain: a lexical index of its own tells no terms");
  }
  const confidence = isCalibration(options.calibration) || options.confidence === true;
  if (confidence && legs.lexical && parts.lexical !== "store")
    throw new UnsupportedError("confidence: a lexical index of its own tells no terms");
  if (confidence && legs.dense && parts.embedder?.metric === "euclidean")
    throw new UnsupportedError("confidence: it is made of cosines, and this embedder has distances");
  return {
    query,
    topK,
    candidates: Math.max(topK, wholeNumber("candidates", options.candidates, 1, defaultCandidates)),
    filter: options.filter === undefined ? undefined : filterFor(options.filter, parts),
    legs,
    rerank,
    minScore,
    explain,
    trace,
    confidence,
  };
}

function isCalibration(calibration: unknown): boolean {
  if (calibration === undefined) return false;
  const { fingerprint, threshold } = Object(calibration) as Readonly<Record<string, unknown>>;
  if (typeof fingerprint === "string" && Number.isFinite(threshold)) return true;
  throw unexpected("calibration", "what calibrate() gave", calibration);
}

/** `undefined` is no filter; `null` would be a filter that got lost. */
export function filterFor(filter: unknown, { shape }: Parts): FilterTree {
  if (filter === null)
    throw new FilterError("", "expected a filter object, received null; leave it out to filter nothing");
  return compileFilter(filter, shape);
}

function legsFor(mode: unknown, { lexical, denseWeight }: Parts): SearchRequest["legs"] {
  const there = { dense: denseWeight !== undefined, lexical: lexical !== "none" };
  if (mode === undefined) return there;
  if (mode !== "hybrid" && mode !== "dense" && mode !== "lexical") {
    throw unexpected("mode", '"hybrid", "dense" or "lexical"', mode);
  }
  const legs = { dense: mode !== "lexical", lexical: mode !== "dense" };
  if (legs.dense && !there.dense) throw new ConfigError(`mode: "${mode}" needs a dense leg; configure an embedder`);
  if (legs.lexical && !there.lexical)
    throw new ConfigError(`mode: "${mode}" needs a lexical leg; \`lexical: false\` turned it off`);
  return legs;
}

function rerankFor(option: SearchOptions["rerank"], topK: number, { reranker }: Parts): SearchRequest["rerank"] {
  if (option === false || (option === undefined && reranker === undefined)) return undefined;
  if (reranker === undefined) throw new ConfigError("rerank: there is no reranker; configure one");
  const settings = option === undefined || option === true ? {} : option;
  checkOptions("rerank", settings, ["candidates", "onFailure"]);
  const { onFailure = "degrade" } = settings;
  if (onFailure !== "degrade" && onFailure !== "throw") {
    throw unexpected("rerank.onFailure", '"degrade" or "throw"', onFailure);
  }
  const candidates = wholeNumber("rerank.candidates", settings.candidates, 1, defaultRerankCandidates);
  return { candidates: Math.max(topK, candidates), onFailure };
}
