import { afterEach, describe, expect, test, vi } from "vitest";
import { rejection } from "../rejection.ts";
import { untyped } from "../untyped.ts";

// What a module has loaded stays loaded, so each test imports a copy of its own.
const fresh = async () => {
  vi.resetModules();
  return import("../../adapters/tokens.ts");
};

const mocked = ["tiktoken/encoders/cl100k_base", "tiktoken/encoders/gpt2", "@huggingface/tokenizers"];
afterEach(() => {
  for (const name of mocked) vi.doUnmock(name);
  vi.resetModules();
});
const missing = (): never => {
  throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
};

describe("encodings of tiktoken", () => {
  test("are read once", async () => {
    const { cl100k, encoding, o200k } = await fresh();
    expect(await cl100k()).toBe(await cl100k());
    expect(await cl100k()).toBe(await encoding("cl100k_base"));
    expect((await o200k()).name).toBe("o200k_base");
  });

  test("say what to install where the package is missing, and are tried again", async () => {
    vi.doMock("tiktoken/encoders/cl100k_base", missing);
    const { cl100k } = await fresh();
    const error = await rejection(cl100k());
    expect(error).toMatchObject({ name: "ConfigError", code: "config" });
    expect(String(error)).toContain("npm install tiktoken");
    expect(error).toHaveProperty("cause");

    vi.doUnmock("tiktoken/encoders/cl100k_base");
    expect((await cl100k()).count("hello world")).toBe(2);
  });

  test("of a package that holds something else are refused", async () => {
    vi.doMock("tiktoken/encoders/cl100k_base", () => ({ default: { pat_str: "." } }));
    const { cl100k } = await fresh();
    expect(String(await rejection(cl100k()))).toContain("does not hold cl100k_base");
  });

  test("with a pattern that is not known are refused", async () => {
    vi.doMock("tiktoken/encoders/gpt2", () => ({ default: { pat_str: String.raw`\w+`, bpe_ranks: "! 0 IQ==" } }));
    const { encoding } = await fresh();
    expect(String(await rejection(encoding("gpt2")))).toContain(String.raw`not known: \w+`);
  });

  test.each(["cl100k", "toString", "__proto__", undefined, 5])("are not called %s", async (name) => {
    const { encoding } = await fresh();
    const error = await rejection(encoding(untyped(name)));
    expect(error).toMatchObject({ name: "ConfigError" });
    expect(String(error)).toContain("cl100k_base, o200k_base, p50k_base, p50k_edit, r50k_base, gpt2");
  });
});

describe("huggingFace", () => {
  /** As much of a WordPiece model as the calls below need, with the signature of the package. */
  class Tokenizer {
    readonly words: readonly string[];
    constructor(tokenizer: { model?: { words: readonly string[] } }, config: object) {
      if (typeof config !== "object") throw new Error("Config must be a valid object");
      if (tokenizer.model === undefined) throw new Error('Tokenizer must contain a "model" property');
      this.words = tokenizer.model.words;
    }
    encode(text: string, { add_special_tokens = true } = {}) {
      const ids = text.split(" ").map((word) => this.words.indexOf(word));
      return { ids: add_special_tokens ? [101, ...ids, 102] : ids };
    }
  }
  const options = { name: "tiny", tokenizer: { model: { words: ["zero", "one"] } } };

  test("counts without the tokens around a text", async () => {
    vi.doMock("@huggingface/tokenizers", () => ({ Tokenizer }));
    const { huggingFace } = await fresh();
    const tokenizer = await huggingFace(options);
    expect(tokenizer.name).toBe("tiny");
    expect(tokenizer.count("one zero one")).toBe(3);
    expect(tokenizer.encode?.("one zero one")).toEqual([1, 0, 1]);
  });

  test("takes special tokens in a text for ordinary text, with the package itself", async () => {
    vi.doUnmock("@huggingface/tokenizers");
    const { huggingFace } = await fresh();
    const vocab = { "[UNK]": 0, "[CLS]": 1, "[": 2, CLS: 3, "]": 4, one: 5 };
    const special = (content: string, id: number): object => ({ id, content, special: true, normalized: false });
    const tokenizer = await huggingFace({
      name: "words",
      tokenizer: {
        version: "1.0",
        added_tokens: [special("[UNK]", 0), special("[CLS]", 1)],
        normalizer: null,
        pre_tokenizer: { type: "Whitespace" },
        post_processor: null,
        decoder: null,
        model: { type: "WordLevel", vocab, unk_token: "[UNK]" },
      },
    });
    expect(tokenizer.encode?.("one [CLS] one")).toEqual([5, 2, 3, 4, 5]);
    expect(tokenizer.count("[CLS]")).toBe(3);
  });

  test("says what to install where the package is missing", async () => {
    vi.doMock("@huggingface/tokenizers", missing);
    const { huggingFace } = await fresh();
    const error = await rejection(huggingFace(options));
    expect(error).toMatchObject({ name: "ConfigError" });
    expect(String(error)).toContain("npm install @huggingface/tokenizers");
  });

  test("says what a file lacks", async () => {
    vi.doMock("@huggingface/tokenizers", () => ({ Tokenizer }));
    const { huggingFace } = await fresh();
    const error = await rejection(huggingFace({ name: "tiny", tokenizer: {} }));
    expect(error).toMatchObject({ name: "ConfigError" });
    expect(String(error)).toContain(`"tiny"`);
    expect(String(error)).toContain(`must contain a "model" property`);
  });

  test.each([
    ["name", { ...options, name: "" }],
    ["name", { ...options, name: undefined }],
    ["tokenizer", { ...options, tokenizer: "{}" }],
    ["tokenizer", { ...options, tokenizer: null }],
    ["config", { ...options, config: "{}" }],
  ])("refuses a wrong %s before it loads anything", async (option, wrong) => {
    vi.doMock("@huggingface/tokenizers", missing);
    const { huggingFace } = await fresh();
    const error = await rejection(huggingFace(untyped(wrong)));
    expect(error).toMatchObject({ name: "ConfigError" });
    expect(String(error)).toContain(`huggingFace.${option}: expected`);
  });
});
