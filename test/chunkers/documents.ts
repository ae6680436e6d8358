import * as fc from "fast-check";

/** Parts that chunkers have broken on: scripts with and without spaces, clusters, surrogates, line ends, runs. */
const parts: readonly string[] = [
  "The quick brown fox jumps over the lazy dog. ",
  "Dr. Smith paid $3.50, e.g. for tea… ",
  '"Really?" he said. ',
  "See https://example.com/a.b?c=d&e=f#g. ",
  "U.S. growth was 2.5%. ",
  "word ",
  "a",
  ".",
  " ",
  "   ",
  "\t",
  "\n",
  "\n\n",
  "\r\n",
  "\r\n\r\n",
  "\r",
  "\u2028",
  "\u2029",
  "\u00a0",
  "\u3000",
  "\ufeff",
  "\u200b",
  "\u0000",
  "今日は天気がいい。明日は雨です！",
  "漢字漢字漢字漢字",
  "カタカナﾊﾟ",
  "ภาษาไทยไม่มีช่องว่างระหว่างคำ",
  "กำลังน้ำ ",
  "ភាសាខ្មែរ",
  "हिन्दी में वाक्य। क्षत्रिय ",
  "العربية؟ نعم. ",
  "\u0600١٢",
  "한국어 문장입니다. ",
  "\u1100\u1161\u11a8",
  "e\u0301",
  "\u0301",
  " \u0308",
  "z\u0300\u0301\u0302\u0303\u0304\u0305\u0306",
  "👩‍👩‍👧‍👦",
  "👍🏽",
  "😀",
  "🇩🇪🇫🇷🇯",
  "❤️",
  "\u200d",
  "\ud800",
  "\udc00",
  "𠮷野家",
  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
  "# Heading\n\n",
  "- item\n- item two\n",
  "1. one\n2. two\n",
];

/** Most parts are rare in one text, so that runs and ordinary prose come up too. */
export const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.constantFrom(...parts), { maxLength: 40 }).map((chosen) => chosen.join("")) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.subarray([...parts], { minLength: 1, maxLength: 4 }), fc.array(fc.nat(3), { maxLength: 120 }))
      .map(([few, picks]) => picks.map((pick) => few[pick % few.length]).join("")),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  { weight: 1, arbitrary: fc.constantFrom("", " ", "\n", " \r\n\t\u3000 ") },
);

/** Counts as byte pairs do: the parts of a text may have more tokens than the whole, and never fewer. */
export const wordish = {
  name: "wordish",
  count(value: string): number {
    let tokens = 0;
    for (const run of value.match(/\s?[a-z]+|\s?[^\sa-z]|\s+/giu) ?? []) tokens += Math.ceil(run.length / 4);
    return tokens;
  },
};
/** Rounds once, over the whole text. */
export const quarters = { name: "quarters", count: (value: string): number => Math.ceil(value.length / 4) };
/** Adds two tokens of its own, as encoders with a classifier token do. */
export const framed = { name: "framed", count: (value: string): number => 2 + new TextEncoder().encode(value).length };
/** The whole may have more tokens than its parts. */
export const hostile = { name: "hostile", count: (value: string): number => Math.ceil(value.length ** 1.2) };
