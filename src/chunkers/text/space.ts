/** White space as `String.prototype.trim` has it, so that "blank" means one thing. */
export function isSpace(unit: number): boolean {
  if (unit <= 0x20) return unit === 0x20 || (unit >= 9 && unit <= 13);
  if (unit < 0xa0) return false;
  return (
    unit === 0xa0 ||
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000 ||
    unit === 0xfeff
  );
}

/** The first position from `start` that is no white space, at most `limit`. */
export function skipSpace(text: string, start: number, limit: number = text.length): number {
  let position = start;
  while (position < limit && isSpace(text.charCodeAt(position))) position++;
  return position;
}

/** The last position up to `end` that follows something else than white space, at least `limit`. */
export function trimEnd(text: string, end: number, limit = 0): number {
  let position = end;
  while (position > limit && isSpace(text.charCodeAt(position - 1))) position--;
  return position;
}
