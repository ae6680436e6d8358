import { breather } from "../signal.ts";
import type { ChunkRow } from "./chunk-rows.ts";
import type { CheckedDocument } from "./document.ts";
import { embedTexts } from "../embed/embedding.ts";
import type { Embedded } from "../embed/request.ts";
import { type AdapterError, isAdapterError, thrownByCallback } from "../errors.ts";
import type { DocumentChange, IndexRun } from "./types.ts";
import type { RetrieverScope } from "../scope/retriever-scope.ts";
import { encodeTerms } from "../lexical/terms.ts";
import type { Parts } from "../scope/parts.ts";
import { retrying } from "../retry.ts";
import type { Outcome } from "./tally.ts";
import type { ChunkWrite, Scope } from "../types.ts";

/** A `replace` of more chunks than this is divided, between documents. */
const writtenChunks = 256;

interface DocumentWrite {
  readonly document: CheckedDocument;
  readonly chunks: readonly ChunkWrite[];
  readonly outcome: Outcome;
}
/** A document that another writer changed meanwhile. */
export interface Conflict {
  readonly document: CheckedDocument;
  readonly error: unknown;
}

/** Embeds what is new and writes. Answers with the documents whose rows another writer changed meanwhile. */
export async function writeChanges(
  changes: readonly DocumentChange[],
  scope: Scope,
  within: RetrieverScope,
  run: IndexRun,
): Promise<readonly Conflict[]> {
  const { tally, signal } = run;
  const fresh = changes.flatMap(({ rows, before, outcome }) =>
    outcome.kind === "unchanged" ? [] : rows.filter(({ chunk }) => !before.has(chunk.id)),
  );
  const vectors = await vectorsFor(fresh, within.parts, run);
  const breathe = breather(signal);
  const writes: DocumentWrite[] = [];
  for (const { document, before, rows, outcome } of changes) {
    if (outcome.kind === "unchanged") continue;
    const chunks: ChunkWrite[] = [];
    try {
      for (const { chunk, indexed } of rows) {
        await breathe();
        const embedded = vectors.get(chunk.id);
        if (embedded !== undefined && "error" in embedded) throw embedded.error;
        const legs = before.has(chunk.id) ? "kept" : { ...embedded, ...termsFor(indexed, within.parts) };
        chunks.push({ ...chunk, legs });
      }
      writes.push({ document, chunks, outcome });
    } catch (error) {
      signal.throwIfAborted();
      tally.failed(document.id, error);
    }
  }
  const conflicts: Conflict[] = [];
  for (const slice of slicesOf(writes)) {
    await breathe();
    conflicts.push(...(await writeDocuments(slice, scope, within, run)));
  }
  await keepUnchanged(changes, scope, within, run);
  return conflicts;
}

async function vectorsFor(
  rows: readonly ChunkRow[],
  { embedder }: Parts,
  { tally, signal }: IndexRun,
): Promise<ReadonlyMap<string, Embedded>> {
  if (embedder === undefined || rows.length === 0) return new Map();
  const texts = rows.map(({ indexed }) => indexed);
  const onEmbedded = (count: number): void => {
    tally.embedded(count);
    tally.progress("embed");
  };
  const embedded = await embedTexts(embedder, texts, { role: "document", signal, onEmbedded });
  return new Map(embedded.map((reply, index) => [rows[index]?.chunk.id ?? "", reply]));
}

function termsFor(indexed: string, { analyzer, lexical, store }: Parts) {
  if (lexical !== "store" && store.latent === undefined) return {};
  const terms = encodeTerms(analyzer, indexed);
  return terms.ids.length === 0 ? {} : { terms };
}

/** Whole documents, about as many as make one write. */
function* slicesOf(writes: readonly DocumentWrite[]): Generator<readonly DocumentWrite[]> {
  let slice: DocumentWrite[] = [];
  let size = 0;
  for (const write of writes) {
    if (size > 0 && size + write.chunks.length > writtenChunks) {
      yield slice;
      slice = [];
      size = 0;
    }
    slice.push(write);
    size += write.chunks.length;
  }
  if (slice.length > 0) yield slice;
}

/** One `replace`. Where the store refuses it for good, or has other rows, it is divided until the document at fault is alone. */
async function writeDocuments(
  writes: readonly DocumentWrite[],
  scope: Scope,
  within: RetrieverScope,
  run: IndexRun,
): Promise<readonly Conflict[]> {
  const { tally, signal } = run;
  const { parts, lexical } = within;
  const documents = writes.map(({ document, chunks }) => ({ id: document.id, chunks }));
  // A conflict says "retryable", but only after another look at what is stored.
  const replace = (): Promise<AdapterError | undefined> =>
    parts.store.replace({ scope, documents }, { signal }).then(() => undefined, conflictOrThrow);
  const half = writes.length >> 1;
  const divided = async (): Promise<readonly Conflict[]> => {
    const first = await writeDocuments(writes.slice(0, half), scope, within, run);
    return [...first, ...(await writeDocuments(writes.slice(half), scope, within, run))];
  };
  let conflict: AdapterError | undefined;
  try {
    conflict = await (lexical?.replace(scope, documents, signal, replace) ?? retrying(replace, { signal }));
  } catch (error) {
    signal.throwIfAborted();
    if (thrownByCallback.has(Object(error))) throw error;
    const down = isAdapterError(error) && error.retryable;
    if (half > 0 && !down) return divided();
    for (const { document } of writes) tally.failed(document.id, error);
    return [];
  }
  if (conflict !== undefined) {
    return half > 0 ? divided() : writes.map(({ document }) => ({ document, error: conflict }));
  }
  // What a callback throws is no failure to write.
  for (const { outcome } of writes) tally.done(outcome);
  tally.progress("write");
  return [];
}

function conflictOrThrow(error: unknown): AdapterError {
  if (isAdapterError(error) && error.code === "conflict") return error;
  throw error;
}

/**
 * Nothing to write, but for a lexical index of its own that outlives the process: it may lack what a run that was killed
 * had stored already.
 */
async function keepUnchanged(
  changes: readonly DocumentChange[],
  scope: Scope,
  { lexical }: RetrieverScope,
  { tally, signal }: IndexRun,
): Promise<void> {
  const same = changes.filter(({ outcome }) => outcome.kind === "unchanged");
  const ids = same.map(({ document }) => document.id);
  try {
    if (lexical?.index.durable && ids.length > 0) await lexical.copy(scope, ids, signal);
    for (const { outcome } of same) tally.done(outcome);
  } catch (error) {
    signal.throwIfAborted();
    for (const { document } of same) tally.failed(document.id, error);
  }
}
