import { stemmer } from "@orama/stemmers/turkish";
import { joinsByApostrophe, plainApostrophes } from "../../src/lexical/analyzers/apostrophes.ts";
import { lowerCase } from "../../src/lexical/analyzers/folding.ts";
import { stemming } from "../../src/lexical/analyzers/stemming.ts";
import { wordAnalyzer } from "../../src/lexical/analyzers/words.ts";
import type { Analyzer } from "../../src/types.ts";

/**
 * Turkish words without stop words, stemmed by Snowball's algorithm. The capital of i is İ, that of ı is I. Of "Ankara'dan"
 * remains "ankara"; other words with an apostrophe are two.
 */
export function turkish(): Analyzer;
export function turkish(options?: unknown): Analyzer {
  const stem = stemming({ stopWords, stem: stemmer, lower });
  return wordAnalyzer(
    {
      fingerprint: "turkish@1",
      lower,
      joins: joinsByApostrophe,
      word: (word) => {
        const [name = "", ...others] = plainApostrophes(word).split("'");
        return [name, ...others.filter((other) => !ENDING.test(other))].map(stem).filter((term) => term !== "");
      },
    },
    options,
  );
}

const lower = (word: string): string => lowerCase(word.replaceAll("I", "ı").replaceAll("İ", "i"));

/** What proper nouns take after the apostrophe: plural, possessive, case, "-li", "-ce", "-dir", "-ki". */
const ENDING =
  /^(?:l[ae]r)?(?:s[ıiuü])?(?:[yn]?[ıiuüae]|n?[ıiuü]n|n?[dt][ae]n?|y?l[ae]|l[ıiuü]k?|[cç][ae]|[dt][ıiuü]r)?(?:ki)?(?:l[ae]r)?(?:n?[ıiuü]n|n?[dt][ae]n?)?$/;

const stopWords =
  "acaba ama ancak artık aslında ayrıca bana bazı belki ben benden beni benim bile bir biri birkaç biz bizden bize bizi " +
  "bizim böyle bu buna bunda bundan bunlar bunları bunların bunu bunun burada çok çünkü da daha dahi de değil diğer diye " +
  "dolayı dolayısıyla en fakat gibi göre hangi hatta hem henüz hep hepsi her herhangi herkes hiç hiçbir için ile ise işte " +
  "kadar karşın kendi kendini kendisi kez ki kim kimse mi mı mu mü nasıl ne neden nerede nereye niçin niye o olan olarak " +
  "oldu olduğu olduğunu olmak olması olsa olup olur ona ondan onlar onlardan onları onların onu onun oysa öyle pek rağmen " +
  "sadece sanki sen senden seni senin siz sizden sizi sizin sonra şey şöyle şu şuna şunda şundan şunlar şunu tarafından " +
  "tüm üzere var ve veya ya yani yine yok zaten";
