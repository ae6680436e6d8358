import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { cl100k } from "../../adapters/tokens.ts";
import { markdown } from "../../src/chunkers/markdown.ts";
import { recursive } from "../../src/chunkers/recursive.ts";
import { sentences } from "../../src/chunkers/sentences.ts";
import { split } from "../../src/chunkers/split.ts";
import type { Chunker } from "../../src/types.ts";
import { random } from "./prose.ts";

/** 1,000 edits for each chunker: GROUNDLINE_EDITS=1000 npx vitest run test/chunkers/edits. */
const { GROUNDLINE_EDITS = "36" } = process.env;
const edits = Number(GROUNDLINE_EDITS);

const sentenceEnds = new Intl.Segmenter("en", { granularity: "sentence" });

/** Documents of at least 50 kB: what installed packages say of themselves, one after the other. */
function documents(count: number): readonly string[] {
  const root = fileURLToPath(new URL("../../node_modules", import.meta.url));
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => /readme\.md$/iu.test(name));
  const texts = new Set(names.toSorted().map((name) => readFileSync(join(root, name), "utf8")));
  const found: string[] = [];
  let current = "";
  for (const text of texts) {
    current += `${text}\n\n`;
    if (current.length < 60_000) continue;
    if (current.length < 150_000 && found.push(current) === count) break;
    current = "";
  }
  return found;
}

const texts = documents(6);
const exact = await cl100k();
const chunkers: readonly [string, Chunker][] = [
  ["recursive", recursive()],
  ["recursive by tokens", recursive({ size: 200, tokenizer: exact })],
  ["sentences", sentences()],
  ["sentences by tokens", sentences({ size: 200, tokenizer: exact })],
  ["markdown", markdown()],
  ["markdown by tokens", markdown({ size: 200, tokenizer: exact })],
];

/** Sentences that a person edits: words, no marks of structure. */
function proseOf(text: string): readonly { readonly start: number; readonly end: number }[] {
  return Array.from(sentenceEnds.segment(text), ({ index, segment }) => ({
    start: index,
    end: index + segment.trimEnd().length,
  })).filter(({ start, end }) => /^[A-Z][^\n`|<>#*[\]]{20,}[.!?]$/u.test(text.slice(start, end)));
}

/** How many texts of pieces are new after an edit. */
function newOnes(before: readonly string[], after: readonly string[]): number {
  const left = new Map<string, number>();
  for (const text of before) left.set(text, (left.get(text) ?? 0) + 1);
  return after.filter((text) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  }).length;
}

describe.each(chunkers)("a sentence inserted, deleted or replaced under %s", (_, chunker) => {
  const cut = async (text: string): Promise<string[]> => (await split(text, chunker)).map((piece) => piece.text);

  test(
    "changes few pieces of a real document",
    async () => {
      const next = random(11);
      expect(texts.length).toBeGreaterThan(3);
      const changed: number[] = [];
      for (const text of texts) {
        const before = await cut(text);
        const prose = proseOf(text);
        const pick = (): { readonly start: number; readonly end: number } =>
          prose[Math.floor(next() * prose.length)] ?? { start: 0, end: 0 };
        for (let trial = 0; trial < edits / texts.length; trial++) {
          const [place, other] = [pick(), pick()];
          const added = trial % 3 === 1 ? "" : text.slice(other.start, other.end);
          const kept = trial % 3 === 0 ? ` ${text.slice(place.start)}` : text.slice(place.end);
          changed.push(newOnes(before, await cut(text.slice(0, place.start) + added + kept)));
        }
      }
      changed.sort((one, another) => one - another);
      const at = (share: number): number | undefined => changed[Math.floor(changed.length * share)];
      if (edits >= 1000) console.log({ edits: changed.length, median: at(0.5), p99: at(0.99), most: changed.at(-1) });
      expect(at(0.5)).toBeLessThanOrEqual(3);
      expect(at(0.99)).toBeLessThanOrEqual(12);
    },
    60_000 + edits * 100,
  );
});
