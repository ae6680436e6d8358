import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError, quoted, unexpected } from "../errors.ts";
import { isRecord } from "../eval/inputs.ts";
import type { EvalQuery, Judgment } from "../eval/judgments.ts";
import { checkOptions } from "../options.ts";
import type { Metadata, SourceDocument, Span } from "../types.ts";
import { checkPath } from "./disk.ts";
import { readLines, unreadable, type Line } from "./lines.ts";

/** Labelled collections in the layout of BEIR (Thakur et al. 2021), with spans where there are any. */

export interface BeirOptions {
  /** Which of `qrels/<split>.tsv`. Default "test". */
  readonly split?: string;
}

export interface BeirCollection {
  readonly documents: SourceDocument[];
  /** Those that the split judges, in the order of `queries.jsonl`. */
  readonly queries: EvalQuery[];
  /** Judged documents that the corpus does not have. Their judgments stand, as in trec_eval: no search can find them. */
  readonly missing: string[];
}

/**
 * Reads `corpus.jsonl`, `queries.jsonl`, `qrels/<split>.tsv` and, where there is one, `spans.jsonl`: lines of
 * `{ query_id, doc_id, answers: [{ start, end?, start_utf16?, text? }] }`, all answers needed. `start` and `end` count code
 * points, `start_utf16` UTF-16 units; an answer's `text` must be what stands there.
 *
 * A document that has a title alone has it as its text, because what has no text is not found. What cannot be read is a
 * ConfigError that names the file and the line.
 *
 * @example const { documents, queries } = await readBeir("data/scifact");
 */
export async function readBeir(folder: string, options: BeirOptions = {}): Promise<BeirCollection> {
  checkOptions("readBeir", options, ["split"]);
  checkPath("readBeir", folder);
  const { split = "test" } = options;
  const splits = await namesIn(join(folder, "qrels"), ".tsv");
  if (!splits.includes(split)) {
    const known = splits.map(quoted).join(", ");
    throw unexpected("split", `one of those in ${folder}/qrels (${known})`, split);
  }
  const documents = await readCorpus(join(folder, "corpus.jsonl"));
  const texts = await readQueries(join(folder, "queries.jsonl"));
  const judgments = await readQrels(join(folder, "qrels", `${split}.tsv`), texts);
  if ((await namesIn(folder, ".jsonl")).includes("spans")) {
    await readSpans(join(folder, "spans.jsonl"), documents, texts, judgments);
  }
  const missing = new Set<string>();
  for (const known of judgments.values()) {
    for (const documentId of known.keys()) if (!documents.has(documentId)) missing.add(documentId);
  }
  return {
    documents: [...documents.values()],
    queries: [...texts].flatMap(([id, text]) => {
      const known = judgments.get(id);
      return known === undefined ? [] : [{ id, text, judgments: [...known.values()].flat() }];
    }),
    missing: [...missing],
  };
}

/** Query → document → what is known about the two. */
type Judgments = Map<string, Map<string, readonly Judgment[]>>;

async function namesIn(folder: string, ending: string): Promise<readonly string[]> {
  try {
    const files = await readdir(folder);
    return files.filter((file) => file.endsWith(ending)).map((file) => file.slice(0, -ending.length));
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}

async function readCorpus(path: string): Promise<Map<string, SourceDocument>> {
  const documents = new Map<string, SourceDocument>();
  for await (const row of readRows(path)) {
    const id = newId(row, documents);
    const { title = "", metadata = {} } = row.value;
    if (typeof title !== "string") throw wrong(row, "title", "a string");
    if (!isRecord(metadata)) throw wrong(row, "metadata", "an object");
    const text = stringOf(row, "text");
    const isTitleAlone = text.trim() === "" && title.trim() !== "";
    documents.set(id, {
      id,
      text: isTitleAlone ? title : text,
      ...(title === "" || isTitleAlone ? {} : { title }),
      // Whether its values can be stored is the business of `index`.
      ...(Object.keys(metadata).length === 0 ? {} : { metadata: metadata as Metadata }),
    });
  }
  return documents;
}

async function readQueries(path: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const row of readRows(path)) texts.set(newId(row, texts), stringOf(row, "text"));
  return texts;
}

async function readQrels(path: string, queries: ReadonlyMap<string, string>): Promise<Judgments> {
  const judgments: Judgments = new Map();
  for await (const { text, number, at } of readLines(path)) {
    const [query = "", documentId = "", score = "", ...rest] = text.split("\t");
    if (number === 1 && score === "score") continue;
    if (query === "" || documentId === "" || !/^-?[0-9]+$/.test(score) || rest.length > 0) {
      throw new ConfigError(`${at}: expected query, document and whole number between tabs, received ${quoted(text)}`);
    }
    if (!queries.has(query)) throw new ConfigError(`${at}: no query ${quoted(query)} in queries.jsonl.`);
    const known = entry(judgments, query);
    const grade = Number(score);
    if ((known.get(documentId)?.[0]?.grade ?? grade) !== grade) {
      throw new ConfigError(`${at}: a second, other grade of ${quoted(documentId)} for ${quoted(query)}.`);
    }
    known.set(documentId, [{ documentId, grade }]);
  }
  return judgments;
}

