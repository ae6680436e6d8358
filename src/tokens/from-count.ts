import { AdapterError, ConfigError, shown } from "../errors.ts";
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
    throw new ConfigError(`fromCount: name must be a non-empty string, not ${shown(name)}.`);
  }
  if (typeof count !== "function") {
    throw new ConfigError(`fromCount: count must be a function, not ${shown(count)}.`);
  }
  return {
    name,
    count(text) {
      const tokens = count(text);
      if (Number.isSafeInteger(tokens) && tokens >= 0) return tokens;
      throw new AdapterError(name, `count must return a non-negative integer, not ${shown(tokens)}.`, {
        retryable: false,
      });
    },
  };
}
