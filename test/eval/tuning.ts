import { randomBits } from "../../src/eval/random.ts";
import type { EvalQuery } from "../../src/eval/index.ts";
import type { Embedder, Reranker, SourceDocument } from "../../src/index.ts";

/** A corpus with one fact in each paragraph, and a question for each. */
export interface Collection {
  readonly documents: readonly SourceDocument[];
  readonly queries: readonly EvalQuery[];
}

const words = "amber basin cedar delta ember fjord grove haven inlet joust knoll ledge marsh north ocean plain".split(
  " ",
);

export function collection(options: {
  readonly documents: number;
  readonly facts: number;
  readonly seed?: number;
  /** Asks by words that other facts have too. */
  readonly vague?: boolean;
}): Collection {
  const next = randomBits(options.seed ?? 1);
  const some = (count: number): string => Array.from({ length: count }, () => words[next() % words.length]).join(" ");
  const documents: SourceDocument[] = [];
  const queries: EvalQuery[] = [];
  for (let number = 0; number < options.documents; number++) {
    const id = `d${number}`;
    let text = "";
    for (let fact = 0; fact < options.facts; fact++) {
      const [name, value] = [`thing${number}x${fact}`, `value${next() % 997}`];
      text += `${some(12)}. `;
      const sentence = `The ${name} of the ${some(2)} is ${value} and ${some(3)}.`;
      const start = text.length;
      text += `${sentence} ${some(14)}.\n\n`;
      queries.push({
        id: `${id}-${fact}`,
        text:
          options.vague === true
            ? sentence
                .split(" ")
                .filter((word) => !/\d/.test(word))
                .join(" ")
            : `what is ${name} ${some(2)}`,
        judgments: [{ documentId: id, span: { start, end: start + sentence.length } }],
      });
    }
    documents.push({ id, text });
  }
  return { documents, queries };
}

/** A vector of letters' counts: cheap, deterministic, of some use. */
export function lettersEmbedder(): Embedder & { readonly embedded: string[] } {
  const embedded: string[] = [];
  return {
    embedded,
    fingerprint: { provider: "test", model: "letters", dimensions: 16 },
    embed: async (texts) =>
      texts.map((text) => {
        embedded.push(text);
        const vector = new Float32Array(16).fill(0.1);
        for (let at = 0; at < text.length; at++) {
          const slot = (text.charCodeAt(at) * 7 + (text.charCodeAt(at + 1) || 0)) % 16;
          vector[slot] = (vector[slot] ?? 0) + 1;
        }
        return vector;
      }),
  };
}

/** Shared words, the last letters first: another order than any leg's. */
export const tailReranker: Reranker = Object.assign(
  async (query: string, texts: readonly string[]) =>
    texts.map((text) => {
      const asked = new Set(query.split(" "));
      return text.split(/\s+/).filter((word) => asked.has(word)).length + (text.charCodeAt(text.length - 2) % 7) / 10;
    }),
  { fingerprint: "tail" },
);
