import { ConfigError, quoted, unexpected } from "../../src/errors.ts";
import { checkOptions, expectOptions } from "../../src/options.ts";
import type { Tokenizer } from "../../src/types.ts";

export interface HuggingFaceOptions {
  /** Of the model. Chunks are cut anew where it changes. */
  readonly name: string;
  /** The model's `tokenizer.json`, parsed. */
  readonly tokenizer: object;
  /** The model's `tokenizer_config.json`, parsed. Default: empty. */
  readonly config?: object;
}

/**
 * Tokens of any model that comes with a `tokenizer.json`, by the package `@huggingface/tokenizers`.
 *
 * The tokens that the model puts around a text, such as `[CLS]`, are not counted: leave room for them. The name of a special
 * token inside a text is ordinary text, so it never counts for less than it is where the model is asked. How long a run
 * without a boundary takes is up to the package.
 */
export async function huggingFace(options: HuggingFaceOptions): Promise<Tokenizer> {
  expectOptions("huggingFace", options);
  checkOptions("huggingFace", options, ["name", "tokenizer", "config"]);
  const { name, tokenizer, config = {} } = options;
  if (typeof name !== "string" || name === "") {
    throw unexpected("huggingFace.name", "a non-empty string", name);
  }
  for (const [option, value] of Object.entries({ tokenizer, config })) {
    if (typeof value === "object" && value !== null) continue;
    throw unexpected(`huggingFace.${option}`, "the parsed JSON", value);
  }
  const { Tokenizer } = await import("@huggingface/tokenizers").catch(notInstalled);
  let model: InstanceType<typeof Tokenizer>;
  try {
    model = new Tokenizer(withoutSpecialTokens(tokenizer), config);
  } catch (cause) {
    throw new ConfigError(`huggingFace.tokenizer: ${quoted(name)} cannot be made: ${String(cause)}`, {
      cause,
    });
  }
  const encode = (text: string): readonly number[] => model.encode(text, { add_special_tokens: false }).ids;
  return { name, count: (text) => encode(text).length, encode };
}

/** The one for what is unknown stays: the model refers to it. */
function withoutSpecialTokens(tokenizer: TokenizerFile): object {
  const { added_tokens: added, model } = tokenizer;
  if (!Array.isArray(added)) return tokenizer;
  const ordinary = added.filter((token) => token?.special !== true || token.content === model?.unk_token);
  return { ...tokenizer, added_tokens: ordinary };
}

/** What is read here of a `tokenizer.json`. */
interface TokenizerFile {
  readonly added_tokens?: readonly ({ readonly special?: unknown; readonly content?: unknown } | null)[];
  readonly model?: { readonly unk_token?: unknown } | null;
}

function notInstalled(cause: unknown): never {
  throw new ConfigError(
    "huggingFace needs the package @huggingface/tokenizers, which could not be loaded: npm install @huggingface/tokenizers",
    { cause },
  );
}
