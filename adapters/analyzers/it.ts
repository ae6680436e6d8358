import { stemmer } from "@orama/stemmers/italian";
import { stemming } from "../../src/lexical/analyzers/stemming.ts";
import { wordAnalyzer } from "../../src/lexical/analyzers/words.ts";
import type { Analyzer } from "../../src/types.ts";

/** Italian words without stop words, stemmed by Snowball's algorithm. */
export function italian(): Analyzer;
export function italian(options?: unknown): Analyzer {
  return wordAnalyzer({ fingerprint: "italian@1", word: stemming({ stopWords, stem: stemmer }) }, options);
}

const stopWords =
  "a abbia abbiamo ad agl agli ai al all alla alle allo anche avere aveva avevano c che chi ci coi col come con " +
  "contro cui d da dagl dagli dai dal dall dalla dalle dallo degl degli dei del dell della delle dello di dov " +
  "dove e è ebbe ed era erano essere fra fu furono gli ha hai hanno ho i il in io l la le lei li lo loro lui m ma " +
  "mi mia mie miei mio ne negl negli nei nel nell nella nelle nello noi non nostra nostre nostri nostro o per " +
  "perché più quale quali quando quanta quante quanti quanto quella quelle quelli quello quell quest questa " +
  "queste questi questo s se sei si sia siamo siano siete sono su sua sue sugl sugli sui sul sull sulla sulle " +
  "sullo suo suoi t ti tra tu tua tue tuo tuoi tutta tutte tutti tutto un una uno v vi voi vostra vostre vostri " +
  "vostro";
