import { ConfigError, quoted, shown, unexpected } from "../errors.ts";
import { callOptions, checkOptions, expectOptions, wholeNumber } from "../options.ts";
import { breather, withDeadline } from "../signal.ts";
import type { CallOptions, Metadata, SourceDocument } from "../types.ts";
import type { Draft, QueryGenerator } from "./generators.ts";
import { type AnyDocument, checkDocuments, checkRun, expectRecord, expectText } from "./inputs.ts";
import { checkQueries, type EvalQuery, type Judgment } from "./judgments.ts";
import { nearDuplicates } from "./near-duplicates.ts";
import { randomBits, seedOf, shuffled } from "./random.ts";

/** An evaluation set from documents alone. */

export interface GenerateOptions<M = Metadata> extends CallOptions {
  readonly documents: readonly SourceDocument<M>[];
  /** `sentenceQueries()`, `titleQueries()`, `modelQueries(ask)`, or one's own. */
  readonly generator: QueryGenerator;
  /** Default 300; one for a document at most. */
  readonly count?: number;
  /** Default 1. */
  readonly seed?: number;
  readonly onProgress?: (done: number, total: number) => unknown;
}

export interface GeneratedSet<M = Metadata> {
  /** Which generator made the queries: say so beside every figure. */
  readonly generator: string;
  /** What to index, and nothing else: queries' own text is taken out, from near-duplicates too. Spans are those of these. */
  readonly documents: readonly SourceDocument<M>[];
  readonly queries: readonly EvalQuery[];
  /** Queries that copy their document although nothing was taken out: left out, because finding them is no feat. */
  readonly contaminated: readonly EvalQuery[];
  /** Documents that gave no query. */
  readonly skipped: number;
}

/**
 * Makes queries, one positive document each; documents that are nearly the same count as right together, and a query that
 * two documents give is one query with both. For regression tests and fusion weights: not for chunk sizes, where such
 * queries mislead.
 *
 * @example
 * const { documents: indexed, queries } = await generateQueries({ documents, generator: sentenceQueries() });
 */
export async function generateQueries<M = Metadata>(options: GenerateOptions<M>): Promise<GeneratedSet<M>> {
  expectOptions("generateQueries", options);
  checkOptions("generateQueries", options, ["documents", "generator", "count", "seed", "onProgress", ...callOptions]);
  checkRun(options);
  const { documents, generator, onProgress } = options;
  checkDocuments(documents);
  if (typeof generator?.draft !== "function" || typeof generator.name !== "string") {
    throw unexpected("generator", "one such as sentenceQueries()", generator);
  }
  const seed = seedOf(options.seed);
  const count = wholeNumber("count", options.count, 1, 300);

  return withDeadline("generateQueries", options, async (signal) => {
    const next = randomBits(seed);
    const breathe = breather(signal);
    const drafts: { readonly draft: Draft; readonly document: SourceDocument<M> }[] = [];
    let skipped = 0;
    for (const index of shuffled(documents.length, next)) {
      if (drafts.length >= count) break;
      const document: SourceDocument<M> | undefined = documents[index];
      if (document === undefined) continue;
      await breathe();
      const draft = await generator.draft(document, { signal, next });
      signal.throwIfAborted();
      checkDraft(draft, document);
      if (draft === undefined || draft.text.trim() === "") skipped++;
      else drafts.push({ draft, document });
      await onProgress?.(drafts.length, Math.min(count, documents.length));
    }
    return { generator: generator.name, skipped, ...(await assembled(documents, drafts, breathe)) };
  });
}

/** Generators are anyone's. */
function checkDraft(draft: unknown, { id, text: whole }: AnyDocument): void {
  if (draft === undefined) return;
  const name = `the draft for ${quoted(id)}`;
  expectRecord(name, draft, "text, span and removed");
  const { text, span, removed } = draft;
  expectText(`${name}.text`, text);
  for (const [part, value] of Object.entries({ span, removed })) {
    if (value === undefined || (part === "removed" && value === "title")) continue;
    expectRecord(`${name}.${part}`, value, "start and end");
    const [start, end] = [Number(value["start"]), Number(value["end"])];
    if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start < end && end <= whole.length)
      continue;
    throw new ConfigError(
      `${name}.${part}: expected 0 ≤ start < end ≤ ${whole.length}, received ${shown(value["start"])} to ${shown(value["end"])}`,
    );
  }
}

