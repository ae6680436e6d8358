import { describe, expect, test } from "vitest";
import { lucene } from "../../../src/lexical/analyzers/lucene.ts";

const { fingerprint, terms } = lucene();

describe("lucene", () => {
  test("has a fingerprint of name and version", () => {
    expect(fingerprint).toBe("lucene@1");
  });

  test("leaves out 33 stop words and no more", () => {
    const stop =
      "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with";
    expect(stop.split(" ")).toHaveLength(33);
    expect(terms(stop)).toEqual([]);
    expect(terms("he has my we do don't")).toEqual(["he", "ha", "my", "we", "do", "don't"]);
  });

  test.each([
    ["3.14 1,000.50 192.168.0.1", ["3.14", "1,000.50", "192.168.0.1"]],
    ["U.S.A. e.g. host:port a·b", ["u.s.a", "e.g", "host:port", "a·b"]],
    ["user_name a_1 1_a _private_", ["user_nam", "a_1", "1_a", "privat"]],
    ["O'Neill rock'n'roll 5'3", ["o'neil", "rock'n'rol", "5'3"]],
    ["e-mail and/or x+y a,b 1.a a.1", ["e", "mail", "x", "y", "b", "1", "1"]],
    ["Ada's ADA’S dogs'", ["ada", "ada", "dog"]],
  ])("finds the words of UAX #29 in %j", (text, expected) => {
    expect(terms(text)).toEqual(expected);
  });
});
