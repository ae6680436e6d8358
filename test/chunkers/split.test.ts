import { describe, expect, test } from "vitest";
import { fixed } from "../../src/chunkers/fixed.ts";
import { recursive } from "../../src/chunkers/recursive.ts";
import { sentences } from "../../src/chunkers/sentences.ts";
import { split } from "../../src/chunkers/split.ts";
import { AdapterError, ConfigError, TimeoutError } from "../../src/errors.ts";
import type { Chunker } from "../../src/types.ts";
import { rejection } from "../rejection.ts";
import { untyped } from "../untyped.ts";
import { paragraphs } from "./prose.ts";

const text = "Some text with 😀 in it.";

describe("split", () => {
  test("gives the pieces of a chunker with their text", async () => {
    const chunker: Chunker = () => [
      { start: 0, end: 4, headings: ["A"], context: "A", parent: { start: 0, end: 9 }, tokens: 1 },
      { start: 5, end: 9 },
    ];
    expect(await split(text, chunker)).toEqual([
      { start: 0, end: 4, text: "Some", headings: ["A"], context: "A", parent: { start: 0, end: 9 }, tokens: 1 },
      { start: 5, end: 9, text: "text" },
    ]);
  });

  test("hands the document and a signal to the chunker", async () => {
    const seen: unknown[] = [];
    const chunker: Chunker = async (document, options) => {
      seen.push(document, options?.signal?.aborted);
      return [];
    };
    expect(await split({ text, title: "Title" }, chunker)).toEqual([]);
    expect(seen).toEqual([{ text, title: "Title" }, false]);
  });

  test.each<[string, unknown, RegExp]>([
    ["no array", null, /array of pieces.*null/u],
    ["a piece that is none", [undefined], /piece 0.*undefined/u],
    [
      "a fraction",
      [
        { start: 0, end: 4 },
        { start: 0.5, end: 4 },
      ],
      /piece 1.*0\.5…4/u,
    ],
    ["text for an offset", [{ start: "0", end: 4 }], /piece 0.*"0"…4/u],
    ["a negative start", [{ start: -1, end: 4 }], /piece 0.*-1…4/u],
    ["an end behind the text", [{ start: 0, end: 99 }], /piece 0.*24 characters.*0…99/u],
    ["an empty span", [{ start: 4, end: 4 }], /piece 0.*4…4/u],
    ["a span the wrong way round", [{ start: 5, end: 4 }], /piece 0.*5…4/u],
    ["half a surrogate pair", [{ start: 0, end: 16 }], /piece 0.*surrogate pair.*0…16/u],
    ["a parent outside the text", [{ start: 0, end: 4, parent: { start: 0, end: 99 } }], /piece 0.*parent.*0…99/u],
    ["a parent that it is not in", [{ start: 0, end: 4, parent: { start: 2, end: 9 } }], /piece 0.*parent 2…9/u],
    ["a parent that is no span", [{ start: 0, end: 4, parent: "x" }], /piece 0.*parent.*"x"/u],
    ["headings that are no strings", [{ start: 0, end: 4, headings: [1] }], /piece 0.*headings/u],
    ["a context that is no string", [{ start: 0, end: 4, context: 1 }], /piece 0.*context.*1/u],
    ["a fraction of tokens", [{ start: 0, end: 4, tokens: 1.5 }], /piece 0.*tokens.*1\.5/u],
  ])("refuses %s", async (_, pieces, message) => {
    const splitting = split(
      text,
      untyped(() => pieces),
    );
    await expect(splitting).rejects.toThrow(AdapterError);
    await expect(splitting).rejects.toThrow(message);
    await expect(splitting).rejects.toMatchObject({ adapter: "chunker", retryable: false });
  });

  test("refuses what is no text, and what is no chunker", async () => {
    await expect(split(untyped(5), recursive())).rejects.toThrow(ConfigError);
    await expect(split(untyped(undefined), recursive())).rejects.toThrow(/a text.*undefined/u);
    await expect(split(text, untyped({}))).rejects.toThrow(/a Chunker.*an object/u);
  });

  test("rejects with the caller's own reason", async () => {
    const reason = new Error("mine");
    await expect(split(text, recursive(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const endless: Chunker = () => new Promise(() => {});
    const splitting = split(text, endless, { signal: controller.signal });
    controller.abort(reason);
    await expect(splitting).rejects.toBe(reason);
  });

  test("rejects when its time is up", async () => {
    const endless: Chunker = () => new Promise(() => {});
    await expect(split(text, endless, { timeout: 5 })).rejects.toThrow(TimeoutError);
  });

  test("passes on what a chunker throws", async () => {
    const error = new Error("chunker's own");
    const chunker: Chunker = () => {
      throw error;
    };
    await expect(split(text, chunker)).rejects.toBe(error);
  });

  test.each([recursive, sentences, fixed])(
    "a long text lets others run, under a signal, and has the same pieces: %o",
    async (make) => {
      const chunker = make({ size: 300, overlap: 50 });
      const long = paragraphs(1_500).join("\n\n").repeat(2);
      expect(long.length).toBeGreaterThan(400_000);
      const whole = chunker({ text: long, title: "Title" });
      expect(Array.isArray(whole)).toBe(true);
      const { signal } = new AbortController();
      expect(await chunker({ text: long, title: "Title" }, { signal })).toEqual(whole);
      expect(Array.isArray(chunker({ text }, { signal }))).toBe(true);
      const controller = new AbortController();
      setTimeout(() => controller.abort("stop"), 0);
      const cutting = Promise.resolve(chunker({ text: long.repeat(2) }, { signal: controller.signal }));
      expect(await rejection(cutting)).toBe("stop");
    },
  );
});
