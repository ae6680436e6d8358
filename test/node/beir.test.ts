import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { readBeir } from "../../src/node/beir.ts";
import { readLines } from "../../src/node/lines.ts";
import { untyped } from "../untyped.ts";

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

const whole = {
  "corpus.jsonl": [
    { _id: "d1", title: "Keys", text: "Rotate a key \u{1f511} every year." },
    { _id: "d2", title: "", text: "", metadata: {} },
    { _id: "d3", title: "A title alone", text: " " },
    { _id: "__proto__", text: "hostile", metadata: { year: 2026 } },
  ],
  "queries.jsonl": [
    { _id: "q2", text: "how often?" },
    { _id: "q1", text: "what is rotated?" },
    { _id: "q3", text: "of another split" },
  ],
  "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\t__proto__\t0\nq2\td2\t1\n",
};
type Files = Readonly<Record<string, string | Uint8Array | readonly unknown[]>>;

async function folderOf(files: Files): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "groundline-beir-"));
  folders.push(folder);
  await mkdir(join(folder, "qrels"));
  await Promise.all(
    Object.entries(files).map(([name, content]) => {
      const isText = typeof content === "string" || content instanceof Uint8Array;
      return writeFile(join(folder, name), isText ? content : content.map((row) => JSON.stringify(row)).join("\n"));
    }),
  );
  return folder;
}
const read = async (files: Files): ReturnType<typeof readBeir> => readBeir(await folderOf({ ...whole, ...files }));

const answer = (row: object): Promise<unknown> =>
  read({ "spans.jsonl": [{ query_id: "q1", doc_id: "d1", ...row }] }).then(({ queries }) =>
    queries[1]?.judgments.filter(({ span }) => span !== undefined),
  );
const linesOf = async (content: string): Promise<readonly (readonly [number, string])[]> => {
  const folder = await folderOf({ "lines.txt": content });
  const found: (readonly [number, string])[] = [];
  for await (const { number, text } of readLines(join(folder, "lines.txt"))) found.push([number, text]);
  return found;
};

