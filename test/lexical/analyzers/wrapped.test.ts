import { describe, expect, test } from "vitest";
import { ConfigError } from "../../../src/errors.ts";
import { english } from "../../../src/lexical/analyzers/english.ts";
import { unicode } from "../../../src/lexical/analyzers/unicode.ts";
import { untyped } from "../../untyped.ts";
import { withSynonyms, withTermFilter } from "../../../src/lexical/analyzers/wrapped.ts";

describe("withTermFilter", () => {
  const long = withTermFilter(unicode(), "long", (term) => term.length > 2);

  test("leaves out what is refused", () => {
    expect(long.terms("to be or not to be, Hamlet")).toEqual(["not", "hamlet"]);
  });

  test("has a fingerprint of its own", () => {
    expect(long.fingerprint).toBe("unicode@1+long");
  });

  test("a promise, which counts as true, keeps no term", () => {
    const late = withTermFilter(
      unicode(),
      "late",
      untyped(async () => false),
    );
    expect(() => late.terms("to be")).toThrow(
      new ConfigError("keep: expected true or false, received a promise; await it"),
    );
  });

  test("wants a name", () => {
    expect(() => withTermFilter(unicode(), "", () => true)).toThrow(
      new ConfigError('name: expected a name for the fingerprint, received ""'),
    );
  });
});

describe("withSynonyms", () => {
  test("adds the synonyms of a word after it, each time", () => {
    const { terms } = withSynonyms(english(), { K8s: ["Kubernetes", "container orchestration"] });
    const found = "k8s kubernet contain orchestr cluster k8s kubernet contain orchestr";
    expect(terms("a k8s cluster, K8S!").join(" ")).toBe(found);
    expect(terms("Kubernetes")).toEqual(["kubernet"]);
  });

  test("knows phrases, and each that ends in the same word", () => {
    const { terms } = withSynonyms(unicode(), { "new york": ["nyc"], york: ["eboracum"], "york city": ["jorvik"] });
    expect(terms("new york city")).toEqual(["new", "york", "nyc", "eboracum", "city", "jorvik"]);
    expect(terms("york new new york")).toEqual(["york", "eboracum", "new", "new", "york", "nyc", "eboracum"]);
  });

  test("does not follow synonyms of synonyms", () => {
    const { terms } = withSynonyms(unicode(), { a: ["b"], b: ["a", "c"] });
    expect(terms("a")).toEqual(["a", "b"]);
    expect(terms("b")).toEqual(["b", "a", "c"]);
  });

  test("finds words without spaces between them", () => {
    const { terms } = withSynonyms(unicode(), { 北京: ["peking"] });
    expect(terms("去北京吧")).toContain("peking");
    expect(terms("京北")).not.toContain("peking");
  });

  test("has a fingerprint of what it adds, in whatever order it is written", () => {
    const of = (synonyms: Record<string, readonly string[]>): string => withSynonyms(english(), synonyms).fingerprint;
    expect(of({ a1: ["b1"], c1: ["d1"] })).toBe(of({ C1: ["D1"], A1: ["b1"] }));
    expect(of({ a1: ["b1"] })).not.toBe(of({ a1: ["b2"] }));
    expect(of({ a1: ["b1"] })).not.toBe(of({ b1: ["a1"] }));
    expect(of({ a1: ["b1"] })).toMatch(/^english@1\+synonyms:[0-9a-f]{1,8}$/);
  });

  test("takes any name for a key", () => {
    const { terms } = withSynonyms(unicode(), JSON.parse('{"__proto__":["prototype"],"constructor":["maker"]}'));
    expect(terms("proto constructor toString")).toEqual(["proto", "prototype", "constructor", "maker", "tostring"]);
  });

  test.each([
    [{ the: ["a1"] }, 'synonyms: expected words that are searched, but english@1 finds none in "the"'],
    [{ a1: ["!"] }, 'synonyms: expected words that are searched, but english@1 finds none in "!"'],
    [{ a1: "b1" }, 'synonyms: expected an array for "a1", received "b1"'],
    [{ a1: [7] }, "synonyms: expected text, received 7"],
  ])("refuses %j", (synonyms, message) => {
    expect(() => withSynonyms(english(), synonyms as unknown as Record<string, readonly string[]>)).toThrow(
      new ConfigError(message),
    );
  });
});
