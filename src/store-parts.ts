import { evaluateFilter as evaluate } from "./filter/evaluate.ts";
import { checkSpec as check } from "./fingerprint.ts";
import type { FilterTree, IndexSpec, StoredMetadata } from "./types.ts";

/**
 * What stores and legs of one's own are made with. Functions of this file, not those that they call: a bundler may load at
 * once what the face passes on, and without these, a retriever needs that only when the in-memory store is opened.
 */

/**
 * The one meaning of a filter, which every store must reproduce.
 *
 * Two-valued. A missing field has no values; a test holds when any one value of the field passes it, and a value of
 * another type never does; `not` is the exact complement. Published so that a leg of someone's own filters alike.
 */
export function evaluateFilter(tree: FilterTree, metadata: StoredMetadata): boolean {
  return evaluate(tree, metadata);
}

/**
 * Compares what an index was built with to what it is opened with, in a store's `prepare`: a difference is a
 * `FingerprintError`.
 *
 * A new field may appear and an old one go: rows without it have no value. The average length is not compared: the
 * stored one was measured, and counts.
 */
export function checkSpec(stored: IndexSpec, given: IndexSpec): void {
  check(stored, given);
}
