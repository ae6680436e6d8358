import { checkOptions } from "../options.ts";
import type { Chunker, Piece, Span } from "../types.ts";
import { chunkerTexts } from "./chunker-texts.ts";
import { casesOf, type Checks, type ConformanceCase } from "./conformance.ts";
import { expectEqual, expectThat } from "./expectation.ts";

export interface ChunkerSuiteOptions {
  /** The spans of a text that the chunker may leave out because they are no text to it: markup, comments. Default: none. */
  readonly omits?: (text: string) => Iterable<Span>;
}

/** The whole `Chunker` port: pieces are exact spans, and together they hold all text that is not blank. */
export function chunkerSuite(make: () => Chunker, options: ChunkerSuiteOptions = {}): readonly ConformanceCase[] {
  checkOptions("chunkerSuite", options, ["omits"]);
  const { omits = () => [] } = options;
  return casesOf(make, [checks, coverage(omits)]);
}

function coverage(omits: (text: string) => Iterable<Span>): Checks<Chunker> {
  return {
    "every word is in a piece": (chunker) =>
      forEachText(chunker, (pieces, text) => {
        const spans = [...pieces, ...omits(text)];
        expectEqual(firstLost(spans, text), undefined, "first character that is in no piece");
      }),
  };
}

const checks: Checks<Chunker> = {
  "pieces are spans of the text, none of them blank": (chunker) =>
    forEachText(chunker, (pieces, text) => {
      for (const { start, end } of pieces) {
        expectThat(Number.isInteger(start) && Number.isInteger(end), "whole offsets", [start, end]);
        expectThat(start >= 0 && start < end && end <= text.length, `a span within ${text.length}`, [start, end]);
        expectThat(text.slice(start, end).trim() !== "", "a piece that is not blank", [start, end]);
      }
    }),

  "pieces come in the order of the text, none twice": (chunker) =>
    forEachText(chunker, (pieces) => {
      const starts = pieces.map(({ start }) => start);
      expectEqual(
        starts,
        starts.toSorted((a, b) => a - b),
        "starts",
      );
      const spans = pieces.map(({ start, end }) => `${start}-${end}`);
      expectEqual(spans, [...new Set(spans)], "spans without repetition");
    }),

  "no cut is inside a surrogate pair or a CRLF": (chunker) =>
    forEachText(chunker, (pieces, text) => {
      for (const cut of cutsOf(pieces)) {
        const around = text.slice(Math.max(0, cut - 1), cut + 1);
        const joined = around === "\r\n" || /^[\ud800-\udbff][\udc00-\udfff]$/.test(around);
        expectThat(!joined, "characters left whole", `a cut at ${cut} in ${JSON.stringify(around)}`);
      }
    }),

  "no cut is inside a grapheme": (chunker) =>
    forEachText(chunker, (pieces, text) => {
      const boundaries = new Set([text.length]);
      for (const { index } of new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text))
        boundaries.add(index);
      for (const cut of cutsOf(pieces)) {
        const around = JSON.stringify(text.slice(Math.max(0, cut - 4), cut + 4));
        expectThat(boundaries.has(cut), "graphemes left whole", `a cut at ${cut} in ${around}`);
      }
    }),

  async "repeated text is found where it stands"(chunker) {
    const text = textOf("repetition");
    const pieces = await chunker({ text });
    expectThat(pieces.length > 1, "a text of 6,000 characters in more than one piece", pieces.length);
    const last = pieces.at(-1);
    expectThat(last !== undefined && last.end >= text.trimEnd().length, "a piece at the end of the text", last);
    pieces.slice(1).forEach(({ start, end }, index) => {
      const before = pieces[index];
      expectThat(before !== undefined && end > before.end, "every piece to end after the one before", [start, end]);
    });
  },

  async "blank text has no pieces"(chunker) {
    for (const text of ["", " ", "\n\n\t \r\n", "\u00a0\u3000"]) {
      expectEqual(await chunker({ text }), [], `pieces of ${JSON.stringify(text)}`);
    }
  },

  async "the same text is always cut the same way"(chunker) {
    const first = new Map<string, readonly Piece[]>();
    for (const [name, text] of Object.entries(chunkerTexts())) first.set(name, await chunker({ text }));
    for (const [name, text] of Object.entries(chunkerTexts()).toReversed()) {
      expectEqual(await chunker({ text }), first.get(name), `pieces of ${name}, again`);
    }
  },

  async "calls at once do not disturb each other"(chunker) {
    const names = ["prose", "repetition", "markdown"];
    const cut = async (name: string): Promise<readonly Piece[]> => chunker({ text: textOf(name) });
    const together = await Promise.all(names.map(cut));
    for (const [index, name] of names.entries()) expectEqual(together[index], await cut(name), `pieces of ${name}`);
  },

  async "a title moves no offset"(chunker) {
    const text = textOf("prose");
    const pieces = await chunker(Object.freeze({ text, title: "An account of the harbor" }));
    expectEqual(firstLost(pieces, text), undefined, "first character that is in no piece");
    expectThat(
      pieces.every(({ end }) => end <= text.length),
      "spans of the text, not of title and text",
      pieces.at(-1),
    );
  },

  "what a piece says of itself is well formed": (chunker) =>
    forEachText(chunker, (pieces, text) => {
      for (const { start, end, headings = [], parent = { start, end }, context = "", tokens = 1 } of pieces) {
        expectThat(
          headings.every((heading) => typeof heading === "string"),
          "headings that are texts",
          headings,
        );
        expectThat(parent.start <= start && parent.end >= end, `a parent around ${start}-${end}`, parent);
        expectThat(parent.start >= 0 && parent.end <= text.length, `a parent within ${text.length}`, parent);
        expectThat(typeof context === "string", "a context that is text", context);
        expectThat(Number.isInteger(tokens) && tokens > 0, "a positive number of tokens", tokens);
      }
    }),

  async "a stream has the same pieces, however the text is cut"(chunker) {
    if (chunker.stream === undefined) return;
    for (const [name, text] of Object.entries(chunkerTexts())) {
      const expected = await chunker({ text });
      for (const size of [1, 7, 1_000, text.length]) {
        const streamed = [];
        const texts = [];
        for await (const { text: slice, ...piece } of chunker.stream(partsOf(text, size))) {
          streamed.push(piece);
          texts.push(slice);
        }
        expectEqual(streamed, expected, `pieces of ${name} in parts of ${size}`);
        const slices = expected.map(({ start, end }) => text.slice(start, end));
        expectEqual(texts, slices, `texts of the pieces of ${name} in parts of ${size}`);
      }
    }
  },
};

async function forEachText(chunker: Chunker, check: (pieces: readonly Piece[], text: string) => void): Promise<void> {
  for (const [name, text] of Object.entries(chunkerTexts())) {
    const pieces = await chunker({ text });
    try {
      check(pieces, text);
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
}

function textOf(name: string): string {
  return chunkerTexts()[name] ?? "";
}

/** White space alone may be left out. */
function firstLost(spans: readonly Span[], text: string): { offset: number; character: string } | undefined {
  const covered = new Uint8Array(text.length);
  for (const { start, end } of spans) covered.fill(1, start, end);
  for (const [offset, mark] of covered.entries()) {
    const character = text.charAt(offset);
    if (mark === 0 && character.trim() !== "") return { offset, character };
  }
  return undefined;
}

function cutsOf(pieces: readonly Piece[]): ReadonlySet<number> {
  return new Set(pieces.flatMap(({ start, end }) => [start, end]));
}

/** Cuts anywhere, between the halves of a surrogate pair too. */
async function* partsOf(text: string, size: number): AsyncGenerator<string> {
  for (let start = 0; start < text.length; start += size) yield text.slice(start, start + size);
}
