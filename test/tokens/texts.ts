import fc from "fast-check";

/** What the patterns of the encodings tell apart, and what is easily got wrong. */
const PARTS = [
  ..."abESZ 19.-/'\"_=\t\n\r\0的中文ーアéǄǅʰßΣ½٣²Ⅷ한अกıİſK",
  ..."\u0085\u00a0\u1680\u2028\u3000\ufeff\u200b\u200d\u0301\u093f\u0e33",
  ..."\r\n|  |   |\n\n| \n|...|---|//|000|12345|\ud800|\udc00".split("|"),
  "<|endoftext|>",
  ..."'s|'S|'ſ|'t|'re|'RE|'Ve|'ll|'lL|'d|’s| the|The|HTTP|iPhone|😀|👨‍👩‍👧|🇩🇪|👍🏽|𝒜|𝟘|𞤀|𐀀".split("|"),
];

/** Text that mixes scripts, white space, contractions, lone surrogates and the names of special tokens. */
export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...PARTS) },
      { weight: 2, arbitrary: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) },
      { weight: 1, arbitrary: fc.nat(0x10ffff).map((code) => String.fromCodePoint(code)) },
      { weight: 1, arbitrary: fc.lorem({ mode: "words", maxCount: 4 }) },
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

/** Of the characters above alone, which every engine of today classifies alike. */
export const knownText: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...PARTS), { maxLength: 30 })
  .map((parts) => parts.join(""));
