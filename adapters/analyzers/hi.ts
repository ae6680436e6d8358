import { stemmer } from "@orama/stemmers/indian";
import { stemming } from "../../src/lexical/analyzers/stemming.ts";
import { wordAnalyzer } from "../../src/lexical/analyzers/words.ts";
import type { Analyzer } from "../../src/types.ts";

/** Hindi words without stop words, stemmed by Snowball's algorithm. Words are found with and without nukta, with candrabindu or anusvara. */
export function hindi(): Analyzer;
export function hindi(options?: unknown): Analyzer {
  return wordAnalyzer({ fingerprint: "hindi@1", word: stemming({ stopWords, stem: stemmer, letters }) }, options);
}

/** The dot of borrowed sounds is left out as often as not, and a candrabindu written as an anusvara. */
const letters = (word: string): string => word.normalize("NFD").replaceAll("\u093c", "").replaceAll("\u0901", "\u0902");

const stopWords =
  "अगर अपना अपनी अपने आदि आप इन इनका इनकी इनके इन्हें इस इसका इसकी इसके इसमें इसलिए इसे उन उनका उनकी उनके उन्हें " +
  "उस उसका उसकी उसके उसे एक एवं और कब कर करता करती करते करना करने कहाँ का कि किया किए किस किसी की कुछ के कैसे को " +
  "कोई कौन क्या क्यों गई गए गया चाहिए जब जहाँ जा जाता जाती जाते जाना जिन जिन्हें जिस जिसका जिसकी जिसके जिसे जैसे " +
  "जो तक तथा तब तुम तो था थी थे द्वारा न नहीं ने पर फिर बाद भी मगर में मेरा मेरी मेरे मैं यदि यह यहाँ या ये रहा " +
  "रही रहे लिए लेकिन व वह वहाँ वाला वाली वाले वे साथ से हम हमारा हमारी हमारे ही हुआ हुई हुए है हैं हो होता होती " +
  "होते होना";
