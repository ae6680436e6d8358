import { ConfigError, shown } from "./errors.ts";

export type PartKind = "metadata" | "store" | "embedder" | "analyzer" | "lexical" | "chunker" | "fusion" | "reranker";

/** The type of a value, or what an object has. */
type Shape = "function" | "string" | "number" | { readonly [key: string]: Shape };

/** How errors call the parts of a retriever, and what these are told by. */
const parts: Readonly<Record<PartKind, readonly [expected: string, shape: Shape]>> = {
  metadata: ["a zod schema or another Standard Schema", { "~standard": { validate: "function" } }],
  store: ["a Store, such as memory()", { prepare: "function", replace: "function" }],
  embedder: [
    "an Embedder: embed() and a fingerprint { provider, model, dimensions }",
    { embed: "function", fingerprint: { provider: "string", model: "string", dimensions: "number" } },
  ],
  analyzer: ["an Analyzer, such as english(): terms() and a fingerprint", { terms: "function", fingerprint: "string" }],
  lexical: [
    "a LexicalIndex, such as wink(), or false",
    { replace: "function", search: "function", fingerprint: "string" },
  ],
  chunker: ["a Chunker, such as recursive()", "function"],
  fusion: ["a Fusion, such as convex()", "function"],
  reranker: ["a Reranker, such as cohereReranker()", "function"],
};

function fits(value: unknown, shape: Shape): boolean {
  if (typeof shape === "string") return typeof value === shape;
  const given = Object(value) as Readonly<Record<string, unknown>>;
  return Object.entries(shape).every(([key, inner]) => fits(given[key], inner));
}

/** Functions of ours that make functions, by name and number of arguments: given instead of what they make, they were not called. */
const makers = /^((recursive|sentences|fixed|markdown|html|convex|rrf|dbsf)0|(smallToBig|cohereReranker)1)$/;

/** Refuses what is no such part. `name` is how the option is called. */
export function expectPart(kind: PartKind, part: unknown, name: string = kind): void {
  const [expected, shape] = parts[kind];
  const isFunction = typeof part === "function";
  if (fits(part, shape) && !(isFunction && makers.test(part.name + part.length) && !("fingerprint" in part))) return;
  const hint = isFunction ? `; call it${part.name && `: ${part.name}()`}` : "";
  throw new ConfigError(`${name}: expected ${expected}, received ${shown(part)}${hint}`);
}

/** The same for those that are given, among other options. */
export function expectParts(options: Readonly<Partial<Record<PartKind, unknown>>>): void {
  for (const kind of Object.keys(parts) as PartKind[]) {
    if (options[kind] !== undefined) expectPart(kind, options[kind]);
  }
}
