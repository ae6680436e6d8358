import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { Language, Parser } from "web-tree-sitter";
import type { Node } from "web-tree-sitter";
import { code } from "../../src/chunkers/code.ts";
import { split } from "../../src/chunkers/split.ts";
import { ConfigError } from "../../src/errors.ts";
import { untyped } from "../untyped.ts";
import { expectContract } from "./contract.ts";
import { codeText, text as anyText, wordish } from "./documents.ts";

const require = createRequire(import.meta.url);
const parsers = new Map<string, Parser>();

function parserOf(language: string): Parser {
  const parser = parsers.get(language);
  if (!parser) throw new Error(`no parser of ${language}`);
  return parser;
}

beforeAll(async () => {
  await Parser.init();
  const grammars = {
    python: require.resolve("@vscode/tree-sitter-wasm/wasm/tree-sitter-python.wasm"),
    typescript: require.resolve("@vscode/tree-sitter-wasm/wasm/tree-sitter-typescript.wasm"),
    cpp: require.resolve("@vscode/tree-sitter-wasm/wasm/tree-sitter-cpp.wasm"),
  };
  for (const [language, file] of Object.entries(grammars)) {
    parsers.set(language, new Parser().setLanguage(await Language.load(file)));
  }
});

const store = `import os
import sys

# Keeps things.
@dataclass(frozen=True)
class Store(Base):
    """A store."""

    # Finds one.
    @cached
    def find(self, key,
             default=None):
        """Of a key."""
        if key in self.items:
            return self.items[key]
        return default

    def add(self, key, value):
        self.items[key] = value  # the last one stays


def main():
    Store().add("a", 1)


if __name__ == "__main__":
    main()
`;

