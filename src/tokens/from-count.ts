import { AdapterError, shown, unexpected } from "../errors.ts";
import type { Tokenizer } from "../types.ts";

/**
 * A tokenizer of your own: what `count` returns is checked, what it throws goes through.
 *
 * The name stands for the settings too: chunks are cut anew where it changes.
 *
 * @example fromCount("words", (text) => text.split(/\s+/).filter(Boolean).length)
 */
export function fromCount(name: string, count: (text: string) => number): Tokenizer {
  if (typeof name !== "string" || name === "") {
    throw unexpected("fromCount.name", "a non-empty string", name);
  }
  if (typeof count !== "function") {
    throw unexpected("fromCount.count", "a function", count);
  }
  return {
    name,
    count(text) {
      const tokens = count(text);
      if (Number.isSafeInteger(tokens) && tokens >= 0) return tokens;
      throw new AdapterError(name, `expected the count to be a non-negative integer, received ${shown(tokens)}`);
    },
  };
}
