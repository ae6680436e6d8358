import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import {
  type Budget,
  type DocumentSpan,
  missingOf,
  type Passage,
  spanScores,
  union,
  withinBudget,
} from "../../src/eval/spans.ts";
import type { Span, Tokenizer } from "../../src/types.ts";
import { untyped } from "../untyped.ts";

const span: fc.Arbitrary<Span> = fc
  .tuple(fc.nat({ max: 30 }), fc.integer({ min: 1, max: 12 }))
  .map(([start, length]) => ({ start, end: start + length }));
const documentSpan: fc.Arbitrary<DocumentSpan> = fc
  .tuple(fc.constantFrom("a", "b", "__proto__"), span)
  .map(([documentId, { start, end }]) => ({ documentId, start, end }));

/** Every unit by name: what interval arithmetic must agree with. */
const units = (spans: readonly DocumentSpan[]): ReadonlySet<string> =>
  new Set(
    spans.flatMap(({ documentId, start, end }) =>
      Array.from({ length: end - start }, (_, index) => `${documentId} ${start + index}`),
    ),
  );
/** Found but for runs of two units at most, and not missing altogether. */
const isWhole = ({ documentId, start, end }: DocumentSpan, found: ReadonlySet<string>): boolean => {
  const flags = Array.from({ length: end - start }, (_, index) =>
    found.has(`${documentId} ${start + index}`) ? "x" : "-",
  );
  return flags.includes("x") && !flags.join("").includes("---");
};
const inOne = (spans: readonly Span[]): ReadonlySet<string> =>
  units(spans.map(({ start, end }) => ({ documentId: "a", start, end })));
const texts: Readonly<Record<string, string>> = { a: "a".repeat(60), b: "b".repeat(60), ["__proto__"]: "p".repeat(60) };
const passages: fc.Arbitrary<readonly Passage[]> = fc
  .array(documentSpan, { maxLength: 12 })
  .map((spans) =>
    spans.map((found) => ({ ...found, text: (texts[found.documentId] ?? "").slice(found.start, found.end) })),
  );
const passage = (documentId: string, start: number, text: string): Passage => ({
  documentId,
  start,
  end: start + text.length,
  text,
});

describe("spanScores", () => {
  test("agrees with counting units one by one", () => {
    fc.assert(
      fc.property(fc.array(documentSpan), fc.array(documentSpan, { minLength: 1 }), (retrieved, truth) => {
        const found = units(retrieved);
        const wanted = units(truth);
        const hits = [...wanted].filter((unit) => found.has(unit)).length;
        expect(spanScores(retrieved, truth)).toEqual({
          recall: hits / wanted.size,
          precision: found.size === 0 ? 0 : hits / found.size,
          iou: hits === 0 ? 0 : hits / (found.size + wanted.size - hits),
          full: truth.every((one) => isWhole(one, found)) ? 1 : 0,
        });
      }),
    );
  });

  test("does not count spans that only touch", () => {
    const scores = spanScores([{ documentId: "a", start: 0, end: 5 }], [{ documentId: "a", start: 5, end: 8 }]);
    expect(scores).toEqual({ recall: 0, precision: 0, iou: 0, full: 0 });
  });

  test("tells documents apart", () => {
    expect(spanScores([{ documentId: "b", start: 0, end: 9 }], [{ documentId: "a", start: 0, end: 9 }]).recall).toBe(0);
  });

  test("gives 0 where there is nothing to find", () => {
    const nothing = { recall: 0, precision: 0, iou: 0, full: 0 };
    expect(spanScores([], [])).toEqual(nothing);
    expect(spanScores([{ documentId: "a", start: 0, end: 9 }], [])).toEqual(nothing);
  });
});

