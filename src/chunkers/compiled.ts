/** Longest text, in characters, that functions are kept for. */
const LONGEST = 1_000_000;

/** The last of each kind. */
const last = new Map<string, unknown>();

/**
 * Keeps functions that were made for one text until there are some for the next.
 *
 * V8 throws compiled code away, with the next full collection, once no function is left that has it. Between two texts none
 * would be: what cuts them would be compiled again and again.
 */
export function keepCompiled(kind: string, text: string, functions: unknown): void {
  if (text.length <= LONGEST) last.set(kind, functions);
}
