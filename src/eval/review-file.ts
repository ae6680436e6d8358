import { ConfigError, quoted } from "../errors.ts";
import type { AnyFilter } from "../filter/language.ts";
import { type AnyDocument, checkDocuments, expectText } from "./inputs.ts";
import { checkQueries, type EvalQuery, type Judgment } from "./judgments.ts";

/** Queries as a file for a person to go through: one line of JSON each. */

/**
 * A line for each query: `{"keep": true, "id", "text", "judgments", "passage"}`. Change `text`, set `keep` to false, delete
 * lines. `passage` is for the eye: what stands at the first judgment.
 *
 * @example await writeFile("review.jsonl", formatReview(queries, documents));
 */
export function formatReview(queries: readonly EvalQuery[], documents: readonly AnyDocument[] = []): string {
  checkQueries(queries);
  checkDocuments(documents);
  const texts = new Map(documents.map(({ id, text }) => [id, text]));
  return queries
    .map(({ id, text, judgments, filter }) => {
      const [first] = judgments;
      const whole = first && texts.get(first.documentId);
      const passage = first?.span === undefined ? whole?.slice(0, 200) : whole?.slice(first.span.start, first.span.end);
      const row = {
        keep: true,
        id,
        text,
        judgments,
        ...(filter && { filter }),
        ...(passage !== undefined && { passage }),
      };
      return `${JSON.stringify(row)}\n`;
    })
    .join("");
}

/**
 * The queries that were kept. A line that cannot be read is a ConfigError that names it. A Date in a filter comes back as
 * its text, as JSON has it: `parseFilter` makes a Date of it again.
 */
export function parseReview(text: string): EvalQuery[] {
  expectText("parseReview", text);
  const queries: EvalQuery[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const at = `line ${index + 1}: expected {"keep", "id", "text", "judgments"} with keep true or false`;
    const row = rowOf(jsonOf(line, at));
    if (row === undefined) throw new ConfigError(`${at}, received ${quoted(line)}.`);
    if (row.keep) queries.push(row.query);
  }
  checkQueries(queries);
  return queries;
}

/** Trimmed, because a byte order mark counts as white space there, and not in JSON. */
function jsonOf(line: string, at: string): unknown {
  try {
    return JSON.parse(line.trim());
  } catch (cause) {
    throw new ConfigError(`${at}, received ${quoted(line)}: ${cause instanceof Error ? cause.message : "no JSON"}.`, {
      cause,
    });
  }
}

function rowOf(row: unknown): { readonly keep: boolean; readonly query: EvalQuery } | undefined {
  if (typeof row !== "object" || row === null) return undefined;
  const { keep, id, text, judgments, filter } = row as Readonly<Record<string, unknown>>;
  const sound =
    typeof keep === "boolean" && typeof id === "string" && typeof text === "string" && Array.isArray(judgments);
  if (!sound || !judgments.every((judgment: unknown) => typeof judgment === "object" && judgment !== null)) {
    return undefined;
  }
  const filtered = filter === undefined ? {} : { filter: filter as AnyFilter };
  return { keep, query: { id, text, judgments: judgments as Judgment[], ...filtered } };
}
