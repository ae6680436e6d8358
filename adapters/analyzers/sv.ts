import { stemmer } from "@orama/stemmers/swedish";
import { stemming } from "../../src/lexical/analyzers/stemming.ts";
import { wordAnalyzer } from "../../src/lexical/analyzers/words.ts";
import type { Analyzer } from "../../src/types.ts";

/** Swedish words without stop words, stemmed by Snowball's algorithm. */
export function swedish(): Analyzer;
export function swedish(options?: unknown): Analyzer {
  return wordAnalyzer({ fingerprint: "swedish@1", word: stemming({ stopWords, stem: stemmer }) }, options);
}

const stopWords =
  "alla allt än är åt att av blev bli blir blivit då där de dem den denna deras dess dessa det detta dig din dina " +
  "ditt du efter ej eller en er era ert ett från för ha hade han hans har här henne hennes hon honom hur i icke " +
  "ingen inom inte jag ju kan kunde man med mellan men mig min mina mitt mot mycket något någon några när ni nu " +
  "och om oss över på samma så sådan sådana sådant sedan sig själv sin sina ska skall skulle som till under upp ut utan vad " +
  "vår vara våra varför varit varje vars vårt vem vi vid vilka vilkas vilken vilket";