describe("readBeir", () => {
  test("reads documents, and the queries that the split judges, in their order", async () => {
    expect(await read({})).toEqual({
      documents: [
        { id: "d1", title: "Keys", text: "Rotate a key \u{1f511} every year." },
        { id: "d2", text: "" },
        { id: "d3", text: "A title alone" },
        { id: "__proto__", text: "hostile", metadata: { year: 2026 } },
      ],
      queries: [
        { id: "q2", text: "how often?", judgments: [{ documentId: "d2", grade: 1 }] },
        {
          id: "q1",
          text: "what is rotated?",
          judgments: [
            { documentId: "d1", grade: 2 },
            { documentId: "__proto__", grade: 0 },
          ],
        },
      ],
      missing: [],
    });
  });

  test("reads another split, without a header too, and names the splits there are where it is missing", async () => {
    const folder = await folderOf({ ...whole, "qrels/dev.tsv": "q3\td1\t1\r\n\n" });
    expect((await readBeir(folder, { split: "dev" })).queries.map(({ id }) => id)).toEqual(["q3"]);
    await expect(readBeir(folder, { split: "train" })).rejects.toThrow(/\("dev", "test"\), received "train"$/);
    await expect(readBeir(folder, { split: untyped(7) })).rejects.toThrow(ConfigError);
    await expect(readBeir(join(folder, "nowhere"))).rejects.toThrow(/nowhere.qrels: cannot be read: ENOENT.*\.$/);
  });

  test("keeps judgments of documents that the corpus does not have, and lists them", async () => {
    const { queries, missing } = await read({ "qrels/test.tsv": "q1\tgone\t1\nq2\tgone\t1\nq2\td1\t1\n" });
    expect(missing).toEqual(["gone"]);
    expect(queries.map(({ judgments }) => judgments.length)).toEqual([2, 1]);
  });

  test.each([
    [
      "corpus.jsonl",
      '{"_id":"d1","text":"a"}\n\n{"_id":',
      /^.*corpus\.jsonl:3: expected a line of JSON, received "\{\\"_id\\":": .*JSON.*$/,
    ],
    ["corpus.jsonl", "[1]", "corpus.jsonl:1: expected a JSON object, received an array of 1"],
    ["corpus.jsonl", '{"_id":1,"text":"a"}', "corpus.jsonl:1: expected _id to be a string, received 1"],
    ["corpus.jsonl", '{"_id":"","text":"a"}', "corpus.jsonl:1: expected _id to be a string that is not empty"],
    [
      "corpus.jsonl",
      '{"_id":"d1","text":"a"}\n{"_id":"d1","text":"b"}',
      'corpus.jsonl:2: expected _id to be on one line alone, received "d1"',
    ],
    ["corpus.jsonl", '{"_id":"d1"}', "corpus.jsonl:1: expected text to be a string, received undefined"],
    ["corpus.jsonl", '{"_id":"d1","text":"a","title":3}', "corpus.jsonl:1: expected title to be a string, received 3"],
    [
      "corpus.jsonl",
      '{"_id":"d1","text":"a","metadata":[]}',
      "expected metadata to be an object, received an array of 0",
    ],
    ["queries.jsonl", '{"_id":"q1","text":null}', "queries.jsonl:1: expected text to be a string, received null"],
    ["qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1 d1 1", "test.tsv:2: expected query, document and whole number"],
    ["qrels/test.tsv", "q1\td1\t1.0", "test.tsv:1: expected query, document and whole number"],
    [
      "qrels/test.tsv",
      "q1\td1\t1\nquery-id\tcorpus-id\tscore",
      "test.tsv:2: expected query, document and whole number",
    ],
    ["qrels/test.tsv", "q1\td1\t1\tmore", "test.tsv:1: expected query, document and whole number"],
    ["qrels/test.tsv", "q1\t0\td1\t1", "test.tsv:1: expected query, document and whole number"],
    ["qrels/test.tsv", "q1\td1\t1\nq9\td1\t1", 'test.tsv:2: no query "q9" in queries.jsonl'],
    ["qrels/test.tsv", "q1\td1\t1\nq1\td1\t2", 'test.tsv:2: a second, other grade of "d1" for "q1"'],
  ])("refuses a line of %s by file and number: %s", async (file, content, message) => {
    const attempt = read({ [file]: content });
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.toThrow(message);
  });

  test("names a file that is missing or not UTF-8", async () => {
    const folder = await folderOf({ "qrels/test.tsv": "" });
    await expect(readBeir(folder)).rejects.toThrow(/corpus\.jsonl: cannot be read: ENOENT.*\.$/);
    const bytes = new Uint8Array([...new TextEncoder().encode('{"_id":"d1","text":"a"}\n'), 0xff, 0x0a]);
    await expect(read({ "corpus.jsonl": bytes })).rejects.toThrow("corpus.jsonl:2: expected UTF-8");
  });
});

