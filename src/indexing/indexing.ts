import { breather, pause } from "../signal.ts";
import { indexedText } from "../chunkers/text/indexed-text.ts";
import { recursiveStyle } from "../chunkers/recursive-style.ts";
import { standardSettings } from "../chunkers/standard.ts";
import { wholeText } from "../chunkers/cutting/whole-text.ts";
import { chunkRows, type ChunkRow } from "./chunk-rows.ts";
import { type CheckedDocument, isSameText } from "./document.ts";
import type { DocumentChange, IndexRun } from "./types.ts";
import type { RetrieverScope } from "../scope/retriever-scope.ts";
import { documentGroups } from "./intake.ts";
import { encodeTerms, termsLength } from "../lexical/terms.ts";
import type { Opened } from "../scope/opening.ts";
import { fallbackAverageLength, type Parts } from "../scope/parts.ts";
import type { Documents } from "../retriever-types.ts";
import { storedRows } from "../stores/reading.ts";
import type { Outcome } from "./tally.ts";
import type { Chunker, StoredChunk } from "../types.ts";
import { writeChanges } from "./writing.ts";

/** The average length of a generation is measured on so many chunks. */
const measuredChunks = 1_000;
/** How often a group is planned anew because another writer changed its rows meanwhile. */
const conflictAttempts = 4;

/**
 * Makes the store hold exactly these documents, group by group, in one generation whatever is published meanwhile: answers
 * with that, where there is one. Failures of single documents go into the tally.
 */
export async function indexDocuments<In>(
  within: RetrieverScope,
  documents: Documents<In>,
  run: IndexRun,
): Promise<Opened | undefined> {
  const { parts, tenant } = within;
  const { tally, signal, seen, dry } = run;
  const refuse = Array.isArray(documents) && !run.collect ? undefined : tally.failed;
  const intake = { schema: parts.schema, shape: parts.shape, signal, seen, refuse };
  const breathe = breather(signal);
  let opened: Opened | undefined;
  if (!dry) await within.lexical?.index.prepare?.({ signal });
  for await (const group of documentGroups(documents, intake)) {
    tally.progress("read");
    await breathe();
    opened ??= await within.opening.find(signal);
    let pending: readonly CheckedDocument[] = group;
    for (let attempt = 1; ; attempt++) {
      const changes = await changesOf(pending, opened, within, run);
      // Nothing is created for documents without a chunk: the average length would be fixed on none.
      if (dry || (opened === undefined && changes.every(({ rows }) => rows.length === 0))) {
        for (const { outcome } of changes) {
          tally.done(outcome);
          if (parts.embedder !== undefined) tally.embedded(outcome.chunks.added);
        }
        break;
      }
      opened ??= await within.opening.create(
        parts.averageLength ?? (await averageLengthOf(changes, run, parts)),
        signal,
      );
      const conflicts = await writeChanges(changes, { generation: opened.generation, tenant }, within, run);
      if (conflicts.length === 0) break;
      if (attempt === conflictAttempts) {
        for (const { document, error } of conflicts) tally.failed(document.id, error);
        break;
      }
      pending = conflicts.map(({ document }) => document);
      // Writers in step with each other would meet again.
      await pause(50 * attempt * Math.random(), signal);
    }
    tally.progress(dry ? "chunk" : "write");
  }
  // What was refused after the last group counts too.
  tally.progress(dry ? "chunk" : "write");
  await tally.told();
  return opened;
}

async function averageLengthOf(
  changes: readonly DocumentChange[],
  { signal }: IndexRun,
  { analyzer }: Parts,
): Promise<number> {
  const breathe = breather(signal);
  let chunks = 0;
  let length = 0;
  let failure: unknown;
  for (const { indexed } of changes.flatMap(({ rows }) => rows).slice(0, measuredChunks)) {
    await breathe();
    try {
      const terms = termsLength(encodeTerms(analyzer, indexed));
      if (terms > 0) chunks++;
      length += terms;
    } catch (error) {
      // Its document will fail. Where all do, nothing is created.
      failure = error;
    }
  }
  if (chunks > 0) return length / chunks;
  if (failure !== undefined) throw failure;
  return fallbackAverageLength;
}

