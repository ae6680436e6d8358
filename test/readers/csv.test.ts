import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError, DocumentError } from "../../src/errors.ts";
import { csv } from "../../src/readers/csv.ts";
import type { CsvOptions } from "../../src/readers/csv.ts";
import { untyped } from "../untyped.ts";
import { all, inParts } from "./reading.ts";

const fieldsOf: CsvOptions<Record<string, string>> = { metadata: (fields) => ({ ...fields }) };

async function rowsOf(file: string, options = fieldsOf): Promise<unknown[]> {
  return (await all(csv(file, options))).map(({ metadata }) => Object.values(metadata));
}

describe("csv", () => {
  test("makes documents of rows, with their place in the file", async () => {
    const file = 'sku,name,brand\r\nA1,"Lamp, small",Acme\r\n\r\nB2,"A ""big""\nlamp",\r\n';
    const documents = await all(csv(file, { id: "sku", title: "name", text: ["name", "brand"], metadata: ["brand"] }));
    expect(documents).toEqual([
      {
        id: "A1",
        title: "Lamp, small",
        text: "name: Lamp, small\nbrand: Acme",
        metadata: { brand: "Acme" },
        line: 2,
        span: { start: 16, end: 37 },
      },
      {
        id: "B2",
        title: 'A "big"\nlamp',
        text: 'name: A "big"\nlamp',
        metadata: {},
        line: 4,
        span: { start: 41, end: 61 },
      },
    ]);
    expect(documents.map(({ span }) => file.slice(span.start, span.end))).toEqual([
      'A1,"Lamp, small",Acme',
      'B2,"A ""big""\nlamp",',
    ]);
  });

  test("takes functions for all that a document has", async () => {
    const [document] = await all(
      csv("a;b\n1;2\n", {
        delimiter: ";",
        id: ({ a }, { row, line }) => `${a}/${row}/${line}`,
        title: () => undefined,
        text: ({ a, b }) => `${a} and ${b}`,
        metadata: ({ b }, { row, line, span }) => ({ b: Number(b), row, line, start: span.start }),
      }),
    );
    expect(document).toMatchObject({
      id: "1/1/2",
      text: "1 and 2",
      metadata: { b: 2, row: 1, line: 2, start: 4 },
    });
    expect(document).not.toHaveProperty("title");
  });

  test("bytes are refused with the way to text", async () => {
    const bytes = untyped<AsyncIterable<string>>([new TextEncoder().encode("a,b\n1,2\n")]);
    await expect(all(csv(bytes))).rejects.toThrow(
      /^csv: expected the source to yield strings, received bytes\. Bytes are read as text .* TextDecoderStream\.$/,
    );
    await expect(all(csv(untyped([7])))).rejects.toThrow("csv: expected the source to yield strings, received 7.");
  });

  test.each<[string, string, string[][]]>([
    ["no line end at the end", "a,b\n1,2", [["1", "2"]]],
    [
      "empty fields",
      'a,b\n,\n"",""\n',
      [
        ["", ""],
        ["", ""],
      ],
    ],
    ["all line ends", "a\r1\n2\r\n3\r\r\n", [["1"], ["2"], ["3"]]],
    ["a byte order mark", "\ufeffa\n1\n", [["1"]]],
    ["quotes inside a field", 'a,b\n5" pipe,6"\n', [['5" pipe', '6"']]],
    ["line ends in quotes", 'a,b\n"1\r\n\r\n2","\r"\n', [["1\r\n\r\n2", "\r"]]],
    ["doubled quotes", 'a\n""""\n""""""\n', [['"'], ['""']]],
    ["white space", "a,b\n 1 ,\t2\n", [[" 1 ", "\t2"]]],
    ["names of the language", "__proto__,constructor\n1,2\n", [["1", "2"]]],
    ["nothing", "", []],
    ["a header alone", "a,b\n", []],
  ])("reads %s", async (_, file, rows) => {
    expect(await rowsOf(file)).toEqual(rows);
  });

  test.each<[string, string, number, RegExp]>([
    ["too few fields", "a,b\n1,2\n3\n", 3, /line 3: expected 2 fields/u],
    ["too many fields", 'a,b\n"1\n",2\n3,4,5\n', 4, /line 4: expected 2 fields .*received 3/u],
    ["a quote without end", 'a,b\n1,"2\n3,4\n', 2, /line 2: .*closed/u],
    ["text behind a quoted field", 'a,b\n1,2\n"3"x,4\n', 3, /line 3: .*behind a quoted field/u],
    ["a name that comes twice", "a,b,a\n", 1, /line 1: .*"a" comes twice/u],
    ["a name that is missing", "a,,b\n", 1, /line 1: .*field 2 has none/u],
  ])("refuses %s", async (_, file, line, message) => {
    const error: unknown = await all(csv(file)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DocumentError);
    expect(error).toMatchObject({ line, message: expect.stringMatching(message) });
  });

  test("goes on behind refused rows when told to", async () => {
    const refused: (number | undefined)[] = [];
    const documents = await all(
      csv("a,b\n1\n2,3\n4,5,6\n7,8\n", { text: "a", onRefused: ({ line }) => refused.push(line) }),
    );
    expect(documents.map(({ id, text, line }) => [id, text, line])).toEqual([
      ["2", "2", 3],
      ["4", "7", 5],
    ]);
    expect(refused).toEqual([2, 4]);
  });

  test("refuses a row that is too long, however it comes", async () => {
    const file = `a,b\n1,2\n${"x".repeat(94)},3\n4,5\n`;
    for (const source of [file, [...file]]) {
      await expect(all(csv(source, { longest: 60 }))).rejects.toThrow(/line 3: expected a row of at most 60/u);
    }
  });

  test("does not fill the memory with a quote that is never closed", async () => {
    async function* endless(): AsyncGenerator<string> {
      yield 'a\n"';
      for (;;) yield "x".repeat(1000);
    }
    await expect(all(csv(endless(), { longest: 10_000 }))).rejects.toThrow(/line 2: expected a row of at most 10000/u);
    // Looked at once: to join all that came with each part would take minutes.
    const long = inParts(`a\n"${"x".repeat(8_000_000)}`, 200);
    await expect(all(csv(long, { longest: 7_000_000 }))).rejects.toThrow(/line 2: expected a row of at most 7000000/u);
  });

  test.each([
    { delimiter: "" },
    { delimiter: '"' },
    { header: ["a", "a"] },
    { header: "a" },
    { text: 5 },
    { id: "" },
    { metadata: "a" },
    { onRefused: true },
    { longest: 0 },
    { columns: ["a"] },
    { header: ["a"], metadata: ["b"] },
    { header: ["a"], title: "b" },
  ])("refuses the options %j", (options) => {
    expect(() => csv("a\n1\n", untyped<CsvOptions>(options))).toThrow(ConfigError);
  });

  test("refuses a field that the file does not have, and a source that is none", async () => {
    await expect(all(csv("a,b\n1,2\n", { metadata: ["c"] }))).rejects.toThrow(
      /^csv\.metadata: expected a field of the file \(a, b\), received "c"$/u,
    );
    await expect(all(csv(untyped(5)))).rejects.toThrow(ConfigError);
    await expect(all(csv(untyped([5])))).rejects.toThrow(ConfigError);
  });

  const field = fc.string({
    unit: fc.constantFrom("a", " ", '"', ",", "\n", "\r", "\r\n", "😀", "e\u0301", "\0"),
    maxLength: 6,
  });

  test("gives back what was written, however the file is cut on its way in", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(field, field), { maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        async (rows, size) => {
          const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;
          const file = ["a,b", ...rows.map((row) => row.map(quoted).join(","))].join("\r\n");
          const documents = await all(csv(file, fieldsOf));
          expect(documents.map(({ metadata }) => [metadata["a"], metadata["b"]])).toEqual(rows);
          for (const { span, line } of documents) {
            expect(file.slice(span.start, span.end)).toMatch(/^"[^]*"$/u);
            expect(file.slice(0, span.start).split(/\r\n|\r|\n/u)).toHaveLength(line);
          }
          expect(await all(csv(inParts(file, size), fieldsOf))).toEqual(documents);
        },
      ),
    );
  });

  test("reads any text or says what is wrong with it, alike in parts", async () => {
    const outcome = async (source: Parameters<typeof csv>[0]): Promise<unknown> => {
      const refused: string[] = [];
      return all(csv(source, { ...fieldsOf, onRefused: ({ message }) => refused.push(message) })).then(
        (documents) => [documents, refused],
        (error: unknown) => String(error),
      );
    };
    await fc.assert(
      fc.asyncProperty(fc.array(field, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), async (parts, size) => {
        const file = parts.join("");
        expect(await outcome(inParts(file, size))).toEqual(await outcome(file));
      }),
      { numRuns: 300 },
    );
  });
});
