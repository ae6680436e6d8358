import { describe, expect, test } from "vitest";
import { AdapterError, ConfigError } from "../../src/errors.ts";
import { fromCount } from "../../src/tokens/from-count.ts";
import { untyped } from "../untyped.ts";

describe("fromCount", () => {
  test("counts as it is told", () => {
    const words = fromCount("words", (text) => text.split(" ").length);
    expect(words.name).toBe("words");
    expect(words.count("one two three")).toBe(3);
    expect(fromCount("none", () => 0).count("one")).toBe(0);
  });

  test.each([-1, 1.5, Number.NaN, Infinity, 2 ** 53, "3", undefined, null, 3n])("refuses the count %s", (count) => {
    const broken = fromCount("broken", () => untyped(count));
    const failure = (): number => broken.count("one");
    expect(failure).toThrow(AdapterError);
    expect(failure).toThrow(/^broken: expected the count to be a non-negative integer, received /);
    expect(failure).toThrow(expect.objectContaining({ adapter: "broken", retryable: false }));
  });

  test("lets through what the function throws", () => {
    const reason = new Error("no model");
    const broken = fromCount("broken", () => {
      throw reason;
    });
    expect(() => broken.count("one")).toThrow(reason);
  });

  test.each(["", undefined, 5])("refuses the name %j", (name) => {
    expect(() => fromCount(untyped(name), () => 1)).toThrow(ConfigError);
    expect(() => fromCount(untyped(name), () => 1)).toThrow(/^fromCount\.name: expected a non-empty string, received /);
  });

  test.each([undefined, 5, "length"])("refuses %j for a function", (count) => {
    expect(() => fromCount("words", untyped(count))).toThrow(/^fromCount\.count: expected a function, received /);
  });
});
