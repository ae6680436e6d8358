import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeBlocks } from "../../src/chunkers/code/blocks.ts";
import { syntaxOf } from "../../src/chunkers/code/syntax.ts";
import { code } from "../../src/chunkers/code.ts";
import { split } from "../../src/chunkers/split.ts";
import { ConfigError } from "../../src/errors.ts";
import { untyped } from "../untyped.ts";
import { codeText } from "./documents.ts";

function blocksOf(text: string, language: string): string[] {
  return codeBlocks(text, syntaxOf(language)).map(({ start, end }) => text.slice(start, end));
}

describe("blocks of code", () => {
  test.each<[string, string, readonly string[]]>([
    [
      "functions with their comments and decorators",
      "ts",
      [
        "import a;\nimport b;",
        "\n\n",
        "/** Doc.\n *  More. */\n@decorated\nfunction a() {\n  b();\n}",
        "\n",
        "// note\nclass B {\n}",
      ],
    ],
    ["comments that stand alone", "ts", ["// alone", "\n\n", "a();", "\n\n", "function b() {\n  c();\n}"]],
    ["branches in one", "js", ["if (a) {\n  b();\n} else if (c) {\n  d();\n} else {\n  e();\n}", "\n", "f();"]],
    ["brackets on their own lines", "csharp", ["void A()\n{\n    B();\n}", "\n", "void C()\n{\n    D();\n}"]],
    ["long signatures", "rust", ["fn a(\n    b: u8,\n) -> u8 {\n    b\n}", "\n\n", "fn c() {\n    d\n}"]],
    [
      "strings over lines",
      "js",
      ["const a = `\nfunction no() {\n  x\n}\n`;\nconst b = 1;", "\n", "function c() {\n  d();\n}"],
    ],
    [
      "quotes in strings and comments",
      "js",
      ["const a = \"`\"; // `\nconst b = 'it\\'s `';", "\n", "function c() {\n  d;\n}"],
    ],
    [
      "Python",
      "python",
      [
        'def a(\n    b,\n):\n    """Doc.\n\nNo indent.\n    """\n    try:\n        c\n    except D:\n        e',
        "\n",
        "@f\ndef g():\n    h",
      ],
    ],
    ["Ruby", "ruby", ["def a\n  b\nend", "\n", "# note\ndef c\n  d\nrescue\n  e\nend"]],
    ["shell", "sh", ["if a\nthen\n  b\nelse\n  c\nfi", "\n", "for x in y\ndo\n  z\ndone"]],
    ["Ruby with variables of objects", "rb", ["@a = 1", "\n", "def b\n  c\nend"]],
    [
      "Rust with bounds and attributes",
      "rust",
      [
        "#[inline]\nfn a<Q>(b: Q) -> Q\nwhere\n    Q: Ord,\n{\n    b\n}",
        "\n\n",
        "impl<T> C for D<T>\nwhere\n    T: E,\n{\n}",
      ],
    ],
    ["Go", "go", ["type A struct {\n\tb int\n}", "\n\n", "// F does.\nfunc (a *A) F() {\n\treturn\n}"]],
    [
      "CSS",
      "css",
      [
        "#a {\n  b: c;\n}",
        "\n",
        "/* d */\n.e,\n.f > g {\n  --h: i;\n}",
        "\n",
        "@media print {\n  j {\n    k: l;\n  }\n}",
      ],
    ],
    [
      "C with directives, comments and labels at the margin",
      "c",
      [
        "int f(void)\n{\n\ta();\n#ifdef B\n\tc();\n#endif\n// d\n\te();\nout:\n\treturn 1;\n}",
        "\n",
        "#define G 1",
        "\n\n",
        "#ifdef H\nint h(void)\n{\n\treturn 1;\n}",
        "\n",
        "#endif",
      ],
    ],
    ["C with types above names", "c", ["static struct a *\nf (int b)\n{\n  c ();\n}", "\n", "int\ng()\n{\n  d();\n}"]],
    [
      "C++ with parts that are public",
      "cpp",
      ["class A : B {\npublic:\n  a();\nprivate slots:\n  b();\n};", "\n", "c();"],
    ],
    ["Go with labels", "go", ["func f() {\nouter:\n\tfor {\n\t\tbreak outer\n\t}\n}", "\n", "func g() {\n\th()\n}"]],
    [
      "Rust with text and quotes",
      "rust",
      [
        'fn a() {\n    b(\'"\', \'\\"\', r#"\n{\n  "c": 1\n}\n"#);\n    d("\ne\n");\n}',
        "\n",
        "fn f<'a>(\n    g: &'a str,\n) {\n}",
      ],
    ],
    [
      "patterns with quotes",
      "js",
      [
        "a.replace(/[`/]/g, b / c);\nd = /`/.test(e) || f / g;",
        "\n",
        "function h() {\n  return /'`/;\n}",
        "\n",
        "i(`j`);",
      ],
    ],
    [
      "shell with text",
      "sh",
      ["f() {\n  cat <<-'END' | g\n  h\nthe END\nif\n  i\n  END\n  j\n}", "\n", 'k() {\n  l=${m#n} "o"\n}'],
    ],
    [
      "Python with comments at the margin",
      "python",
      ["def a():\n    b\n# c\n#     d\n    e", "\n", "# f\ndef g():\n    h"],
    ],
    ["JSX", "tsx", ["function A() {\n  return (\n    <B\n      c\n    >\n      d\n    </B>\n  );\n}", "\n", "e();"]],
    ["fields that are private", "js", ["#a = 1;", "\n", "b() {\n  c;\n}"]],
    ["a language that is not known", "klingon", ["thing one\n  part\n}", "\n", "thing two\n  part"]],
    ["text without lines in it", "ts", ["a();b();c();"]],
    [
      "what braces hold at the margin",
      "rust",
      ["pub struct A {\npub a: u8,\n}", "\n", "impl A {\n#[inline]\nfn b() {\nc('{');\n}\n}", "\n", "d!();"],
    ],
    [
      "namespaces at the margin",
      "cpp",
      [
        "namespace a {\nnamespace b {\n\nclass C\n: public D\n{\n  int e;\n};\n\n}\n}  // namespace a",
        "\n\n",
        'int f = R"x({ " )x";',
      ],
    ],
    [
      "alternatives for the preprocessor",
      "c",
      ["namespace {\n#ifdef A\nint f(int a) {\n#else\nint f() {\n#endif\n  b();\n}\n}", "\n", "c();"],
    ],
    [
      "operators with their types above, by tabs and spaces",
      "cpp",
      ["inline a *\noperator->() const\n{\n        b();\n\tc();\n}", "\n", "d();"],
    ],
    [
      "signatures with labels in the body",
      "c",
      ["int f(int a,\n    int b) {\n\tc();\nout:\n\td();\n}", "\n", "int e;"],
    ],
    [
      "raw strings",
      "rust",
      ['fn a() {\n    b(r"\\", br##"\n"#\\\n"##);\n}', "\n", "fn c() {\n    d('\\'', \"x\");\n}"],
    ],
    ["raw strings of Go", "go", ["func a() {\n\tb(`\\`)\n}", "\n", "func c() {\n\td(`x`)\n}"]],
    ["raw strings of Swift", "swift", ['func a() {\n  b(#"\\"#, "/*")\n}', "\n", 'func d() {\n  e("*/")\n}']],
    [
      "templates in templates",
      "js",
      ["const a = `\n${b.map((c) => `\nfunction d() {\n  e\n}\n`)}\n`;", "\n", "function f() {\n  g();\n}"],
    ],
    [
      "patterns behind arrows",
      "ts",
      ["function a() {\n  return b.filter((c) => /[`]/.test(c));\n}", "\n", "function d() {\n  e(`f`);\n}"],
    ],
    [
      "Ruby that appends",
      "ruby",
      ["def a\n  b << c\n  d\nend", "\n", "def e\n  f(<<~G, h)\n  c\nG\n  c\nend", "\n", "def i\n  j\nend"],
    ],
    [
      "types with attributes above names",
      "c",
      ["extern int\n__attribute__((a, b))\nf (int c)\n{\n  d ();\n}", "\n", "int g __attribute__((a))\n;"],
    ],
    [
      "SQL up to its semicolons",
      "sql",
      [
        "CREATE FUNCTION a()\nRETURNS int AS $b$\nBEGIN\n\n  c;\nEND;\n$b$;",
        "\n",
        "SELECT d,\n  e\nFROM f\nWHERE g;",
        "\n",
        "-- h\nINSERT INTO i VALUES\n(1),\n(2);",
      ],
    ],
    [
      "strings of C# as they are",
      "csharp",
      ['void A()\n{\n    b(@"\\", $@"""\n{\n""");\n}', "\n", "void C()\n{\n    d();\n}"],
    ],
    ["shell with programs in strings", "sh", ["a() {\n  awk '\n{ b \\} }\nEND { c }\n'\n}", "\n", "d() {\n  e\n}"]],
    [
      "Python with comments at the margin that end like code",
      "python",
      ["class A:\n    b\n# c,\n# d (\n    e", "\n", "f"],
    ],
    ["shell with strings", "sh", ["a() {\n  b <<< C\n}", "\n", "d() {\n  C\n}"]],
    [
      "Python with arguments at the margin",
      "python",
      ['class A:\n    def b(self):\n        c(d,\n"""\nef\n""")\n        g', "\n", "h = [\n1,\n2,\n]"],
    ],
    ["Lua with text", "lua", ["--[==[ a\n]] b\n]==]\nfunction c()\n  d([[\ne\n]])\nend", "\n", "f()"]],
  ])("are %s", (_, language, parts) => {
    expect(blocksOf(parts.join(""), language)).toEqual(parts.filter((part) => part.trim() !== ""));
  });

  test("have all of the text, one behind the other, at every depth", () => {
    fc.assert(
      fc.property(codeText, fc.constantFrom("ts", "python", "klingon"), (text, language) => {
        const expectTiled = (blocks: ReturnType<typeof codeBlocks>, from: number, to: number): void => {
          let position = from;
          for (const { start, end, children } of blocks) {
            expect(text.slice(position, start).trim()).toBe("");
            expect(end).toBeGreaterThan(start);
            if (children) expectTiled(children, start, end);
            position = end;
          }
          expect(text.slice(position, to).trim()).toBe("");
        };
        expectTiled(codeBlocks(text, syntaxOf(language)), 0, text.length);
      }),
      { numRuns: 1500 },
    );
  });

  test("are found in time linear in what is nested and what is open", () => {
    const deeper = Array.from({ length: 1500 }, (_, depth) => `${" ".repeat(depth)}if x:\n`).join("");
    for (const text of [
      deeper,
      "/*\n".repeat(60_000),
      "`\n'\n".repeat(60_000),
      "}\n".repeat(100_000),
      "@a\n".repeat(100_000),
      '"""\n'.repeat(60_001),
      "=/[".repeat(60_000),
      "<<A <<B <<C <<d\n".repeat(30_000),
      Array.from({ length: 30_000 }, (_, word) => `<<A${word}\n`).join(""),
      "int\na (\n".repeat(30_000),
      "`${".repeat(60_000),
      Array.from({ length: 30_000 }, (_, word) => `R"a${word}(\n$a${word}$\n`).join(""),
      "{(".repeat(60_000) + "]\n#if\n".repeat(60_000),
    ]) {
      for (const language of ["ts", "python", "ruby", "cpp", "sql"])
        expect(blocksOf(text, language).length).toBeGreaterThan(0);
    }
  });
});

