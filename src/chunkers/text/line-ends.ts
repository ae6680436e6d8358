export const LF = 10;
export const CR = 13;

/** Finds places in one text: the first at or behind a position, the end of the text where there is none. */
export type Finder = (position: number) => number;

/**
 * Finds line breaks, the rare separators of Unicode apart, which are found where sentences are. Fast where it is asked for
 * positions in ascending order, or not far back.
 */
export function lineEndsOf(text: string): Finder {
  const findFeed = finderOf(text, "\n");
  // Without returns, as most texts are, none is looked for again.
  if (!text.includes("\r")) return findFeed;
  const findReturn = finderOf(text, "\r");
  return (position) => Math.min(findFeed(position), findReturn(position));
}

/** Finds one character, likewise. */
export function finderOf(text: string, character: string): Finder {
  /** From one to the other there is none. */
  let from = 0;
  let found = -1;
  return (position) => {
    if (position > found) {
      from = position;
      found = text.indexOf(character, position);
      if (found < 0) found = text.length;
    } else if (position < from) {
      const before = text.slice(position, from).indexOf(character);
      from = position;
      if (before >= 0) found = position + before;
    }
    return found;
  };
}

/** LF, CR, and the separators of lines and paragraphs. */
export function isLineEnd(unit: number): boolean {
  return unit === LF || unit === CR || unit === 0x2028 || unit === 0x2029;
}

/** Line ends from `start` to `end`, counted up to 2. A paragraph separator counts as two. */
export function countLineEnds(text: string, start: number, end: number): number {
  let lines = 0;
  for (let position = start; position < end && lines < 2; position++) {
    const unit = text.charCodeAt(position);
    if (unit === 0x2029) return 2;
    if (isLineEnd(unit) && !(unit === CR && text.charCodeAt(position + 1) === LF)) lines++;
  }
  return lines;
}

/** Looks again only where what was found last is no answer. */
export function remembered(find: Finder): Finder {
  let from = 0;
  let found = -1;
  return (position) => {
    if (position > found || position < from) {
      from = position;
      found = find(position);
    }
    return found;
  };
}
