/** How many characters on either side decide it. */
const CONTEXT = 8;
/** One break in so many is an anchor. */
const EVERY = 6;

/** A number for the characters around a break, as good as random: the same text has the same one wherever it stands. */
export function markOf(text: string, end: number, next: number): number {
  const before = hash(text, Math.max(0, end - CONTEXT), end, 0x811c9dc5);
  const around = hash(text, next, Math.min(text.length, next + CONTEXT), before);
  // Finalised as in MurmurHash3, for marks are compared by size.
  const once = Math.imul(around ^ (around >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  // 31 bits: integers of that size are kept without a box.
  return (twice ^ (twice >>> 16)) >>> 1;
}

/** Whether a break is one to prefer among its equals, so that two runs that are out of step meet. */
export function isAnchor(mark: number): boolean {
  return mark % EVERY === 0;
}

/** FNV-1a, by UTF-16 unit. */
function hash(text: string, start: number, end: number, seed: number): number {
  let value = seed;
  for (let position = start; position < end; position++) {
    value = Math.imul(value ^ text.charCodeAt(position), 0x01000193);
  }
  return value;
}
