import { ConfigError, quoted } from "../src/errors.ts";
import { bytePairTokenizer } from "../src/tokens/byte-pair-tokenizer.ts";
import type { Encoding } from "../src/tokens/byte-pair-tokenizer.ts";
import type { PretokenTokenizer } from "../src/tokens/pretokens.ts";

const loaders = {
  cl100k_base: () => import("tiktoken/encoders/cl100k_base"),
  o200k_base: () => import("tiktoken/encoders/o200k_base"),
  p50k_base: () => import("tiktoken/encoders/p50k_base"),
  p50k_edit: () => import("tiktoken/encoders/p50k_edit"),
  r50k_base: () => import("tiktoken/encoders/r50k_base"),
  gpt2: () => import("tiktoken/encoders/gpt2"),
};
export type EncodingName = keyof typeof loaders;

/** Tokens of GPT-3.5, GPT-4 and the text-embedding-ada-002 and text-embedding-3 models. */
export function cl100k(): Promise<PretokenTokenizer> {
  return encoding("cl100k_base");
}

/** Tokens of GPT-4o, GPT-4.1, GPT-5 and the o-series models. */
export function o200k(): Promise<PretokenTokenizer> {
  return encoding("o200k_base");
}

export async function encoding(name: EncodingName): Promise<PretokenTokenizer> {
  const module: unknown = await loaders[name]();
  return bytePairTokenizer(name, (module as { default: Encoding }).default);
}
