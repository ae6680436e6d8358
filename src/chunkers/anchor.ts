import type { Break } from "./breaks.ts";

/** One break in this many is an anchor. */
const EVERY = 6;
/** How many characters on either side decide it. */
const CONTEXT = 12;

/**
 * Whether the characters around a break make it one to prefer among its equals. As in content-defined chunking (LBFS,
 * SOSP 2001), two runs that are out of step after an edit both cut at the next anchor, and go on alike.
 */
export function isAnchor(text: string, { end, next }: Break): boolean {
  const before = hash(text, Math.max(0, end - CONTEXT), end, 0x811c9dc5);
  const around = hash(text, next, Math.min(text.length, next + CONTEXT), before);
  return ((around ^ (around >>> 15)) >>> 0) % EVERY === 0;
}

/** FNV-1a, by UTF-16 unit. */
function hash(text: string, start: number, end: number, seed: number): number {
  let value = seed;
  for (let position = start; position < end; position++) {
    value = Math.imul(value ^ text.charCodeAt(position), 0x01000193);
  }
  return value;
}
