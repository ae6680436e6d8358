import { standardSettings } from "../chunkers/standard.ts";
import { ConfigError, unexpected } from "../errors.ts";
import { expectParts } from "../expected-part.ts";
import { convex } from "../fusion.ts";
import { english } from "../lexical/analyzers/english.ts";
import { bm25Parameters } from "../lexical/terms.ts";
import { checkOptions, fraction, wholeNumber } from "../options.ts";
import type { RetrieverOptions } from "../retriever-types.ts";
import { metadataShape, type MetadataShape } from "../schema/schema.ts";
import type { MetadataSchema } from "../schema/standard-schema.ts";
import { standardStore } from "../stores/standard-store.ts";
import type { Analyzer, Chunker, Embedder, Fusion, IndexSpec, LexicalIndex, Reranker, Store } from "../types.ts";

/** The parts of a retriever, defaults filled in and checked to fit together. */
export interface Parts {
  readonly schema: MetadataSchema | undefined;
  readonly shape: MetadataShape;
  readonly store: Store;
  /** undefined: `recursive()`, which indexing brings. */
  readonly chunker: Chunker | undefined;
  readonly embedder: Embedder | undefined;
  /** The lexical leg: the store's own, someone else's, or none. */
  readonly lexical: "store" | LexicalIndex | "none";
  readonly analyzer: Analyzer;
  readonly fusion: Fusion;
  /** How much the dense leg weighs by default; undefined where there is no dense leg. */
  readonly denseWeight: number | undefined;
  readonly reranker: Reranker | undefined;
  readonly tenancy: boolean;
  /** undefined: to be measured on the first documents. */
  readonly averageLength: number | undefined;
  /** Without the average length, which may have to be measured first. */
  readonly specFor: (averageLength: number) => IndexSpec;
}

/** With tenancy, and for a corpus without a single term: about what 600 characters of English come to. */
export const fallbackAverageLength = 64;

export function assemble<S extends MetadataSchema, T extends "required" | undefined>(
  options: RetrieverOptions<S, T>,
): Parts {
  checkOptions("createRetriever", options, [
    "metadata",
    "fields",
    "store",
    "chunker",
    "embedder",
    "lexical",
    "bm25",
    "analyzer",
    "fusion",
    "reranker",
    "tenancy",
  ]);
  const { metadata: schema, embedder, reranker, tenancy, chunker, fusion = convex() } = options;
  const { store = standardStore(), analyzer = english() } = options;
  const { bm25 = {} } = options;
  const { k1, b } = bm25Parameters("bm25", bm25, ["averageLength"]);
  const { averageLength } = bm25;
  const lexical = options.lexical === false ? "none" : (options.lexical ?? "store");

  expectParts({ ...options, lexical: options.lexical === false ? undefined : options.lexical });
  if (embedder !== undefined) checkEmbedder(embedder);
  const fusionWeight = fraction("embedder.fusionWeight", embedder?.fusionWeight, 0.5);
  checkOptions("reranker.limits", reranker?.limits, ["items"]);
  if (averageLength !== undefined && !(Number.isFinite(averageLength) && averageLength > 0)) {
    throw unexpected("bm25.averageLength", "a positive number", averageLength);
  }
  if (tenancy !== undefined && tenancy !== "required") {
    throw unexpected("tenancy", '"required" or nothing', tenancy);
  }
  if (embedder !== undefined && store.latent !== undefined) {
    throw new ConfigError("embedder: the store has a latent dense leg; configure one of the two");
  }
  if (lexical === "none" && embedder === undefined && store.latent === undefined) {
    throw new ConfigError("lexical: false leaves no leg to search; configure an embedder");
  }

  const shape = metadataShape(schema, options.fields);
  const cutting = chunker === undefined ? standardSettings.fingerprint : chunker.fingerprint;
  const fingerprint = {
    analyzer: analyzer.fingerprint,
    ...(cutting !== undefined && { chunker: cutting }),
    ...(embedder !== undefined && {
      "embedder.provider": embedder.fingerprint.provider,
      "embedder.model": embedder.fingerprint.model,
    }),
    lexical: typeof lexical === "object" ? lexical.fingerprint : lexical,
  };
  return {
    schema,
    shape,
    store,
    chunker,
    embedder,
    lexical,
    analyzer,
    fusion,
    denseWeight: embedder === undefined ? store.latent?.fusionWeight : fusionWeight,
    reranker,
    tenancy: tenancy === "required",
    averageLength: averageLength ?? (tenancy === "required" ? fallbackAverageLength : undefined),
    specFor: (length) => ({
      fingerprint,
      fields: shape.fields,
      tenancy: tenancy === "required",
      ...(embedder !== undefined && {
        dense: { dimensions: embedder.fingerprint.dimensions, metric: embedder.metric ?? "cosine" },
      }),
      ...((lexical === "store" || store.latent !== undefined) && { lexical: { k1, b, averageLength: length } }),
    }),
  };
}

/** What it says of itself, which the index is made by. */
function checkEmbedder({ fingerprint: { dimensions }, metric = "cosine", limits }: Embedder): void {
  checkOptions("embedder.limits", limits, ["items", "tokens", "bytes", "inputTokens"]);
  wholeNumber("embedder.fingerprint.dimensions", dimensions, 1, dimensions);
  if (metric !== "cosine" && metric !== "dot" && (metric as unknown) !== "euclidean") {
    throw unexpected("embedder.metric", '"cosine", "dot" or "euclidean"', metric);
  }
}
