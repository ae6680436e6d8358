import { ConfigError, unexpected } from "../src/errors.ts";
import { bytePairTokenizer } from "../src/tokens/byte-pair-tokenizer.ts";
import type { PretokenTokenizer } from "../src/tokens/pretokens.ts";

export { fromCount } from "../src/tokens/from-count.ts";
export { tokenSpans } from "../src/tokens/token-spans.ts";
export type { Pretokens, PretokenTokenizer } from "../src/tokens/pretokens.ts";
export { huggingFace } from "./tokens/hugging-face.ts";
export type { HuggingFaceOptions } from "./tokens/hugging-face.ts";

/** An encoding whose ranks the package `tiktoken` holds. */
export type EncodingName = "cl100k_base" | "o200k_base" | "p50k_base" | "p50k_edit" | "r50k_base" | "gpt2";

/**
 * Tokens of the text-embedding-3 models, text-embedding-ada-002, GPT-4 and GPT-3.5.
 *
 * Exactly what tiktoken's `encode_ordinary` yields: a special token such as `<|endoftext|>` is ordinary text. Needs the
 * package `tiktoken` for its ranks; nothing is fetched. They are read once: about 0.3 s and 13 MB.
 */
export function cl100k(): Promise<PretokenTokenizer> {
  return once("cl100k_base", importCl100k);
}

/** Tokens of GPT-5, GPT-4.1, GPT-4o and the o-series models. As `cl100k`; about 0.5 s and 21 MB. */
export function o200k(): Promise<PretokenTokenizer> {
  return once("o200k_base", importO200k);
}

/** Tokens of any encoding that the package `tiktoken` holds, older ones among them. As `cl100k`. */
export async function encoding(name: EncodingName): Promise<PretokenTokenizer> {
  const importRanks = new Map<string, () => Promise<unknown>>([
    ["cl100k_base", importCl100k],
    ["o200k_base", importO200k],
    ["p50k_base", () => import("tiktoken/encoders/p50k_base").catch(notInstalled)],
    ["p50k_edit", () => import("tiktoken/encoders/p50k_edit").catch(notInstalled)],
    ["r50k_base", () => import("tiktoken/encoders/r50k_base").catch(notInstalled)],
    ["gpt2", () => import("tiktoken/encoders/gpt2").catch(notInstalled)],
  ]);
  const chosen = importRanks.get(name);
  if (chosen === undefined) {
    throw unexpected("encoding.name", `one of ${[...importRanks.keys()].join(", ")}`, name);
  }
  return once(name, chosen);
}

// Literal imports, each with its own catch: a bundler then takes only what is used, and none of it where it is missing.
// Without an extension they lead to CommonJS in Node.js and to ECMAScript modules elsewhere; JSON would need an attribute.
const importCl100k = (): Promise<unknown> => import("tiktoken/encoders/cl100k_base").catch(notInstalled);
const importO200k = (): Promise<unknown> => import("tiktoken/encoders/o200k_base").catch(notInstalled);

function notInstalled(cause: unknown): never {
  throw new ConfigError(
    "groundline/tokens needs the package tiktoken, which could not be loaded: npm install tiktoken",
    { cause },
  );
}

const tokenizers = new Map<EncodingName, Promise<PretokenTokenizer>>();

/** One copy of the tables, however often it is asked for. A failure is not kept. */
function once(name: EncodingName, importRanks: () => Promise<unknown>): Promise<PretokenTokenizer> {
  let tokenizer = tokenizers.get(name);
  if (tokenizer === undefined) {
    tokenizer = load(name, importRanks);
    tokenizers.set(name, tokenizer);
    tokenizer.catch(() => tokenizers.delete(name));
  }
  return tokenizer;
}

async function load(name: EncodingName, importRanks: () => Promise<unknown>): Promise<PretokenTokenizer> {
  const module = (await importRanks()) as {
    readonly default?: { readonly pat_str?: unknown; readonly bpe_ranks?: unknown };
  };
  const { pat_str, bpe_ranks } = module.default ?? {};
  if (typeof pat_str !== "string" || typeof bpe_ranks !== "string") {
    throw new ConfigError(`The installed tiktoken does not hold ${name} as its version 1.0 does.`);
  }
  return bytePairTokenizer(name, { pat_str, bpe_ranks });
}