describe("union and missingOf", () => {
  test("a union is disjoint, ascending and the same units", () => {
    fc.assert(
      fc.property(fc.array(span), (spans) => {
        const merged = union(spans);
        for (const [index, { start, end }] of merged.entries()) {
          expect(start).toBeLessThan(end);
          expect(start).toBeGreaterThan(merged[index - 1]?.end ?? -1);
        }
        expect([...inOne(merged)].toSorted()).toEqual([...inOne(spans)].toSorted());
      }),
    );
  });

  test("what is missing of a span is what no other covers, seams apart", () => {
    fc.assert(
      fc.property(span, fc.array(span), (whole, others) => {
        const covered = inOne(others);
        const missing = inOne(missingOf(whole, union(others)));
        const bare = [...inOne([whole])].filter((unit) => !covered.has(unit));
        expect(bare).toEqual(expect.arrayContaining([...missing]));
        const found = bare.length < whole.end - whole.start;
        expect(missing.size === 0).toBe(found && isWhole({ documentId: "a", ...whole }, covered));
      }),
    );
  });

  test("white space between two chunks is no loss, and neither is it an answer", () => {
    const whole = { start: 10, end: 20 };
    expect(
      missingOf(whole, [
        { start: 0, end: 14 },
        { start: 16, end: 30 },
      ]),
    ).toEqual([]);
    expect(
      missingOf(whole, [
        { start: 0, end: 14 },
        { start: 17, end: 30 },
      ]),
    ).toEqual([{ start: 14, end: 17 }]);
    expect(missingOf({ start: 14, end: 16 }, [{ start: 0, end: 14 }])).toEqual([{ start: 14, end: 16 }]);
  });
});

describe("withinBudget", () => {
  test("never exceeds the budget, takes passages in order, and stops only at one that does not fit", () => {
    fc.assert(
      fc.property(passages, fc.integer({ min: 1, max: 60 }), (list, characters) => {
        const taken = units(withinBudget(list, { characters }));
        expect(taken.size).toBeLessThanOrEqual(characters);
        let whole = 0;
        while (whole < list.length && units(list.slice(0, whole + 1)).size <= characters) whole++;
        const [first] = list;
        const cut = first === undefined ? [] : [{ ...first, end: first.start + characters }];
        expect([...taken].toSorted()).toEqual([...units(whole > 0 ? list.slice(0, whole) : cut)].toSorted());
      }),
    );
  });

  test("counts what the context holds already once", () => {
    const text = "0123456789";
    const list = [passage("a", 0, text.slice(0, 6)), passage("a", 4, text.slice(4)), passage("a", 2, text.slice(2, 9))];
    expect(withinBudget(list, { characters: 10 })).toEqual([
      { documentId: "a", start: 0, end: 6 },
      { documentId: "a", start: 6, end: 10 },
    ]);
  });

  test("stops at the first passage that does not fit, even where a later one would", () => {
    const list = [passage("a", 0, "four"), passage("b", 0, "too long"), passage("c", 0, "yes")];
    expect(withinBudget(list, { characters: 8 })).toEqual([{ documentId: "a", start: 0, end: 4 }]);
  });

  test("cuts a first passage that is larger than everything", () => {
    expect(withinBudget([passage("a", 7, "a\u{1f642}b")], { characters: 2 })).toEqual([
      { documentId: "a", start: 7, end: 8 },
    ]);
    expect(withinBudget([passage("a", 7, "abcdefgh")], { characters: 3 })).toEqual([
      { documentId: "a", start: 7, end: 10 },
    ]);
  });

  const words: Tokenizer = { name: "words", count: (text) => text.split(" ").filter((word) => word !== "").length };

  test("counts tokens where tokens are the budget", () => {
    const list = [passage("a", 0, "one two three"), passage("b", 0, "four five"), passage("c", 0, "six")];
    const documents = (tokens: number) =>
      withinBudget(list, { tokens, tokenizer: words }).map(({ documentId }) => documentId);
    expect(documents(4)).toEqual(["a"]);
    expect(documents(5)).toEqual(["a", "b"]);
    expect(documents(6)).toEqual(["a", "b", "c"]);
  });

  test("cuts a first passage to as many tokens as fit", () => {
    const [taken] = withinBudget([passage("a", 0, "one two three four")], { tokens: 2, tokenizer: words });
    expect(taken).toEqual({ documentId: "a", start: 0, end: "one two ".length });
  });

  test.each([
    { characters: 0 },
    { characters: 1.5 },
    { characters: "9" },
    {},
    null,
    12,
    { tokens: 5 },
    { tokens: -1, tokenizer: words },
    { tokens: 5, tokenizer: words, characters: 5 },
  ])("refuses the budget %j", (budget) => {
    expect(() => withinBudget([], untyped<Budget>(budget))).toThrow(ConfigError);
  });
});
