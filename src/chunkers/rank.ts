/** How strongly a text falls apart somewhere, weakest first. */
export const GRAPHEME = 0;
export const WORD = 1;
export const CLAUSE = 2;
export const SENTENCE = 3;
export const LINE = 4;
export const PARAGRAPH = 5;