describe("code", () => {
  const method = (name: string): string =>
    `  /** Does ${name}. */\n  async ${name}(first: string, second: number) {\n    const third = await this.call(first, second);\n    return third;\n  }\n`;
  const source = `import { a } from "a";\n\nexport class Store extends Base {\n${["get", "set", "clear", "close"].map(method).join("\n")}}\n\nfunction last() {\n  return 1;\n}\n`;

  test("keeps methods whole, under the first line of their class", async () => {
    const pieces = await split(source, code({ language: "ts", size: 300, overlap: 0 }));
    expect(pieces.map(({ context, text }) => [context, text.split("\n")[0]])).toEqual([
      [undefined, 'import { a } from "a";'],
      [undefined, "export class Store extends Base {"],
      ["export class Store extends Base", "/** Does set. */"],
      ["export class Store extends Base", "/** Does clear. */"],
      ["export class Store extends Base", "/** Does close. */"],
      [undefined, "function last() {"],
    ]);
    for (const { text } of pieces.slice(2, 5)) expect(text).toMatch(/return third;\n {2}\}/u);
  });

  test("has the whole path of what is cut deeper", async () => {
    const body = Array.from({ length: 30 }, (_, line) => `    step${line}(first, second, third);`).join("\n");
    const text = `class Store {\n  async search(query) {\n${body}\n  }\n}\n`;
    const pieces = await split(text, code({ language: "js", size: 300, overlap: 0 }));
    expect(pieces[0]).toMatchObject({ text: expect.stringMatching(/^class Store \{\n {2}async search/u) });
    expect(pieces[0]).not.toHaveProperty("context");
    for (const { context } of pieces.slice(1)) expect(context).toBe("class Store\nasync search(query)");
  });

  test("has functions and classes in the path, and no branches", async () => {
    const body = Array.from({ length: 30 }, (_, line) => `            step${line}(first, second, third);`).join("\n");
    for (const branch of ["if (a) {", "for (const b of c) {", "try {", "switch(d) {"]) {
      const text = `class Store {\n    async search(query) {\n        ${branch}\n${body}\n        }\n    }\n}\n`;
      const pieces = await split(text, code({ language: "js", size: 300, overlap: 0 }));
      for (const { context } of pieces.slice(1)) expect(context).toBe("class Store\nasync search(query)");
    }
  });

  test("keeps whole what fits without the comments above it", async () => {
    const note = Array.from({ length: 12 }, (_, line) => `// line ${line} of what is said of it\n`).join("");
    const text = `import "a";\n\n${note}func f(a int) {\n\treturn a\n}\n`;
    const pieces = await split(text, code({ language: "go", size: 400, overlap: 0 }));
    expect(pieces.at(-1)?.text).toBe("func f(a int) {\n\treturn a\n}");
    expect(pieces.map((piece) => piece.text).join("\n")).toContain(note.trim());
    for (const [language, decorator] of [
      ["java", "@Override"],
      ["rust", "#[inline]"],
      ["python", "@cached"],
    ] as const) {
      const decorated = text
        .replace("func", `${decorator}\n${decorator}\nfunc`)
        .replaceAll("//", language === "python" ? "#" : "//");
      const [last] = (await split(decorated, code({ language, size: 400, overlap: 0 }))).slice(-1);
      expect(last?.text).toMatch(/^[@#].*\n[@#].*\nfunc/u);
    }
    const cut = await split(text, code({ language: "go", size: 200, overlap: 0 }));
    expect(cut.slice(2, -1).map(({ context }) => context)).toContain("func f(a int)");
  });

  test("has no comments, labels and statements in the path", async () => {
    const body = Array.from({ length: 20 }, (_, line) => `        step${line}(first, second, third);`).join("\n");
    const text = `class A : public B {\npublic:\n    static int\n    f(int a)\n    {\n// note\n${body}\n    out:\n${body}\n    }\n};\n`;
    const pieces = await split(text, code({ language: "cpp", size: 300, overlap: 0 }));
    expect(pieces.length).toBeGreaterThan(4);
    for (const { context } of pieces.slice(1)) expect(context).toBe("class A : public B\nstatic int f(int a)");
    const odd = await split(`a = 1;\n${body}`, code({ language: "js", size: 300, overlap: 0 }));
    for (const { context } of odd) expect(context).toBeUndefined();
  });

  test.each([
    ["java", "  static <\n          A extends B,\n          C>\n      D<A> e(\n          F f) {\n", "D<A> e"],
    ["java", "  static final class A<B>\n      extends C<B> {\n", "static final class A<B>"],
    ["cpp", "  A *\n  operator++(int)\n  {\n", "A * operator++(int)"],
    ["ruby", "  a.each do |b|\n", "a.each do |b|"],
    ["swift", "  guard let a else {\n", undefined],
    ["sh", "  *)\n", undefined],
  ])("has the name of what is cut, in %s", async (language, head, label) => {
    const body = Array.from({ length: 20 }, (_, line) => `    step${line}(first, second, third);\n`).join("");
    const pieces = await split(`${head}${body}  }\n`, code({ language, size: 400, overlap: 0 }));
    expect(pieces.slice(1).map(({ context }) => context)).toEqual(pieces.slice(1).map(() => label));
  });

  test("has the path of what has a comment above it, however long", async () => {
    const member = (lines: number): string =>
      `  /**\n${"   * A line of what is said.\n".repeat(lines)}   */\n  f${lines}() {\n    a();\n    b();\n  }\n`;
    const text = `class A {\n  a = 1;\n\n${Array.from({ length: 9 }, (_, lines) => member(lines)).join("\n")}}\n`;
    for (let size = 150; size < 300; size += 3) {
      const pieces = await split(text, code({ language: "js", size, overlap: 0 }));
      for (const { context } of pieces.slice(1)) expect(context).toMatch(/^class A/u);
    }
  });

  test("has the path of what is not indented", async () => {
    const body = Array.from({ length: 20 }, (_, line) => `step${line}(first, second, third);\n`).join("");
    const text = `namespace a {\nclass B {\npublic:\nvoid c() {\n${body}}\n};\n}\n\n${body}`;
    const pieces = await split(text, code({ language: "cpp", size: 300, overlap: 0 }));
    const paths = pieces.map(({ context }) => context?.split("\n").join(" > "));
    expect(pieces[0]?.text).toMatch(/^namespace a \{\nclass B \{\npublic:\nvoid c\(\) \{\nstep0/u);
    expect(new Set(paths.slice(1))).toEqual(new Set(["namespace a > class B > void c()", undefined]));
    expect(paths.at(-1)).toBeUndefined();
  });

  test("refuses a language that is none", () => {
    expect(() => code(untyped({}))).toThrow(ConfigError);
    expect(() => code({ language: "" })).toThrow(/language.*""/u);
    expect(code({ language: "ts" }).fingerprint).not.toBe(code({ language: "js" }).fingerprint);
  });
});
