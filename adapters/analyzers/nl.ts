import { stemmer } from "@orama/stemmers/dutch";
import { stemming } from "../../src/lexical/analyzers/stemming.ts";
import { wordAnalyzer } from "../../src/lexical/analyzers/words.ts";
import type { Analyzer } from "../../src/types.ts";

/** Dutch words without stop words, stemmed by Snowball's algorithm. */
export function dutch(): Analyzer;
export function dutch(options?: unknown): Analyzer {
  return wordAnalyzer({ fingerprint: "dutch@1", word: stemming({ stopWords, stem: stemmer }) }, options);
}

const stopWords =
  "aan al alles als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus een eens en er ge " +
  "geen geweest haar had heb hebben heeft hem het hier hij hoe hun iemand iets ik in is ja je kan kon kunnen maar " +
  "me meer men met mij mijn moet na naar niet niets nog nu of om omdat ons ook op over reeds te tegen toch toen " +
  "tot u uit uw van veel voor want waren was wat werd wie wij wil worden wordt zal ze zelf zich zij zijn zo " +
  "zonder zou";
