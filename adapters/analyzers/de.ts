import { stemmer } from "@orama/stemmers/german";
import { stemming } from "../../src/lexical/analyzers/stemming.ts";
import { wordAnalyzer } from "../../src/lexical/analyzers/words.ts";
import type { Analyzer } from "../../src/types.ts";

/** German words without stop words, stemmed by Snowball's algorithm. */
export function german(): Analyzer;
export function german(options?: unknown): Analyzer {
  return wordAnalyzer({ fingerprint: "german@1", word: stemming({ stopWords, stem: stemmer }) }, options);
}

const stopWords =
  "aber alle allem allen aller alles als also am an andere anderem anderen anderer anderes anders auch auf aus " +
  "bei bin bis bist da damit dann das dass dasselbe dazu dein deine deinem deinen deiner deines dem demselben den " +
  "denn denselben der derselbe derselben des desselben dessen dich die dies diese dieselbe dieselben diesem " +
  "diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines einige einigem einigen einiger " +
  "einiges er es etwas euch euer eure eurem euren eurer eures für gegen gewesen hab habe haben hat hatte hatten " +
  "hier hin ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im in indem ins ist jede jedem jeden jeder jedes " +
  "jene jenem jenen jener jenes jetzt kann kein keine keinem keinen keiner keines können könnte man manche " +
  "manchem manchen mancher manches mein meine meinem meinen meiner meines mich mir mit muss musste nach nicht " +
  "nichts noch nun nur ob oder ohne sehr sein seine seinem seinen seiner seines selbst sich sie sind so solche " +
  "solchem solchen solcher solches soll sollte sondern sonst über um und uns unser unsere unserem unseren unserer " +
  "unseres unter vom von vor während war waren warst was weil welche welchem welchen welcher welches wenn werde " +
  "werden wie wieder will wir wird wirst wo wollen wollte wurde wurden würde würden zu zum zur zwar zwischen";