/** Puts the spans in the place of the judgment of their whole document, with its grade. Other splits' queries are left out. */
async function readSpans(
  path: string,
  documents: ReadonlyMap<string, SourceDocument>,
  queries: ReadonlyMap<string, string>,
  judgments: Judgments,
): Promise<void> {
  const found = new Map<string, Map<string, readonly Judgment[]>>();
  for await (const row of readRows(path)) {
    const query = stringOf(row, "query_id");
    const documentId = stringOf(row, "doc_id");
    const text = documents.get(documentId)?.text;
    const { answers } = row.value;
    if (!queries.has(query)) throw wrong(row, "query_id", "one of queries.jsonl");
    if (text === undefined) throw wrong(row, "doc_id", "one of corpus.jsonl");
    if (!Array.isArray(answers) || answers.length === 0) throw wrong(row, "answers", "an array of at least one");
    const grade = judgments.get(query)?.get(documentId)?.[0]?.grade ?? 1;
    const spans = answers.map((answer: unknown) => ({ documentId, span: spanOf(row, answer, text), grade }));
    const known = entry(found, query);
    known.set(documentId, [...(known.get(documentId) ?? []), ...spans]);
  }
  for (const [query, spans] of found) {
    const known = judgments.get(query);
    for (const [documentId, judged] of spans) known?.set(documentId, judged);
  }
}

function spanOf(row: Row, answer: unknown, text: string): Span {
  const { start: startPoint, end: endPoint, start_utf16: startUnit, text: quote } = isRecord(answer) ? answer : {};
  const starts = [
    ...(isGiven(startUnit) ? [isOffset(startUnit) ? startUnit : undefined] : []),
    ...(isGiven(startPoint) ? [unitOf(text, startPoint)] : []),
  ];
  const [start] = starts;
  const ends = [
    ...(typeof quote === "string" && start !== undefined ? [start + quote.length] : []),
    ...(isGiven(endPoint) ? [unitOf(text, endPoint)] : []),
  ];
  const [end] = ends;
  if (start === undefined || end === undefined || start >= end) {
    throw new ConfigError(`${row.at}: expected answers with a start, and an end or a text, inside the document`);
  }
  const there = text.slice(start, end);
  if (typeof quote === "string" && there !== quote) {
    throw new ConfigError(
      `${row.at}: expected ${quoted(quote)} at ${start} of the document, received ${quoted(there)}`,
    );
  }
  if (starts.some((each) => each !== start) || ends.some((each) => each !== end)) {
    const told = [...starts, ...ends].map((each) => each ?? "none").join(", ");
    throw new ConfigError(
      `${row.at}: expected start, start_utf16, end and text of an answer to tell one span, received the offsets ${told}`,
    );
  }
  return { start, end };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** The UTF-16 offset of a code point offset, where it is one. */
function unitOf(text: string, codePoints: unknown): number | undefined {
  if (!isOffset(codePoints)) return undefined;
  let unit = 0;
  for (let seen = 0; seen < codePoints; seen++) {
    if (unit >= text.length) return undefined;
    unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  }
  return unit;
}

// ── rows of JSON

interface Row extends Line {
  readonly value: Readonly<Record<string, unknown>>;
}

async function* readRows(path: string): AsyncGenerator<Row> {
  for await (const line of readLines(path)) {
    const value = parsed(line);
    if (!isRecord(value)) throw unexpected(line.at, "a JSON object", value);
    yield { ...line, value };
  }
}

function parsed({ text, at }: Line): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    throw new ConfigError(`${at}: expected a line of JSON, received ${quoted(text)}${why}`, { cause });
  }
}

function stringOf(row: Row, key: string): string {
  const value = row.value[key];
  if (typeof value !== "string") throw wrong(row, key, "a string");
  return value;
}

function newId(row: Row, known: ReadonlyMap<string, unknown>): string {
  const id = stringOf(row, "_id");
  if (id === "" || known.has(id))
    throw wrong(row, "_id", id === "" ? "a string that is not empty" : "on one line alone");
  return id;
}

function wrong({ at, value }: Row, key: string, expected: string): ConfigError {
  return unexpected(at, `${key} to be ${expected}`, value[key]);
}

function entry<V>(map: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const known = map.get(key) ?? new Map<string, V>();
  map.set(key, known);
  return known;
}
