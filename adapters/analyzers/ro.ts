import { stemmer } from "@orama/stemmers/romanian";
import { stemming } from "../../src/lexical/analyzers/stemming.ts";
import { wordAnalyzer } from "../../src/lexical/analyzers/words.ts";
import type { Analyzer } from "../../src/types.ts";

/** Romanian words without stop words, stemmed by Snowball's algorithm. ș and ț may be written with a comma or a cedilla. */
export function romanian(): Analyzer;
export function romanian(options?: unknown): Analyzer {
  return wordAnalyzer({ fingerprint: "romanian@1", word: stemming({ stopWords, stem: stemmer, letters }) }, options);
}

/** Comma below is right, cedilla what many files and the stemmer have. */
const letters = (word: string): string => word.replaceAll("ș", "ş").replaceAll("ț", "ţ");

const stopWords =
  "a acea această aceasta aceea acei aceia acel acela acele acelea acest acesta aceste acestea acești aceștia ai " +
  "al ale am ar are aș astfel asupra au avea avem aveți ați ca când care cărei căror cărui către ce cea cei cel " +
  "cele chiar ci cine cu cum da dacă dar de deci deși din dintr dintre doar după ea ei el ele era erau este ești " +
  "eu fără fi fie fiecare fiind fost i iar îi îl îmi în într între își îți la le li lor lui mă mai mea mei mele " +
  "meu mi ne ni nici noastră noastre noi nostru noștri nu o or ori pe pentru peste prin printr s sa să sale săi " +
  "său sau se și sînt spre sub sunt sunteți ta tale tău te ți toate tot toți totuși tu un una unde unei unele " +
  "unii unor unui va vă vei voi voastră voastre vor vostru voștri vreo";
