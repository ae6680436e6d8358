import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { bm25, bm25FromBytes, type Bm25Index, parseQuery, type TextQuery } from "../../src/lexical/bm25.ts";
import { untyped } from "../untyped.ts";
import { spaces } from "./naive-bm25.ts";

const options = { analyzer: spaces, positions: true };
const filled = (documents: Readonly<Record<string, string>>): Bm25Index => {
  const index = bm25(options);
  for (const [id, text] of Object.entries(documents)) index.add(id, text);
  return index;
};
const idsOf = (index: Bm25Index, query: string | TextQuery): readonly string[] =>
  index.search(query, { topK: 100 }).map(({ id }) => id);

/** Whether the words stand in the text, one right after the other. */
const stands = (text: string, phrase: string): boolean => {
  const words = spaces.terms(text);
  const wanted = spaces.terms(phrase);
  return words.some((_, at) => wanted.every((word, i) => words[at + i] === word));
};

describe("phrases", () => {
  const word = fc.constantFrom("a", "b", "c");
  const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(" "));
  const phrase = fc.array(word, { maxLength: 4 }).map((words) => words.join(" "));
  const step = fc.record({ type: fc.constantFrom("write", "write", "delete"), id: fc.nat(12).map(String), text });
  const parts = fc.record({
    text: phrase,
    phrases: fc.array(phrase, { maxLength: 2 }),
    without: fc.array(phrase, { maxLength: 2 }),
  });

  test("of the documents that a plain query finds, those with all phrases and without the others; scores stay", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), parts, fc.boolean(), (steps, asked, reopened) => {
        const live = filled({});
        const documents = new Map<string, string>();
        for (const { type, id, text: given } of steps) {
          if (type === "delete") expect(live.delete(id)).toBe(documents.delete(id));
          else if (documents.has(id)) live.update(id, given);
          else live.add(id, given);
          if (type !== "delete") documents.set(id, given);
        }
        const index = reopened ? bm25FromBytes(live.toBytes(), { analyzer: spaces }) : live;
        const phrases = asked.phrases.filter((one) => one !== "");
        const without = asked.without.filter((one) => one !== "");
        const wanted = index.search([asked.text, ...asked.phrases].join(" "), { topK: 100 }).filter(({ id }) => {
          const own = documents.get(id) ?? "";
          return phrases.every((one) => stands(own, one)) && !without.some((one) => stands(own, one));
        });
        expect(index.search(asked, { topK: 100 })).toEqual(wanted);
        const even = (id: string): boolean => Number(id) % 2 === 0;
        const evenWanted = wanted.filter(({ id }) => even(id));
        expect(index.search(asked, { topK: 100, where: even })).toEqual(evenWanted);
        const where = index.ids([...documents.keys()].filter(even));
        expect(index.search(asked, { topK: 100, where })).toEqual(evenWanted);
      }),
      { numRuns: 300 },
    );
  });

  test("are found among any number of different words", () => {
    const words = (from: number, size: number): string =>
      Array.from({ length: size }, (_, i) => `w${from + i}`).join(" ");
    const index = filled({ few: words(0, 200), more: words(0, 300), many: words(0, 70_000), back: "w199 w198" });
    const again = bm25FromBytes(index.toBytes(), { analyzer: spaces });
    for (const each of [index, again]) {
      expect(idsOf(each, { phrases: ["w198 w199"] })).toEqual(["few", "more", "many"]);
      expect(idsOf(each, { phrases: ["w255 w256 w257"] })).toEqual(["more", "many"]);
      expect(idsOf(each, { phrases: ["w65535 w65536 w65537"] })).toEqual(["many"]);
      expect(idsOf(each, { phrases: ["w65535 w65537"] })).toEqual([]);
    }
  });

  test("a megabyte of one word, and a phrase of as much", () => {
    const index = filled({ long: "a ".repeat(500_000), short: "a a" });
    expect(idsOf(index, { phrases: ["a ".repeat(400_000)] })).toEqual(["long"]);
    expect(idsOf(index, { phrases: [`${"a ".repeat(400_000)} b`] })).toEqual([]);
  });

  test("are analysed: stems, stop words, Chinese", () => {
    const index = bm25({ positions: true });
    index.add("a", "The state of the art in 向量数据库 engines");
    index.add("b", "An art of states, engines");
    expect(idsOf(index, { phrases: ["State of Art"] })).toEqual(["a"]);
    expect(idsOf(index, { phrases: ["数据库 engine"] })).toEqual(["a"]);
    expect(idsOf(index, { phrases: ["据数"] })).toEqual([]);
    expect(idsOf(index, { text: "art", phrases: ["the"], without: ["of the"] })).toEqual(idsOf(index, "art"));
  });

  test("one term needs no positions, several do", () => {
    const index = bm25({ analyzer: spaces });
    index.add("a", "x y");
    index.add("b", "y x z");
    expect(idsOf(index, { text: "y", phrases: ["x"], without: ["z"] })).toEqual(["a"]);
    expect(() => index.search({ phrases: ["x y"] })).toThrow(/"x y" has several terms.*positions: true/);
    expect(() => index.search({ text: "x", without: ["x y"] })).toThrow(ConfigError);
  });

  test("explain speaks of all that scores", () => {
    const index = filled({ a: "x y z" });
    const [found] = index.search({ text: "z", phrases: ["x y"] });
    const shares = index.explain({ text: "z", phrases: ["x y"] }, "a") ?? [];
    expect(shares.map(({ term }) => term).toSorted()).toEqual(["x", "y", "z"]);
    expect(shares.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(found?.score ?? 0, 9);
  });

  test.each([
    [null, /^query: expected a string, or an object/],
    [{ phrase: ["x"] }, /unknown option "phrase"/],
    [{ phrases: "x" }, /^query\.phrases: expected an array of strings, received "x"$/],
    [{ without: [1] }, /^query\.without: expected an array of strings/],
    [{ text: 1 }, /^query\.text: expected a string, received 1$/],
  ])("a query %j is refused", (query, message) => {
    expect(() => filled({ a: "x" }).search(untyped<TextQuery>(query))).toThrow(message);
    expect(() => filled({ a: "x" }).search(untyped<TextQuery>(query))).toThrow(ConfigError);
  });

  test("a plain text has no operators", () => {
    const index = filled({ a: 'x "y z" -w', b: "x z y w" });
    expect(idsOf(index, 'x "y z" -w')).toEqual(["a", "b"]);
  });
});

