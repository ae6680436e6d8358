import { inspect } from "node:util";

/** A key that occurs nowhere else. It has characters that JSON and URLs write in another way. */
export const canary = 'sk-7f3a"9c1e\\d2/b+c=';

const forms = [canary, JSON.stringify(canary).slice(1, -1), encodeURIComponent(canary), "7f3a", "9c1e"];

/** Where the key, or a tell-tale part of it, can be seen when an error is printed in whatever way. */
export function leaksOf(error: unknown): readonly string[] {
  const prints = [String(error), JSON.stringify(error), inspect(error, { depth: Infinity, showHidden: true })];
  for (let at = error; at instanceof Error; at = at.cause) prints.push(at.message, at.stack ?? "", JSON.stringify(at));
  return prints.filter((print) => forms.some((form) => print.includes(form)));
}
