import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { markdown } from "../../src/chunkers/markdown.ts";
import { recursive } from "../../src/chunkers/recursive.ts";
import { sentences } from "../../src/chunkers/sentences.ts";
import { smallToBig } from "../../src/chunkers/small-to-big.ts";
import { split } from "../../src/chunkers/split.ts";
import { AdapterError, ConfigError } from "../../src/errors.ts";
import type { Chunker } from "../../src/types.ts";
import { untyped } from "../untyped.ts";
import { expectContract } from "./contract.ts";
import { markdownText, quarters, text } from "./documents.ts";
import { paragraphs } from "./prose.ts";

describe("smallToBig", () => {
  test("cuts small pieces inside the passages of its parent, each text once", async () => {
    const body = paragraphs(20).join("\n\n");
    const parent = recursive({ size: 1500 });
    const passages = await split(body, parent);
    const pieces = await split(body, smallToBig({ parent, child: sentences({ size: 300, overlap: 0 }) }));
    expect(pieces.length).toBeGreaterThan(3 * passages.length);
    for (const [index, { start, end, parent: passage }] of pieces.entries()) {
      expect(passages).toContainEqual({ ...passage, text: body.slice(passage?.start, passage?.end) });
      expect(end - start).toBeLessThanOrEqual(300);
      expect(start).toBeGreaterThanOrEqual(pieces[index - 1]?.end ?? 0);
    }
  });

  test("carries headings and context of the passage, inside the limit of the child", async () => {
    const body = `# Guide\n\n## Use\n\n${paragraphs(3).join("\n\n")}`;
    const chunker = smallToBig({ parent: markdown({ size: 1000 }), child: recursive({ size: 100, overlap: 0 }) });
    for (const piece of await split({ title: "Title", text: body }, chunker)) {
      expect(piece).toMatchObject({ headings: ["Guide", "Use"], context: "Guide > Use" });
      expect(`Title\nGuide > Use\n${piece.text}`.length).toBeLessThanOrEqual(100);
    }
  });

  test("joins its context to one that the child gives", async () => {
    const parent: Chunker = ({ text: body }) => [{ start: 0, end: body.length, context: "outer" }];
    const child: Chunker = ({ text: body, title }) => [{ start: 1, end: body.length, context: `inner ${title}` }];
    expect(await split({ title: "T", text: "abc" }, smallToBig({ parent, child }))).toEqual([
      { start: 1, end: 3, text: "bc", context: "outer\ninner T\nouter", parent: { start: 0, end: 3 } },
    ]);
  });

  test("leaves a context out that leaves the child no room, but not the title", async () => {
    const body = `# ${"Long heading ".repeat(10)}\n\nText.`;
    const chunker = smallToBig({ parent: markdown({ size: 1000 }), child: recursive({ size: 50 }) });
    for (const piece of await split(body, chunker)) expect(piece.context).toBe("");
    await expect(split({ title: "T".repeat(60), text: body }, chunker)).rejects.toThrow(ConfigError);
  });

  test("has a fingerprint where both have one", () => {
    const one = smallToBig({ parent: recursive({ size: 1000 }), child: recursive() }).fingerprint;
    const other = smallToBig({ parent: recursive({ size: 1001 }), child: recursive() }).fingerprint;
    expect(one).not.toBe(other);
    expect(one).toContain("smallToBig");
    expect(smallToBig({ parent: () => [], child: recursive() })).not.toHaveProperty("fingerprint");
  });

  test("refuses what is no chunker, and pieces that are none", async () => {
    expect(() => smallToBig(untyped({ parent: recursive() }))).toThrow(/child.*undefined/u);
    expect(() => smallToBig(untyped({ parent: recursive(), child: recursive(), size: 1 }))).toThrow(ConfigError);
    const broken: Chunker = () => [{ start: 0, end: 99 }];
    await expect(split("text", smallToBig({ parent: broken, child: recursive() }))).rejects.toThrow(AdapterError);
    await expect(split("text", smallToBig({ parent: recursive(), child: broken }))).rejects.toThrow(AdapterError);
  });

  test("keeps the contract on any text", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(text, markdownText),
        fc.constantFrom<Chunker[]>(recursive({ size: 120 }), markdown({ size: 160 }), sentences({ size: 90 })),
        fc.constantFrom(undefined, quarters),
        fc.constantFrom(undefined, "T"),
        async (body, parent, tokenizer, title) => {
          const limit = { size: 30, ...(tokenizer && { tokenizer }) };
          const document = { text: body, ...(title !== undefined && { title }) };
          expectContract(document, await split(document, smallToBig({ parent, child: recursive(limit) })), limit);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
