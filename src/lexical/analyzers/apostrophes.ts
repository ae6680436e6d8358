/** Full-width apostrophes are normalised before words are looked for. */
const typographic = /[\u2018\u2019\u02bc]/g;

export function plainApostrophes(word: string): string {
  return word.replace(typographic, "'");
}

export function joinsByApostrophe(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x27 || code === 0x2018 || code === 0x2019 || code === 0x2bc;
}
