import { ConfigError, quoted, unexpected } from "../errors.ts";
import { checkOptions } from "../options.ts";
import { expectTable, expectText } from "./inputs.ts";
import { ranked, type Qrels, type Run } from "./measure.ts";

/** Runs and judgments as files of other tools: trec_eval, pytrec_eval, ranx, ir_measures. */

/**
 * "trec": `query Q0 document rank score tag` and `query 0 document grade`, a line each, for ids without white space.
 * "jsonl": `{"query", "document", "score"}` and `{"query", "document", "grade"}`, a line each, for any ids.
 */
export type RunFormat = "trec" | "jsonl";

/** A run file. The rank column of TREC is not read: scores rank, as in trec_eval. */
export function parseRun(text: string, options: { /** Default "trec". */ readonly format?: RunFormat } = {}): Run {
  return parsed("parseRun", text, formatOf("parseRun", options), { columns: 6, column: 4, key: "score" });
}

/** Judgments, as trec_eval reads them. */
export function parseQrels(text: string, options: { /** Default "trec". */ readonly format?: RunFormat } = {}): Qrels {
  return parsed("parseQrels", text, formatOf("parseQrels", options), { columns: 4, column: 3, key: "grade" });
}

/**
 * A run as a file, best documents first.
 *
 * @example await writeFile("hybrid.run", formatRun((await evaluate(docs, queries)).run, { tag: "hybrid" }));
 */
export function formatRun(
  run: Run,
  options: {
    /** Default "trec". */
    readonly format?: RunFormat;
    /** The run's name in TREC's last column. Default "groundline". */
    readonly tag?: string;
  } = {},
): string {
  const format = formatOf("formatRun", options, ["tag"]);
  const { tag = "groundline" } = options;
  expectText("tag", tag);
  expectTable("run", run, "scores by document");
  return lines(run, (query, scores) =>
    ranked(query, scores).map((document, index) => {
      const score = scores[document] ?? 0;
      return format === "jsonl"
        ? JSON.stringify({ query, document, score })
        : columns([query, "Q0", document, String(index + 1), String(score), tag]);
    }),
  );
}

export function formatQrels(
  qrels: Qrels,
  options: { /** Default "trec". */ readonly format?: RunFormat } = {},
): string {
  const format = formatOf("formatQrels", options);
  expectTable("qrels", qrels, "grades by document");
  return lines(qrels, (query, grades) =>
    Object.entries(grades).map(([document, grade]) =>
      format === "jsonl" ? JSON.stringify({ query, document, grade }) : columns([query, "0", document, String(grade)]),
    ),
  );
}

function formatOf(name: string, options: { readonly format?: RunFormat }, known: readonly string[] = []): RunFormat {
  checkOptions(name, options, ["format", ...known]);
  const { format = "trec" } = options;
  if (format === "trec" || format === "jsonl") return format;
  throw unexpected("format", '"trec" or "jsonl"', format);
}

function lines<V>(
  table: Readonly<Record<string, V>>,
  linesOf: (query: string, values: V) => readonly string[],
): string {
  const all = Object.entries(table).flatMap(([query, values]) => linesOf(query, values));
  return all.map((line) => `${line}\n`).join("");
}

function columns(cells: readonly string[]): string {
  const wrong = cells.find((cell) => cell === "" || /\s/.test(cell));
  if (wrong === undefined) return cells.join(" ");
  throw new ConfigError(`format: "trec" has no room for ${quoted(wrong)}: white space parts its columns. Use "jsonl".`);
}

interface Shape {
  /** Of a TREC line, and the one that has the value. */
  readonly columns: number;
  readonly column: number;
  /** Of the value in a JSON line. */
  readonly key: "score" | "grade";
}

function parsed(name: string, text: string, format: RunFormat, shape: Shape): Record<string, Record<string, number>> {
  expectText(name, text);
  const queries = new Map<string, Map<string, number>>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const cells = format === "jsonl" ? jsonCells(line, shape) : trecCells(line, shape);
    if (cells === undefined) {
      throw new ConfigError(`line ${index + 1}: expected ${expectation(format, shape)}, received ${quoted(line)}`);
    }
    const { query, document, value } = cells;
    const documents = queries.get(query) ?? new Map<string, number>();
    if (documents.has(document)) {
      throw new ConfigError(`line ${index + 1}: ${quoted(document)} stands there twice for ${quoted(query)}.`);
    }
    queries.set(query, documents.set(document, value));
  }
  // Defines properties, so that `__proto__` is a key like any other.
  return Object.fromEntries([...queries].map(([query, documents]) => [query, Object.fromEntries(documents)]));
}

interface Cells {
  readonly query: string;
  readonly document: string;
  readonly value: number;
}

function trecCells(line: string, { columns: count, column, key }: Shape): Cells | undefined {
  const cells = line.trim().split(/\s+/);
  const [query, , document] = cells;
  const value = numberOf(cells[column] ?? "");
  const sound = key === "grade" ? Number.isSafeInteger(value) : !Number.isNaN(value);
  return cells.length === count && query !== undefined && document !== undefined && sound
    ? { query, document, value }
    : undefined;
}

/** As C's `atof` would, but for what is no number from end to end. */
function numberOf(cell: string): number {
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(cell);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  return /^[+-]?[0-9.]+(?:e[+-]?[0-9]+)?$/i.test(cell) ? Number(cell) : NaN;
}

function jsonCells(line: string, { key }: Shape): Cells | undefined {
  const row = jsonOf(line);
  if (typeof row !== "object" || row === null) return undefined;
  const { query, document, [key]: value } = row as Readonly<Record<string, unknown>>;
  const sound = typeof value === "number" && (key === "score" || Number.isSafeInteger(value));
  return typeof query === "string" && typeof document === "string" && sound ? { query, document, value } : undefined;
}

/** Trimmed, because a byte order mark counts as white space there, and not in JSON. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line.trim());
  } catch {
    return undefined;
  }
}

function expectation(format: RunFormat, { columns: count, key }: Shape): string {
  return format === "jsonl" ? `{"query", "document", "${key}"}` : `${count} columns with a number as ${key}`;
}
