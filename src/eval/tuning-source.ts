import { fixed } from "../chunkers/fixed.ts";
import { html } from "../chunkers/html.ts";
import { markdown } from "../chunkers/markdown.ts";
import { recursive } from "../chunkers/recursive.ts";
import { sentences } from "../chunkers/sentences.ts";
import type { TuneOptions, TuningChoice } from "./tuning-types.ts";

const builtIn: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [recursive, "recursive"],
  [sentences, "sentences"],
  [fixed, "fixed"],
  [markdown, "markdown"],
  [html, "html"],
]);

/** A combination as code to paste. What came in `base` and in `space.chunker` is named, not printed. */
export function sourceOf(choice: TuningChoice, { base, space }: Pick<TuneOptions, "base" | "space">): string {
  const { chunker, size, overlap, topK, candidates, denseWeight, k1, b, rerank } = choice;
  const made = builtIn.get(space?.chunker === undefined ? recursive : space.chunker[chunker]);
  const imports = [...(denseWeight === undefined ? [] : ["convex"]), "createRetriever", ...(made ? [made] : [])];
  const called = made ?? `space.chunker[${JSON.stringify(chunker)}]`;
  const parts = [
    `chunker: ${called}({ size: ${size}, overlap: ${overlap} }),`,
    ...(denseWeight === undefined ? [] : [`fusion: convex({ dense: ${denseWeight} }),`]),
    ...(k1 === undefined && b === undefined
      ? []
      : [`bm25: { ${base?.bm25 === undefined ? "" : "...base.bm25, "}k1: ${k1}, b: ${b} },`]),
  ];
  const kept = base !== undefined && Object.keys(base).length > 0;
  const asked = [
    `topK: ${topK}`,
    `candidates: ${candidates}`,
    ...(rerank === undefined ? [] : [rerank === 0 ? "rerank: false" : `rerank: { candidates: ${rerank} }`]),
  ];
  return [
    `import { ${imports.join(", ")} } from "groundline";`,
    "",
    ...(kept || made === undefined ? [`// ${kept ? "base" : "space"}: what tune() was given.`] : []),
    "const docs = createRetriever({",
    ...(kept ? ["  ...base,"] : []),
    ...parts.map((part) => `  ${part}`),
    "});",
    `const ask = (question: string) => docs.search(question, { ${asked.join(", ")} });`,
  ].join("\n");
}