describe("parseQuery", () => {
  test.each([
    ["plain words", { text: "plain words", phrases: [], without: [] }],
    ['how "to rotate" -ssh keys', { text: "how   keys", phrases: ["to rotate"], without: ["ssh"] }],
    ['-"old version" new', { text: "new", phrases: [], without: ["old version"] }],
    ["„deutsche Zeichen“ x", { text: "x", phrases: ["deutsche Zeichen"], without: [] }],
    ["“curled quotes” x", { text: "x", phrases: ["curled quotes"], without: [] }],
    ['e-mail - 5" disk, semi-"quoted"', { text: 'e-mail - 5" disk, semi-"quoted"', phrases: [], without: [] }],
    ['"never closed', { text: '"never closed', phrases: [], without: [] }],
    ["", { text: "", phrases: [], without: [] }],
  ])("%s", (typed, query) => {
    expect(parseQuery(typed)).toEqual(query);
  });

  test("any text makes a query, in linear time", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (typed) => void filled({ a: "x" }).search(parseQuery(typed))));
    for (const unit of ['"', ' "', ' -"', '-" ', "- ", "„ ", "-„a "])
      expect(parseQuery(unit.repeat(300_000))).toBeDefined();
    expect(() => parseQuery(untyped<string>(1))).toThrow(ConfigError);
  });
});
