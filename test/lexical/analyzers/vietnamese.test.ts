import { describe, expect, test } from "vitest";
import { vietnamese } from "../../../src/lexical/analyzers/languages/vi.ts";

const { fingerprint, terms } = vietnamese();

describe("vietnamese", () => {
  test("has a fingerprint of name and version", () => {
    expect(fingerprint).toBe("vietnamese@1");
  });

  test("keeps syllables with their tones", () => {
    expect(terms("Tiếng Việt là ngôn ngữ, ĐƯỜNG")).toEqual(["tiếng", "việt", "là", "ngôn", "ngữ", "đường"]);
    expect(terms("má mà mả mã mạ ma")).toEqual(["má", "mà", "mả", "mã", "mạ", "ma"]);
  });

  test.each([
    ["hoà khoẻ thuý Thuỷ hoạ", "hòa khỏe thúy Thủy họa"],
    ["quý quỳ hoàn toán thuyền uyển", "quý quỳ hoàn toán thuyền uyển"],
  ])("finds a tone wherever it is put: %j", (text, same) => {
    expect(terms(text)).toEqual(same.toLowerCase().split(" "));
    expect(terms(text.normalize("NFD"))).toEqual(terms(same));
  });
});
