/** Longest text, in characters, that functions are kept for. */
const LONGEST = 1_000_000;

/** The last ones. */
const kept: { functions?: unknown } = {};

/**
 * Keeps what has functions that were made for one text until there is some for the next.
 *
 * V8 throws compiled code away, with the next full collection, once no function is left that has it. Between two texts none
 * would be: what cuts them would be compiled again and again.
 */
export function keepCompiled(text: string, functions: unknown): void {
  if (text.length <= LONGEST) kept.functions = functions;
}
