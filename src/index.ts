export { code } from "./chunkers/code.ts";
export { fixed } from "./chunkers/fixed.ts";
export { html } from "./chunkers/html.ts";
export { markdown } from "./chunkers/markdown.ts";
export { recursive } from "./chunkers/recursive.ts";
export { semantic } from "./chunkers/semantic.ts";
export { sentences } from "./chunkers/sentences.ts";
export { smallToBig } from "./chunkers/small-to-big.ts";
export { csv } from "./readers/csv.ts";
export { jsonLines } from "./readers/json-lines.ts";
export { split } from "./chunkers/split.ts";
export { splitStream } from "./chunkers/split-stream.ts";
export {
  AdapterError,
  ConfigError,
  DocumentError,
  FilterError,
  FingerprintError,
  MetadataError,
  PartialIndexError,
  RetrievalError,
  ScopeError,
  SnapshotError,
  TimeoutError,
  UnsupportedError,
} from "./errors.ts";
export { matches } from "./filter/matches.ts";
export { parseFilter } from "./schema/json-filter.ts";
export { convex, dbsf, rrf } from "./fusion.ts";
export { codeTerms } from "./lexical/analyzers/code-terms.ts";
export { english } from "./lexical/analyzers/english.ts";
export { lucene } from "./lexical/analyzers/lucene.ts";
export { unicode } from "./lexical/analyzers/unicode.ts";
export { withSynonyms, withTermFilter } from "./lexical/analyzers/wrapped.ts";
export { saturate } from "./lexical/terms.ts";
export { createRetriever } from "./retriever.ts";
export { copy } from "./retriever/copy.ts";
export { checkSpec, evaluateFilter } from "./store-parts.ts";
export { memory } from "./stores/memory.ts";
export { memoryFromBytes } from "./stores/memory-from-bytes.ts";

export type { CodeOptions } from "./chunkers/code.ts";
export type { CodeParser, SyntaxPart } from "./chunkers/code/tree.ts";
export type { CsvOptions } from "./readers/csv.ts";
export type { JsonLinesOptions } from "./readers/json-lines.ts";
export type { RowDocument, RowOptions, RowPlace, TextSource } from "./readers/rows.ts";
export type { MarkdownOptions } from "./chunkers/markdown.ts";
export type { ChunkerOptions } from "./chunkers/options.ts";
export type { SemanticOptions } from "./chunkers/semantic.ts";
export type { ErrorCode } from "./errors.ts";
export type { CopyOptions, CopyProgress, CopyReport } from "./retriever/copy.ts";
export type { AnyFilter, ArrayTests, Filter, ScalarTests, Test } from "./filter/language.ts";
export type {
  Calibration,
  Citation,
  Closable,
  Degradation,
  Documents,
  ErrorRate,
  Hit,
  IndexOptions,
  IndexProgress,
  LegScore,
  Retriever,
  RetrieverOptions,
  RootRetriever,
  Searchable,
  SearchOptions,
  SearchResult,
  Staged,
  TenantRetriever,
  Timings,
} from "./retriever-types.ts";
export type { LatentOptions } from "./stores/latent-options.ts";
export type { MemoryAdvice } from "./stores/advice.ts";
export type { AdviceOptions, MemoryStore } from "./stores/memory.ts";
export type { MemoryOptions } from "./stores/memory-options.ts";
export type { InputOf, MetadataSchema, OutputOf, SchemaResult, StandardSchema } from "./schema/standard-schema.ts";
export type {
  Analyzer,
  CallOptions,
  Candidate,
  Chunk,
  Chunker,
  ChunkWrite,
  Embedder,
  Field,
  FieldKind,
  FieldValue,
  FilterTree,
  Fusion,
  IndexReport,
  IndexSpec,
  LexicalIndex,
  LexicalSpec,
  Metadata,
  Piece,
  PortOptions,
  Replacement,
  Reranker,
  Scope,
  SourceDocument,
  Span,
  Store,
  StoreAnswer,
  StoredChunk,
  StoredMetadata,
  StoredValue,
  StoreQuery,
  Terms,
  Tokenizer,
} from "./types.ts";
