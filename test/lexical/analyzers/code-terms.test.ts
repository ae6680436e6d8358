import { describe, expect, test } from "vitest";
import { codeTerms } from "../../../src/lexical/analyzers/code-terms.ts";
import { english } from "../../../src/lexical/analyzers/english.ts";

const { fingerprint, terms } = codeTerms();

describe("codeTerms", () => {
  test("has a fingerprint of name and version", () => {
    expect(fingerprint).toBe("code@2");
  });

  test.each([
    ["getUserName()", ["getusername", "get", "user", "name"]],
    ["HTTPServer parseXML2Json", ["httpserver", "http", "server", "parsexml2json", "pars", "xml2", "json"]],
    ["max_retry_count MAX_VALUE", ["max_retry_count", "max", "retri", "count", "max_value", "max", "valu"]],
    ["os.path.join", ["os.path.join", "os", "path", "join"]],
    ["this.isReady", ["this.isready", "isready", "readi"]],
    ["http.parseURL_v2", ["http.parseurl_v2", "http", "parseurl_v2", "pars", "url", "v2"]],
    ["sha256sum utf8 i18n", ["sha256sum", "utf8", "i18n"]],
    ["__init__ $scope #private @Injectable", ["init", "scope", "privat", "inject"]],
    ["std::vector<int> a->b", ["std", "vector", "int", "b"]],
    ["C++, c# and F#: not C", ["c", "cplusplus", "c", "csharp", "f", "fsharp", "c"]],
    ["C++17 or C#12, in C++", ["c", "cplusplus", "17", "c", "csharp", "12", "c", "cplusplus"]],
    ["i++ f++ abc++ x.c++ C#sharp C+++ #c", ["f", "abc", "x.c", "x", "c", "c", "sharp", "c", "c"]],
    ["userName's SomeClass’s", ["username", "user", "name", "someclass", "class"]],
    ["ÉcoleSupérieure größeÄndern", ["écolesupérieure", "école", "supérieur", "grösseändern", "grösse", "ändern"]],
  ])("gives %j whole and in parts", (text, expected) => {
    expect(terms(text)).toEqual(expected);
  });

  test("reads prose as english does", () => {
    const prose =
      "Let's see: don't the dogs' owners love Ada's rock'n'roll, 北京大学 and naïve Running? İstanbul'da it’s TRUE";
    expect(terms(prose)).toEqual(english().terms(prose));
  });
});
