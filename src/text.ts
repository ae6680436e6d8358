/** What every store can hold and every encoder can take: no NUL (Postgres refuses it), no lone surrogate (it becomes U+FFFD). */
export function unstorable(text: string): string | undefined {
  const nul = text.indexOf("\0");
  if (nul !== -1) return `a NUL character at ${nul}`;
  if (text.isWellFormed()) return undefined;
  // A surrogate that `codePointAt` gives back alone has no partner.
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at) ?? 0;
    if (code > 0xffff) at++;
    else if (code >= 0xd800 && code <= 0xdfff) return `a lone surrogate at ${at}`;
  }
  return undefined;
}
