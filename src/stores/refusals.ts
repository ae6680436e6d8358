import { AdapterError, quoted, UnsupportedError } from "../errors.ts";
import type { IndexSpec, Replacement, StoreQuery } from "../types.ts";

/** What every store refuses of rows and queries, in the name of the one that is asked. */

/** A row that was to be kept is gone: another writer was faster. */
export function conflict(store: string, message: string): AdapterError {
  return new AdapterError(store, message, { retryable: true, code: "conflict" });
}

export function notKept(store: string, chunkId: string): AdapterError {
  return conflict(store, `chunk ${quoted(chunkId)} was to be kept and is not there`);
}

export function foreignChunk(store: string, chunkId: string): AdapterError {
  return new AdapterError(store, `chunk ${quoted(chunkId)} belongs to another document`);
}

/** Before anything is sent: a chunk has one owner, in one change; vectors are as the spec says. */
export function checkReplacement(store: string, documents: Replacement["documents"], { dense }: IndexSpec): void {
  const seen = new Set<string>();
  const given = new Set<string>();
  for (const { id: documentId, chunks } of documents) {
    if (given.has(documentId)) throw new AdapterError(store, `document ${quoted(documentId)} is given twice`);
    given.add(documentId);
    for (const { id, documentId: owner, legs } of chunks) {
      if (seen.has(id)) throw new AdapterError(store, `chunk ${quoted(id)} is given twice`);
      seen.add(id);
      if (owner !== documentId) {
        throw new AdapterError(
          store,
          `chunk ${quoted(id)} of ${quoted(owner)} is given with document ${quoted(documentId)}`,
        );
      }
      if (legs !== "kept" && legs.vector !== undefined) checkVector(store, legs.vector, dense, `chunk ${quoted(id)}`);
    }
  }
}

/** A vector without a direction has no cosine: a server would call it NaN and sort it first. */
function checkVector(store: string, vector: Float32Array, dense: IndexSpec["dense"], whose: string): void {
  if (vector.length !== dense?.dimensions) {
    const expected = dense?.dimensions ?? "no";
    throw new AdapterError(
      store,
      `expected a vector of ${expected} dimensions for ${whose}, received ${vector.length}`,
    );
  }
  if (!vector.every(Number.isFinite))
    throw new AdapterError(store, `expected finite numbers in the vector of ${whose}`);
  if (dense.metric === "cosine" && vector.every((value) => value === 0)) {
    throw new AdapterError(store, `expected a vector with a direction for ${whose}, received zeros`);
  }
}

/** Only legs that the index has can be searched; `latent`: by terms, too. */
export function checkLegs(store: string, { dense, lexical }: StoreQuery, spec: IndexSpec, latent = false): void {
  if (dense !== undefined) {
    const byVector = "vector" in dense;
    if (byVector ? spec.dense === undefined : !latent) {
      throw new UnsupportedError(`${store}: this index has no dense leg that could be searched`);
    }
    if (byVector) checkVector(store, dense.vector, spec.dense, "the query");
  }
  if (lexical !== undefined && spec.lexical === undefined) {
    throw new UnsupportedError(`${store}: this index has no lexical leg`);
  }
}
