import { checkDocument, documentHash, type CheckedDocument } from "./document.ts";
import { DocumentError, shown, unexpected } from "../errors.ts";
import type { Documents } from "../retriever-types.ts";
import type { MetadataShape } from "../schema/schema.ts";
import type { MetadataSchema } from "../schema/standard-schema.ts";
import { storeMetadata } from "../schema/stored-metadata.ts";
import { abortable, breather } from "../signal.ts";
import type { StoredMetadata } from "../types.ts";
import { eachOf } from "../source-items.ts";

/** So much is held in memory at once, planned together and written together. */
const groupDocuments = 256;
const groupCharacters = 1_000_000;

export interface Intake {
  readonly schema: MetadataSchema | undefined;
  readonly shape: MetadataShape;
  readonly signal: AbortSignal;
  /** Takes the ids, as they come. */
  readonly seen: Set<string>;
  /** Takes a document that is refused alone; without it, the first one refused is thrown. */
  readonly refuse: ((documentId: string, error: unknown) => void) | undefined;
}

/**
 * Checks documents and hands them on in groups of bounded size.
 *
 * An array is checked as a whole before the first group: what is wrong with it is thrown before any I/O. From a stream, a
 * document that is refused fails alone; only the ids are kept, to see one that comes twice.
 */
export async function* documentGroups<In>(
  documents: Documents<In>,
  intake: Intake,
): AsyncGenerator<readonly CheckedDocument[], void, undefined> {
  const source = Array.isArray(documents) ? checkedArray(documents, intake) : checkedStream(documents, intake);
  let group: CheckedDocument[] = [];
  let characters = 0;
  for await (const document of source) {
    group.push(document);
    characters += document.text.length;
    if (group.length < groupDocuments && characters < groupCharacters) continue;
    yield group;
    group = [];
    characters = 0;
  }
  if (group.length > 0) yield group;
}

async function* checkedArray(documents: readonly unknown[], intake: Intake): AsyncGenerator<CheckedDocument> {
  const breathe = breather(intake.signal);
  const items: ReturnType<typeof checkDocument>[] = [];
  for (const document of Array.from(documents)) {
    await breathe();
    items.push(remembered(checkDocument(document), intake.seen));
  }
  const checked: CheckedDocument[] = [];
  for (const item of items) {
    await breathe();
    const one = await withMetadata(item, intake, breathe);
    if (one !== undefined) checked.push(one);
  }
  yield* checked;
}

async function* checkedStream(documents: unknown, intake: Intake): AsyncGenerator<CheckedDocument> {
  if (!isIterable(documents)) {
    throw unexpected("documents", "an array, an Iterable or an AsyncIterable", documents);
  }
  const breathe = breather(intake.signal);
  for await (const document of eachOf(documents, (next) => abortable(next(), intake.signal))) {
    let item: ReturnType<typeof checkDocument>;
    try {
      item = remembered(checkDocument(document), intake.seen);
    } catch (error) {
      refuse(intake, error instanceof DocumentError ? error.documentId : "", error);
      continue;
    }
    const one = await withMetadata(item, intake, breathe);
    if (one !== undefined) yield one;
  }
}

async function withMetadata(
  item: ReturnType<typeof checkDocument>,
  intake: Intake,
  breathe: () => Promise<void>,
): Promise<CheckedDocument | undefined> {
  let metadata: StoredMetadata;
  try {
    metadata = await storeMetadata(intake.schema, intake.shape, item.id, item.metadata);
  } catch (error) {
    refuse(intake, item.id, error);
    return undefined;
  }
  const checked = { ...item, metadata };
  return { ...checked, hash: await documentHash(checked, breathe) };
}

function refuse(intake: Intake, documentId: string, error: unknown): void {
  if (intake.refuse === undefined) throw error;
  intake.refuse(documentId, error);
}

function remembered<T extends { readonly id: string }>(document: T, seen: Set<string>): T {
  const { id } = document;
  if (seen.has(id)) throw new DocumentError(id, `Document ${shown(id)}: the id is given twice in one call`);
  seen.add(id);
  return document;
}

function isIterable(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  return typeof value === "object" && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
}
