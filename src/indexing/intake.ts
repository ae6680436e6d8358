import { breather } from "../breather.ts";
import { checkDocument, documentHash, type CheckedDocument } from "./document.ts";
import { DocumentError, shown, unexpected } from "../errors.ts";
import type { Documents } from "../retriever-types.ts";
import type { MetadataShape } from "../schema/schema.ts";
import type { MetadataSchema } from "../schema/standard-schema.ts";
import { storeMetadata } from "../schema/stored-metadata.ts";
import { abortable } from "../signal.ts";

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
  const items = Array.from(documents);
  for (const document of items) remember(checkDocument(document).id, intake.seen);
  const breathe = breather(intake.signal);
  const checked: CheckedDocument[] = [];
  for (const document of items) {
    await breathe();
    const one = await check(document, intake, intake.refuse);
    if (one !== undefined) checked.push(one);
  }
  yield* checked;
}

async function* checkedStream(documents: unknown, intake: Intake): AsyncGenerator<CheckedDocument> {
  if (!isAsyncIterable(documents)) {
    throw unexpected("documents", "an array or an AsyncIterable", documents);
  }
  const { signal, seen } = intake;
  const iterator = documents[Symbol.asyncIterator]();
  let finished = false;
  try {
    for (;;) {
      const { done, value } = await abortable(iterator.next(), signal);
      if (done === true) {
        finished = true;
        return;
      }
      const refuse = intake.refuse ?? refuseNothing;
      try {
        remember(checkDocument(value).id, seen);
      } catch (error) {
        refuse(error instanceof DocumentError ? error.documentId : "", error);
        continue;
      }
      const one = await check(value, intake, refuse);
      if (one !== undefined) yield one;
    }
  } finally {
    // Not awaited: a source that hangs would hold back the abort that ends it.
    if (!finished) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function refuseNothing(_documentId: string, error: unknown): void {
  throw error;
}

async function check(
  document: unknown,
  intake: Intake,
  refuse: Intake["refuse"],
): Promise<CheckedDocument | undefined> {
  const plain = checkDocument(document);
  try {
    const given: unknown = (document as Readonly<Record<string, unknown>>)["metadata"];
    const metadata = await storeMetadata(intake.schema, intake.shape, plain.id, given);
    const checked = { ...plain, metadata };
    return { ...checked, hash: documentHash(checked) };
  } catch (error) {
    if (refuse === undefined) throw error;
    refuse(plain.id, error);
    return undefined;
  }
}

function remember(id: string, seen: Set<string>): void {
  if (seen.has(id)) throw new DocumentError(id, `Document ${shown(id)}: the id is given twice in one call`);
  seen.add(id);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
