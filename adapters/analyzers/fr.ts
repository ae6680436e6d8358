import { stemmer } from "@orama/stemmers/french";
import { stemming } from "../../src/lexical/analyzers/stemming.ts";
import { wordAnalyzer } from "../../src/lexical/analyzers/words.ts";
import type { Analyzer } from "../../src/types.ts";

/** French words without stop words, stemmed by Snowball's algorithm. */
export function french(): Analyzer;
export function french(options?: unknown): Analyzer {
  return wordAnalyzer({ fingerprint: "french@1", word: stemming({ stopWords, stem: stemmer }) }, options);
}

const stopWords =
  "a à ai aie aient aies ait as au aucun aucune aura aurai auraient aurais aurait auras aurez auriez aurions aurons " +
  "auront aux avaient avais avait avec avez aviez avions avons ayant ayez ayons c ça ce ceci cela ces cet cette " +
  "ceux chez ci comme d dans de des donc dont du elle elles en entre es est et étaient étais était étant êtes " +
  "étiez étions eu eurent eut eux fut furent il ils j je jusqu l la là le les leur leurs lorsqu lorsque lui m ma " +
  "mais me même mêmes mes moi mon n ne ni nos notre nous on ont ou où par pas pour puisqu puisque qu quand que " +
  "quel quelle quelles quels qui quoi s sa sans se sera serai seraient serais serait seras serez seriez serions " +
  "serons seront ses si soi soient sois soit sommes son sont sous soyez soyons suis sur t ta te tes toi ton tu un " +
  "une vers vos votre vous y";