describe("code with a parser", () => {
  test("keeps what fits whole, with its comments and decorators, and repeats what it stands in", async () => {
    const pieces = await split(store, code({ language: "python", parser: parserOf("python"), size: 260, overlap: 0 }));
    expect(pieces.map(({ text, context }) => [context, text])).toEqual([
      [undefined, "import os\nimport sys"],
      [undefined, '# Keeps things.\n@dataclass(frozen=True)\nclass Store(Base):\n    """A store."""'],
      [
        "class Store(Base)",
        `# Finds one.\n    @cached\n    def find(self, key,\n             default=None):\n        """Of a key."""\n        if key in self.items:\n            return self.items[key]\n        return default`,
      ],
      ["class Store(Base)", "def add(self, key, value):\n        self.items[key] = value  # the last one stays"],
      [undefined, 'def main():\n    Store().add("a", 1)\n\n\nif __name__ == "__main__":\n    main()'],
    ]);
  });

  const steps = (margin: string, end = ";"): string =>
    Array.from({ length: 12 }, (_, step) => `${margin}step${step}(first, second, third)${end}\n`).join("");

  test.each<[string, string, string, readonly string[]]>([
    [
      "an object",
      "typescript",
      `module.exports = {\n  meta: 1,\n  create(context) {\n${steps("    ")}  },\n};\n`,
      ["module.exports", "create(context)"],
    ],
    [
      "a function that is called",
      "typescript",
      `(function () {\n  function f() {\n${steps("    ")}  }\n})();\n`,
      ["(function ()", "function f()"],
    ],
    ["a block", "typescript", `{\n  function f() {\n${steps("    ")}  }\n}\n`, ["function f()"]],
    [
      "branches",
      "python",
      `def f():\n    if a:\n        b\n    else:\n        def g(c):\n${steps("            ", "")}`,
      ["def f()", "def g(c)"],
    ],
    ["a name that is computed", "typescript", `class A {\n  [b]() {\n${steps("    ")}  }\n}\n`, ["class A", "[b]()"]],
    [
      "a function in a call with another one behind it",
      "cpp",
      `int x = f([](int a) {\n${steps("  ")}}).g(\n  1\n);\n`,
      ["int x = f", "[](int a)"],
    ],
    [
      "a function of many parameters",
      "python",
      `def f(\n${"    some_parameter,\n".repeat(12)}):\n${steps("    ", "")}`,
      ["def f"],
    ],
    ["decorators over lines", "python", `@skip(\n    1)\ndef f():\n${steps("    ", "")}`, ["def f()"]],
    [
      "a guard and a template",
      "cpp",
      `#ifndef A\n#define A\ntemplate <class T>\nclass B {\n  void f() {\n${steps("    ")}  }\n};\n#endif\n`,
      ["template <class T> class B", "void f()"],
    ],
  ])("finds what stands in %s", async (_, language, text, path) => {
    const pieces = await split(text, code({ language, parser: parserOf(language), size: 300, overlap: 0 }));
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.at(-1)?.context).toBe(path.join("\n"));
  });

  test("finds what stands in what the grammar cannot read", async () => {
    const text = `#ifndef A\n#ifdef B\nextern "C" {\n#endif\nstruct C {\n${steps("  int* a")}};\n#ifdef B\n}\n#endif\n`;
    const pieces = await split(text, code({ language: "cpp", parser: parserOf("cpp"), size: 300, overlap: 0 }));
    expect(pieces.map(({ context }) => context)).toContain("struct C");
  });

  test("keeps small functions whole beside statements", async () => {
    const text = Array.from({ length: 12 }, (_, at) => `a${at} = ${at}\ndef f${at}(b):\n    return b\n`).join("");
    const pieces = await split(text, code({ language: "python", parser: parserOf("python"), size: 80, overlap: 0 }));
    for (const { text: piece } of pieces)
      expect(piece.match(/def /gu)?.length ?? 0).toBe(piece.match(/return/gu)?.length ?? 0);
  });

  test("keeps the functions of real sources whole that fit", async () => {
    const folder = fileURLToPath(new URL("../../src/chunkers", import.meta.url));
    const size = 1000;
    let fitting = 0;
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".ts")) continue;
      const text = readFileSync(join(folder, file), "utf8");
      const parser = parserOf("typescript");
      const pieces = await split(text, code({ language: "ts", parser, size }));
      expectContract({ text }, pieces, { size });
      const tree = parser.parse(text);
      for (const one of functionsIn(tree?.rootNode)) {
        const inside = pieces.filter(({ start, end }) => start < one.endIndex && end > one.startIndex);
        const frame = Math.max(...inside.map(({ context = "" }) => context.length + 1));
        if (one.endIndex - one.startIndex + frame > size) continue;
        fitting++;
        const whole = inside.some(({ start, end }) => start <= one.startIndex && end >= one.endIndex);
        expect(whole, `${file}: ${text.slice(one.startIndex, one.endIndex)}`).toBe(true);
      }
      tree?.delete();
    }
    expect(fitting).toBeGreaterThan(200);
  });

  test.each(["python", "typescript"])("keeps the contract on any text, as %s", async (language) => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(codeText, anyText),
        fc.integer({ min: 16, max: 200 }),
        fc.constantFrom(undefined, wordish),
        async (text, size, tokenizer) => {
          const options = { size, ...(tokenizer && { tokenizer }) };
          const chunker = code({ language, parser: parserOf(language), ...options });
          expectContract({ text }, await split(text, chunker), options);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("lets the tree go, and does without where the parser gives up", async () => {
    let freed = 0;
    const parser = {
      parse: (text: string) => {
        const tree = parserOf("python").parse(text);
        return tree && { rootNode: tree.rootNode, delete: () => void (tree.delete(), freed++) };
      },
    };
    await split(store, code({ language: "python", parser }));
    expect(freed).toBe(1);
    expect(await split(store, code({ language: "python", parser: { parse: () => null }, size: 200 }))).toEqual(
      await split(store, code({ language: "python", size: 200 })),
    );
  });

  test("is another chunker than without one", () => {
    const parser = parserOf("python");
    expect(code({ language: "python", parser }).fingerprint).not.toBe(code({ language: "python" }).fingerprint);
    expect(() => code({ language: "python", parser: untyped("python") })).toThrow(ConfigError);
  });
});

function functionsIn(part: Node | undefined): readonly Node[] {
  const children = part?.namedChildren.flatMap((one) => (one ? functionsIn(one) : [])) ?? [];
  return part && /^(?:function|generator_function)_declaration$/u.test(part.type) ? [part, ...children] : children;
}
