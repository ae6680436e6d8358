import { inspect } from "node:util";
import { expect } from "vitest";

/** A key that occurs nowhere else. It has characters that JSON and URLs write in another way. */
export const canary = 'sk-7f3a"9c1e\\d2/b+c=';

const forms = [canary, JSON.stringify(canary).slice(1, -1), encodeURIComponent(canary), "7f3a", "9c1e"];

/** Neither the key nor the tell-tale part of it, wherever an error could be printed. */
export function expectNoCanary(error: unknown): void {
  const prints = [String(error), JSON.stringify(error), inspect(error, { depth: Infinity, showHidden: true })];
  for (let at = error; at instanceof Error; at = at.cause) prints.push(at.message, at.stack ?? "", JSON.stringify(at));
  for (const print of prints) for (const form of forms) expect(print).not.toContain(form);
}
