/** How strongly a text falls apart somewhere, weakest first. */
export const GRAPHEME = 0;
export const WORD = 1;
export const CLAUSE = 2;
/** A sentence that may go on, because a small letter follows; a heading, which belongs to what is below it. */
export const DOUBTFUL = 3;
export const SENTENCE = 4;
export const LINE = 5;
export const PARAGRAPH = 6;
/** That of no break. A small integer as the others, for which the same is compiled. */
export const NEVER = 7;
