import { stemmer } from "@orama/stemmers/arabic";
import { stemming } from "../../src/lexical/analyzers/stemming.ts";
import { wordAnalyzer } from "../../src/lexical/analyzers/words.ts";
import type { Analyzer } from "../../src/types.ts";

/**
 * Arabic words without stop words, stemmed by Snowball's algorithm. Vowel signs and tatweel do not matter, nor whether
 * an alef bears its hamza.
 */
export function arabic(): Analyzer;
export function arabic(options?: unknown): Analyzer {
  return wordAnalyzer(
    {
      fingerprint: "arabic@1",
      word: stemming({
        stopWords: `${stopWords} ${stopWords.replaceAll(/[أإآ]/g, "ا")}`,
        stem: (word) => stemmer(word.replace(CONJUNCTION, "")),
      }),
    },
    options,
  );
}

/** "And the …", "so the …": the algorithm takes off either prefix, not both. */
const CONJUNCTION = /^[وف](?=ال.{3})/u;

const stopWords =
  "أحد إذ إذا إلا إلى أم أما أن إن أنا أنت أنتم إنما أنه إنه أنها إنها أو أي أيضا أين ب بأن بعد بعض بل به بها بهم بين تحت تكون " +
  "تلك ثم حتى حول حيث خلال دون ذلك سوى ضد عليه عليها عليهم على عن عند عندما عنه غير ف فإن في فيه فيها فيهم قبل قد ك كان كانت كل " +
  "كما كي كيف ل لا لأن لدى لقد لكل لكن لكي لم لماذا لن له لها لهم لو لولا ليس ليست ما ماذا متى مثل مع مما من منذ منه منها منهم نحن " +
  "هؤلاء هذا هذه هل هم هما هن هنا هناك هو هي و وأن وإن وقد وكان وكانت ولا ولم ولن وله وما ومن وهذا وهذه وهو وهي وفي وعلى يكون التي " +
  "الذي الذين اللاتي اللتان اللتين اللذان اللذين اللواتي إليه إليها";
