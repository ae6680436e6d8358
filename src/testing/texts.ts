/** Texts that break parsers, regular expressions, dictionaries and queries. All may be stored: no NUL, no lone surrogate. */
export const hostileTexts: Readonly<Record<string, string>> = {
  quotes: `it's "quoted" \`thrice\` \\ and '; drop table chunks; --`,
  names: "__proto__ hasOwnProperty toString valueOf",
  brackets: "((((([[[[[{{{{{<<<<< ((((( .*+?^$ {0,} [a-z",
  query: 'title:"x"~2 AND (a OR NOT b)^3 + - && || ! * ?',
  markup: "<script>alert(1)</script> &amp; <!-- {{x}} ${y} %s $1",
  controls: "\u0001\u0008\u001b[31m\u2028\u2029\ufeff\u202e",
  emoji: "\u{1f469}\u200d\u{1f52c}\u{1f1e9}\u{1f1ea}e\u0301\u0301\u0301",
  scripts:
    "\u6771\u4eac \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35 \u043f\u0440\u0438\u0432\u0435\u0442",
  unbroken: "x".repeat(5_000),
  punctuation: ".".repeat(2_000),
};
