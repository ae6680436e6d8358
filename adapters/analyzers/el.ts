import { stemmer } from "@orama/stemmers/greek";
import { stemming } from "../../src/lexical/analyzers/stemming.ts";
import { wordAnalyzer } from "../../src/lexical/analyzers/words.ts";
import type { Analyzer } from "../../src/types.ts";

/** Greek words without stop words, stemmed by Snowball's algorithm. Without accents, which capitals do not have. */
export function greek(): Analyzer;
export function greek(options?: unknown): Analyzer {
  return wordAnalyzer({ fingerprint: "greek@1", word: stemming({ stopWords, stem: stemmer, letters }) }, options);
}

const letters = (word: string): string => word.normalize("NFD").replace(/\p{M}/gu, "");

const stopWords =
  "αλλά αν αντί από αυτά αυτές αυτή αυτής αυτό αυτοί αυτός αυτού αυτούς αυτών για δε δεν εάν εγώ είμαι είμαστε " +
  "είναι είσαι είστε είχαν είχε εκείνη εκείνο εκείνος εμείς ένα έναν ένας ενός ενώ επί εσείς εσύ έχει έχουν η ή " +
  "ήταν θα ίσως και κατά κι μα μας με μετά μη μην μια μιας μου να ο οι όμως όποιο όπως όσο ότι ου παρά ποια ποιες " +
  "ποιο ποιοι ποιος που προς πώς σας σε στα στη στην στης στις στο στον στους σου τα τη την της τι τις το τον του " +
  "τους τότε των χωρίς ως";