async function assembled<M>(
  documents: readonly SourceDocument<M>[],
  drafts: readonly { readonly draft: Draft; readonly document: SourceDocument<M> }[],
  breathe: () => Promise<void>,
): Promise<Pick<GeneratedSet<M>, "documents" | "queries" | "contaminated">> {
  const drafted = new Set(drafts.map(({ document }) => document.id));
  const alike = await nearDuplicates(documents, drafted, breathe);
  const removed = drafts.flatMap(({ draft, document }) =>
    typeof draft.removed === "object" ? [document.text.slice(draft.removed.start, draft.removed.end)] : [],
  );
  const cuts = [...new Set(removed)];
  const titles = new Set(drafts.flatMap(({ draft }) => (draft.removed === "title" ? [draft.text] : [])));
  const cleaned: SourceDocument<M>[] = [];
  for (const document of documents) {
    await breathe();
    cleaned.push(without(document, cuts, titles));
  }
  const cleanById = new Map(cleaned.map((document) => [document.id, document]));

  const byText = new Map<string, Map<string, Judgment>>();
  for (const { draft, document } of drafts) {
    const judgments = byText.get(draft.text) ?? new Map<string, Judgment>();
    byText.set(draft.text, judgments);
    for (const documentId of alike.get(document.id) ?? [document.id]) {
      const own = documentId === document.id && draft.span !== undefined;
      judgments.set(documentId, { documentId, ...(own && { span: draft.span }) });
    }
  }
  const all = Array.from(byText, ([text, judgments], index): EvalQuery => {
    const judged = [...judgments.values()];
    // With a span in one document and none in its twin, the twin could never be found whole.
    const exact = judged.filter(({ span }) => span !== undefined);
    return { id: `generated-${index + 1}`, text, judgments: exact.length > 0 ? exact : judged };
  });
  const copied = new Set(contaminatedBy([...cleanById.values()], all));
  return {
    documents: cleaned,
    queries: all.filter(({ id }) => !copied.has(id)),
    contaminated: all.filter(({ id }) => copied.has(id)),
  };
}

function without<D extends AnyDocument>(document: D, cuts: readonly string[], titles: ReadonlySet<string>): D {
  let { text } = document;
  for (const cut of cuts) if (text.includes(cut)) text = text.replaceAll(cut, " ");
  const { title, ...rest } = document;
  return { ...rest, text, ...(title !== undefined && !titles.has(title) && { title }) } as D;
}

/** Consecutive words that nobody types who has not the text in front of them. */
const COPIED = 8;

/**
 * Ids of the queries that copy a document they are to find: all of a query of four words and more, or eight consecutive
 * words. What ranks them well is no evidence; an index fitted on such documents prefers itself.
 */
export function contaminatedBy(documents: readonly AnyDocument[], queries: readonly EvalQuery[]): readonly string[] {
  checkDocuments(documents);
  checkQueries(queries);
  const texts = new Map<string, string>();
  const byId = new Map(documents.map((document) => [document.id, document]));
  const textOf = (id: string): string => {
    const known = texts.get(id);
    if (known !== undefined) return known;
    const { title = "", text = "" } = byId.get(id) ?? {};
    const words = `${plain(title)}\n${plain(text)}`;
    texts.set(id, words);
    return words;
  };
  return queries
    .filter(({ text, judgments }) => {
      const words = plain(text).trim().split(" ");
      const length = Math.min(COPIED, words.length);
      if (length < 4) return false;
      const stretches = Array.from(
        { length: words.length - length + 1 },
        (_, at) => ` ${words.slice(at, at + length).join(" ")} `,
      );
      return judgments.some(
        ({ documentId, grade = 1 }) => grade > 0 && stretches.some((stretch) => textOf(documentId).includes(stretch)),
      );
    })
    .map(({ id }) => id);
}

function plain(text: string): string {
  return ` ${(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(" ")} `;
}