describe("readBeir with spans", () => {
  test("puts them in the place of the document's judgment, with its grade, in UTF-16 units", async () => {
    // In code points "every" starts at 15; the key before it is one code point and two units.
    const span = { start: 16, end: 21 };
    const expected = [{ documentId: "d1", grade: 2, span }];
    expect(await answer({ answers: [{ start: 15, end: 20 }] })).toEqual(expected);
    expect(await answer({ answers: [{ start: 15, text: "every" }] })).toEqual(expected);
    expect(await answer({ answers: [{ start: 15, end: 20, start_utf16: 16, text: "every" }] })).toEqual(expected);
    const { queries } = await read({
      "spans.jsonl": [
        {
          query_id: "q1",
          doc_id: "d1",
          answers: [
            { start: 0, end: 6 },
            { start: 15, end: 20 },
          ],
        },
        { query_id: "q1", doc_id: "d1", answers: [{ start: 7, text: "a" }] },
        { query_id: "q2", doc_id: "d1", answers: [{ start: 0, end: 6 }] },
        { query_id: "q3", doc_id: "d1", answers: [{ start: 0, end: 6 }] },
      ],
    });
    expect(queries.map(({ judgments }) => judgments)).toEqual([
      [
        { documentId: "d2", grade: 1 },
        { documentId: "d1", grade: 1, span: { start: 0, end: 6 } },
      ],
      [
        { documentId: "d1", grade: 2, span: { start: 0, end: 6 } },
        { documentId: "d1", grade: 2, span },
        { documentId: "d1", grade: 2, span: { start: 7, end: 8 } },
        { documentId: "__proto__", grade: 0 },
      ],
    ]);
  });

  test.each([
    [
      { answers: [{ start: 15, text: "never" }] },
      'spans.jsonl:1: expected "never" at 16 of the document, received "every"',
    ],
    [{ answers: [{ start: 999, end: 1000 }] }, "spans.jsonl:1: expected answers with a start"],
    [
      { answers: [{ start: 0, start_utf16: 999, text: "every" }] },
      'expected "every" at 999 of the document, received ""',
    ],
    [{ answers: [{ start: 5, end: 5 }] }, "inside the document"],
    [{ answers: [{ start: -3, end: 5 }] }, "inside the document"],
    [{ answers: [{ start: 1.5, end: 5 }] }, "inside the document"],
    [{ answers: [{ start: 1 }] }, "inside the document"],
    [{ answers: [7] }, "inside the document"],
    [{ answers: [{ start: 15, end: 21, text: "every" }] }, "to tell one span, received the offsets 16, 21, 22"],
    [{ answers: [{ start: 15, end: 999, text: "every" }] }, "to tell one span, received the offsets 16, 21, none"],
    [{ answers: [{ start: 14, start_utf16: 16, text: "every" }] }, "to tell one span, received the offsets 16, 15, 21"],
    [{ answers: [{ start: 15, start_utf16: "16", text: "every" }] }, "inside the document"],
    [{ answers: [] }, "expected answers to be an array of at least one, received an array of 0"],
    [{ doc_id: "gone", answers: [{ start: 0, end: 1 }] }, 'expected doc_id to be one of corpus.jsonl, received "gone"'],
    [
      { query_id: "gone", answers: [{ start: 0, end: 1 }] },
      'expected query_id to be one of queries.jsonl, received "gone"',
    ],
  ])("refuses %j", async (row, message) => {
    await expect(answer(row)).rejects.toThrow(message);
    await expect(answer(row)).rejects.toThrow(ConfigError);
  });
});

describe("readLines", () => {
  test("ends lines at line feeds alone: U+2028 may stand in JSON", async () => {
    expect(await linesOf('"a\u2028b"\r\n\n "c"\n')).toEqual([
      [1, '"a\u2028b"'],
      [3, ' "c"'],
    ]);
  });

  test("a byte order mark is none of the first line's, and stays in others", async () => {
    expect(await linesOf("\uFEFFa\n\uFEFFb")).toEqual([
      [1, "a"],
      [2, "\uFEFFb"],
    ]);
  });

  test("reads lines that are longer than what is read at a time, and characters that are cut by it", async () => {
    const long = "\u{1f511}é".repeat(50_000);
    expect(await linesOf(`${long}\nx`)).toEqual([
      [1, long],
      [2, "x"],
    ]);
  });

  test("gives every line back that is not blank", async () => {
    const line = fc.string({ unit: "binary" }).map((text) => text.replaceAll(/[\n\uFEFF]/g, ""));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), async (list) => {
        const expected = list
          .map((text, index) => [index + 1, text.endsWith("\r") ? text.slice(0, -1) : text] as const)
          .filter(([, text]) => text.trim() !== "");
        expect(await linesOf(list.join("\n"))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});

const data = process.env["GROUNDLINE_DATA"] ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));

describe("the labelled collections", () => {
  test.each([
    ["scifact", 5183, 300, 339, 0],
    ["chroma-chunking", 5, 472, 790, 790],
    ["xquad-ar", 240, 1190, 1190, 1190],
    ["xquad-th", 240, 1190, 1190, 1190],
  ])("%s is read whole, every span being the text it names", async (name, documents, queries, judgments, spans) => {
    const folder = join(data, name);
    if (!existsSync(folder)) return console.log(`skipped: no ${folder}`);
    const collection = await readBeir(folder);
    const judged = collection.queries.flatMap((query) => query.judgments);
    expect([collection.documents.length, collection.queries.length, judged.length]).toEqual([
      documents,
      queries,
      judgments,
    ]);
    expect(judged.filter(({ span }) => span !== undefined)).toHaveLength(spans);
    expect(collection.missing).toEqual([]);
  });
});
