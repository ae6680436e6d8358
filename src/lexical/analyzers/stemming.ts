import { folded } from "./folding.ts";

export interface Stemming {
  /** Separated by spaces. */
  readonly stopWords: string;
  readonly stem: (word: string) => string;
  /** Letters that a language writes in more than one way, in one. Default: as they are. */
  readonly letters?: (word: string) => string;
  /** Default: Unicode's lower case without locale. */
  readonly lower?: (word: string) => string;
}

/** For `wordAnalyzer`: the stem of a word, or "" for a stop word. */
export function stemming({ stopWords, stem, letters = same, lower }: Stemming): (word: string) => string {
  const stop = new Set(stopWords.split(" ").map((word) => letters(folded(word, lower))));
  return (word) => {
    const spelled = letters(word);
    // A stemmer may leave nothing of a word that is all suffix.
    return stop.has(spelled) ? "" : stem(spelled) || spelled;
  };
}

const same = (word: string): string => word;
