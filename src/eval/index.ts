/** groundline/eval: whether retrieval works, in numbers that can be trusted. */

export { calibrate, type CalibrateOptions, type CalibrationReport } from "./calibrate.ts";
export type { Calibration } from "../retriever-types.ts";
export { compare, holm, type CompareOptions, type Comparison } from "./compare.ts";
export {
  counterfactuals,
  type Counterfactual,
  type CounterfactualOptions,
  type CounterfactualReport,
} from "./counterfactuals.ts";
export type { Cost, Prices } from "./cost.ts";
export { evaluate, type EvaluateOptions, type Evaluation, type Latency } from "./evaluate.ts";
export { gapsOf, type AnswerVerdict, type Gaps } from "./gaps.ts";
export { contaminatedBy, generateQueries, type GenerateOptions, type GeneratedSet } from "./generate.ts";
export {
  modelQueries,
  sentenceQueries,
  titleQueries,
  type AskedPassage,
  type Draft,
  type QueryGenerator,
} from "./generators.ts";
export type { EvalQuery, Judgment } from "./judgments.ts";
export { measure, type Measurement, type Metric, type Qrels, type Run } from "./measure.ts";
export type { Miss, MissCause } from "./misses.ts";
export { formatReview, parseReview } from "./review-file.ts";
export { formatQrels, formatRun, parseQrels, parseRun, type RunFormat } from "./run-files.ts";
export { spanScores, withinBudget, type Budget, type DocumentSpan, type Passage, type SpanScores } from "./spans.ts";
export { tune } from "./tune.ts";
export type {
  Challenger,
  TuneOptions,
  TuningCache,
  TuningChoice,
  TuningProgress,
  TuningReport,
  TuningRow,
  TuningSpace,
} from "./tuning-types.ts";