/** Compares documents with what is stored; one that cannot be cut goes to the failures. */
async function changesOf(
  group: readonly CheckedDocument[],
  opened: Opened | undefined,
  { parts, tenant }: RetrieverScope,
  { tally, signal }: IndexRun,
): Promise<readonly DocumentChange[]> {
  const { store, chunker = defaultChunker() } = parts;
  const stored = new Map(group.map(({ id }) => [id, new Map<string, StoredChunk>()]));
  if (opened !== undefined) {
    const scope = { generation: opened.generation, tenant };
    const documentIds = [...stored.keys()];
    const chunks = await storedRows(store, scope, { documentIds }, { signal });
    for (const chunk of chunks) stored.get(chunk.documentId)?.set(chunk.id, chunk);
  }
  const breathe = breather(signal);
  const changes: DocumentChange[] = [];
  for (const document of group) {
    await breathe();
    const before = stored.get(document.id) ?? new Map<string, StoredChunk>();
    const held = [...before.values()];
    const isStored = held.length > 0;
    const sameHash = isStored && held.every(({ documentHash }) => documentHash === document.hash);
    const isFixed = isStored && chunker.fingerprint !== undefined;
    if (sameHash && isFixed) {
      changes.push({ document, before, rows: [], outcome: unchanged(before) });
      continue;
    }
    try {
      const sameText = isFixed && held.every(({ documentHash }) => isSameText(documentHash, document.hash));
      const rows = sameText ? rowsAsBefore(document, before) : await chunkRows(document, chunker, tenant, signal);
      const same = sameHash ? sameCuts(rows, before) : rows.length === 0 && before.size === 0;
      const outcome = same ? unchanged(before) : changed(before, rows);
      changes.push({ document, before, rows, outcome });
    } catch (error) {
      signal.throwIfAborted();
      tally.failed(document.id, error);
    }
  }
  tally.progress("chunk");
  return changes;
}

/**
 * `recursive()` by its parts: the face exports it, so a bundler would load at once what its module imports. Whole texts come
 * here, so what cuts streams is left out.
 */
function defaultChunker(): Chunker {
  const style = recursiveStyle(standardSettings);
  const chunker: Chunker = ({ text, title }, { signal } = {}) => wholeText(style, text, title, signal);
  return Object.assign(chunker, { fingerprint: style.settings.fingerprint });
}

/** The chunks of a document of which only the metadata changed: it is not cut again, which may cost an embedding. */
function rowsAsBefore(
  { hash, metadata }: CheckedDocument,
  before: ReadonlyMap<string, StoredChunk>,
): readonly ChunkRow[] {
  return Array.from(before.values(), (stored) => ({
    chunk: { ...stored, documentHash: hash, metadata },
    indexed: indexedText(stored),
  }));
}

function sameCuts(rows: readonly ChunkRow[], before: ReadonlyMap<string, StoredChunk>): boolean {
  const same = ({ chunk }: ChunkRow): boolean => {
    const old = before.get(chunk.id);
    return old !== undefined && old.ordinal === chunk.ordinal && old.span.start === chunk.span.start;
  };
  return rows.length === before.size && rows.every(same);
}

function unchanged(before: ReadonlyMap<string, StoredChunk>): Outcome {
  return { kind: "unchanged", chunks: { added: 0, kept: before.size, deleted: 0 } };
}

function changed(before: ReadonlyMap<string, StoredChunk>, rows: readonly ChunkRow[]): Outcome {
  const kept = rows.filter(({ chunk }) => before.has(chunk.id)).length;
  const chunks = { added: rows.length - kept, kept, deleted: before.size - kept };
  return { kind: before.size === 0 ? "added" : "updated", chunks };
}
