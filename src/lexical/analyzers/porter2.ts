import { markConsonants, regionFrom, replaced, suffixRules, VOWEL } from "./suffixes.ts";

/** Porter2, Snowball's English stemmer, as of Snowball 3.1: https://snowballstem.org/algorithms/english/stemmer.html */
export function porter2(word: string): string {
  if (word.length < 3) return word;
  const exception = EXCEPTIONS.get(word);
  if (exception !== undefined) return exception;

  const marked = markConsonants(word.startsWith("'") ? word.slice(1) : word);
  const r1 = R1_PREFIX.exec(marked)?.[0].length ?? regionFrom(marked, 0);
  const regions = { r1, r2: regionFrom(marked, r1) };

  let stem = withoutPlural(marked.replace(POSSESSIVE, ""));
  stem = withoutPast(stem, r1);
  if (FINAL_Y.test(stem)) stem = `${stem.slice(0, -1)}i`;
  for (const rules of SUFFIXES) stem = replaced(stem, rules, regions);
  return withoutFinal(stem, regions.r1, regions.r2).replaceAll("Y", "y");
}

const EXCEPTIONS: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ["skis", "ski"],
  ["skies", "sky"],
  ["idly", "idl"],
  ["gently", "gentl"],
  ["ugly", "ugli"],
  ["early", "earli"],
  ["only", "onli"],
  ["singly", "singl"],
  ["sky", "sky"],
  ["news", "news"],
  ["howe", "howe"],
  ["atlas", "atlas"],
  ["cosmos", "cosmos"],
  ["bias", "bias"],
  ["andes", "andes"],
]);

/** R1 begins after these; else "university" and "universal", "generic" and "general" would share a stem. */
const R1_PREFIX = /^(?:arsen|commun|emerg|gener|inter|later|organ|past|univers)/;
const POSSESSIVE = /'(?:s'?)?$/;
const FINAL_Y = /.[^aeiouy][yY]$/s;
const SHORT_ENDING = /[^aeiouy][aeiouy][^aeiouywxY]$|^[aeiouy][^aeiouy]$|past$/;

/** The algorithm's steps 2, 3 and 4. */
const SUFFIXES = /* @__PURE__ */ [
  suffixRules(
    "r1",
    "tional:tion enci:ence anci:ance abli:able entli:ent izer|ization:ize ational|ation|ator:ate alism|aliti|alli:al " +
      "fulness|fulli:ful ousli|ousness:ous iveness|iviti:ive biliti|bli:ble ogist:og lessli:less",
    { suffix: "ogi", replacement: "og", region: "r1", after: /l$/ },
    { suffix: "li", replacement: "", region: "r1", after: /[cdeghkmnrt]$/ },
  ),
  suffixRules("r1", "tional:tion ational:ate alize:al icate|iciti|ical:ic ful|ness:", {
    suffix: "ative",
    replacement: "",
    region: "r2",
  }),
  suffixRules("r2", "al|ance|ence|er|ic|able|ible|ant|ement|ment|ent|ism|ate|iti|ous|ive|ize:", {
    suffix: "ion",
    replacement: "",
    region: "r2",
    after: /[st]$/,
  }),
] as const;

function withoutPlural(word: string): string {
  if (word.endsWith("sses")) return word.slice(0, -2);
  if (word.endsWith("ied") || word.endsWith("ies")) return word.slice(0, word.length > 4 ? -2 : -1);
  if (!word.endsWith("s") || word.endsWith("ss") || word.endsWith("us")) return word;
  return VOWEL.test(word.slice(0, -2)) ? word.slice(0, -1) : word;
}

function withoutPast(word: string, r1: number): string {
  const suffix = /(?:eed|ed|ing)(?:ly)?$/.exec(word)?.[0];
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  if (suffix.startsWith("ee")) return stem.length < r1 || /^(?:succ|proc|exc)$/.test(stem) ? word : `${stem}ee`;
  if (suffix === "ing") {
    if (/^[^aeiouy]y$/.test(stem)) return `${stem.slice(0, -1)}ie`;
    if (/^(?:even|cann|inn|earr|herr|out)$/.test(stem)) return word;
  }
  if (!VOWEL.test(stem)) return word;
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (/(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(stem)) return /^[aeo]..$/.test(stem) ? stem : stem.slice(0, -1);
  return stem.length === r1 && SHORT_ENDING.test(stem) ? `${stem}e` : stem;
}

function withoutFinal(word: string, r1: number, r2: number): string {
  const start = word.length - 1;
  const stem = word.slice(0, start);
  if (word.endsWith("e")) return start >= r2 || (start >= r1 && !SHORT_ENDING.test(stem)) ? stem : word;
  return word.endsWith("ll") && start >= r2 ? stem : word;
}
