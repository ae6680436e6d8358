import { stemmer } from "@orama/stemmers/spanish";
import { stemming } from "../../src/lexical/analyzers/stemming.ts";
import { wordAnalyzer } from "../../src/lexical/analyzers/words.ts";
import type { Analyzer } from "../../src/types.ts";

/** Spanish words without stop words, stemmed by Snowball's algorithm. */
export function spanish(): Analyzer;
export function spanish(options?: unknown): Analyzer {
  return wordAnalyzer({ fingerprint: "spanish@1", word: stemming({ stopWords, stem: stemmer }) }, options);
}

const stopWords =
  "a al algo alguna algunas alguno algunos ante antes aquel aquella aquellas aquello aquellos aquí así aunque " +
  "cada como cómo con contra cual cuál cuales cuáles cuando cuándo de del desde donde dónde durante e el él ella " +
  "ellas ello ellos en entre era éramos eran eras eres es esa esas ese eso esos esta está estaba estaban estado " +
  "estamos están estar estará estas este esté estén esto estos estoy estuvo fue fueron fui fuimos ha había habían " +
  "haber han has hasta hay haya hayan he hemos hubo la las le les lo los más me mi mí mía mías mío míos mis mucha " +
  "muchas mucho muchos muy nada ni no nos nosotras nosotros nuestra nuestras nuestro nuestros o os otra otras " +
  "otro otros para pero poco por porque pues que qué quien quién quienes quiénes se sea sean según ser será serán " +
  "sería serían si sí sido siendo sin sobre sois somos son soy su sus suya suyas suyo suyos también tampoco tan " +
  "tanto te tenemos tener tengo tenía tenían ti tiene tienen tienes toda todas todo todos tu tú tus tuvo tuya " +
  "tuyas tuyo tuyos u un una unas uno unos usted ustedes vosotras vosotros vuestra vuestras vuestro vuestros y ya " +
  "yo";
