import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError, DocumentError } from "../../src/errors.ts";
import { createRetriever } from "../../src/index.ts";
import { jsonLines } from "../../src/readers/json-lines.ts";
import { untyped } from "../untyped.ts";
import { all, inParts } from "./reading.ts";

describe("jsonLines", () => {
  test("makes documents of objects, with their place in the file", async () => {
    const file =
      '\ufeff{"key":7,"body":"Text.","tags":["x"],"none":null}\r\n\n  {"key":"b","title":"T","body":"M\\u00e4r","tags":[]} \n';
    const documents = await all(
      jsonLines(file, { id: "key", title: "title", text: "body", metadata: ["tags", "none"] }),
    );
    expect(documents).toMatchObject([
      { id: "7", text: "Text.", metadata: { tags: ["x"] }, line: 1 },
      { id: "b", title: "T", text: "Mär", metadata: { tags: [] }, line: 3 },
    ]);
    expect(documents.map(({ span }) => JSON.parse(file.slice(span.start, span.end)) as unknown)).toMatchObject([
      { key: 7 },
      { key: "b" },
    ]);
  });

  test("has all fields as text, and the number of the row as id, when told nothing", async () => {
    const [document] = await all(jsonLines('{"a":"one","b":2,"c":{"d":true},"e":"","__proto__":"own"}'));
    expect(document).toMatchObject({ id: "1", text: 'a: one\nb: 2\nc: {"d":true}\n__proto__: own', metadata: {} });
  });

  test("feeds a retriever", async () => {
    const docs = createRetriever();
    await docs.index(
      jsonLines('{"id":"a","text":"rotate a key"}\n{"id":"b","text":"render a page"}', { id: "id", text: "text" }),
    );
    const { hits } = await docs.search("key");
    expect(hits.map(({ chunk }) => chunk.documentId)).toEqual(["a"]);
  });

  test.each<[string, string, number, RegExp]>([
    ["what is no JSON", '{"t":"a"}\n{"t":', 2, /line 2: expected a JSON object, this is no JSON/u],
    ["what is no object", "\n[1]", 2, /line 2: expected a JSON object, received /u],
    ["null", "null", 1, /line 1: expected a JSON object, received null/u],
    ["an object without text", '{"u":"a"}', 1, /line 1: expected a field "t", there is none/u],
    ["a number that JavaScript rounds", '{"t":12345678901234567}', 1, /line 1: expected t to be a string/u],
    ["a text that is none", '{"t":["a"]}', 1, /line 1: expected t to be a string/u],
  ])("refuses %s", async (_, file, line, message) => {
    const error: unknown = await all(jsonLines(file, { text: "t" })).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DocumentError);
    expect(error).toMatchObject({ line, message: expect.stringMatching(message) });
    const refused: (number | undefined)[] = [];
    const rest = await all(
      jsonLines(`${file}\n{"t":"last"}`, { text: "t", onRefused: (one) => refused.push(one.line) }),
    );
    expect([rest.at(-1)?.text, refused]).toEqual(["last", [line]]);
  });

  test("refuses numbers that JavaScript rounds among several fields too", async () => {
    for (const number of ["12345678901234567", "1e999"]) {
      await expect(all(jsonLines(`{"a":"b","c":${number}}`))).rejects.toThrow(/line 1: expected c to be a string/u);
    }
    expect((await all(jsonLines('{"a":1.5,"c":-7}')))[0]?.text).toBe("a: 1.5\nc: -7");
    for (const number of ["12345678901234567", "[1,12345678901234567]"]) {
      const picked = all(jsonLines(`{"t":"b","c":${number}}`, { text: "t", metadata: ["c"] }));
      await expect(picked).rejects.toThrow(/line 1: expected c to be a string/u);
    }
    const [exact] = await all(jsonLines('{"t":"b","c":[1.5,7]}', { text: "t", metadata: ["c"] }));
    expect(exact?.metadata).toEqual({ c: [1.5, 7] });
  });

  test("refuses a line without end, and options that are none", async () => {
    for (const line of ["x".repeat(100), `{"t":"${"x".repeat(94)}"}\n`]) {
      for (const source of [line, [line.slice(0, 50), line.slice(50)]]) {
        await expect(all(jsonLines(source, { longest: 60 }))).rejects.toThrow(/at most 60 characters/u);
      }
    }
    // Looked at once: to join all that came with each part would take minutes.
    const long = inParts("x".repeat(8_000_000), 200);
    await expect(all(jsonLines(long, { longest: 7_000_000 }))).rejects.toThrow(/at most 7000000 characters/u);
    expect(() => jsonLines("", untyped({ delimiter: "," }))).toThrow(ConfigError);
  });

  test("reads the same, however the file is cut on its way in", async () => {
    const object = fc.dictionary(fc.constantFrom("t", "a", "__proto__"), fc.oneof(fc.string(), fc.integer()), {
      maxKeys: 3,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(object, { maxLength: 6 }), fc.integer({ min: 1, max: 9 }), async (objects, size) => {
        const file = objects.map((one) => JSON.stringify(one)).join("\n\r\n");
        const documents = await all(jsonLines(file));
        expect(documents.map(({ span }) => file.slice(span.start, span.end))).toEqual(
          objects.map((one) => JSON.stringify(one)),
        );
        expect(await all(jsonLines(inParts(file, size)))).toEqual(documents);
      }),
    );
  });
});
