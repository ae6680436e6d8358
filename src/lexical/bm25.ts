import { ConfigError, DocumentError, FingerprintError, shown } from "../errors.ts";
import { checkOptions, wholeNumber } from "../options.ts";
import { unstorable } from "../text.ts";
import type { Analyzer, Candidate, LexicalSpec, Terms } from "../types.ts";
import { english } from "./analyzers/english.ts";
import { explainRow, type TermShare } from "./explain.ts";
import { type IdRows, idRows, type IdSet } from "./id-rows.ts";
import { lengthScoring } from "./lossy-length.ts";
import { type PostingLists, postingLists } from "./posting-lists.ts";
import { postings } from "./postings.ts";
import { rowQueue } from "./row-queue.ts";
import { readSnapshot, snapshotBytes } from "./snapshot.ts";
import { bm25Parameters, encodeTerms, queryTerms, termsLength } from "./terms.ts";

export type { Analyzer, Candidate } from "../types.ts";
export type { TermShare } from "./explain.ts";
export type { IdSet } from "./id-rows.ts";

export interface Bm25Options {
  /** Default `english()`. */
  readonly analyzer?: Analyzer;
  /** How soon more of the same term stops mattering. Default 1.2. */
  readonly k1?: number;
  /** How much long documents are held back, 0…1. Default 0.75. */
  readonly b?: number;
  /** Lengths as Lucene keeps them, in one byte, for the same scores. Default false: exact. */
  readonly lossyLengths?: boolean;
}

export interface Bm25SearchOptions {
  /** Default 10. */
  readonly topK?: number;
  /** A set made by `ids` is pushed into the scan; a function is asked about the best documents until `topK` have passed. */
  readonly where?: IdSet | ((id: string) => boolean);
}

/**
 * BM25 in memory, on its own. Live: each write is searchable at once, and every score is what an index built anew from
 * the same documents gives, average length included.
 */
export interface Bm25Index {
  /** Made once, used in any number of searches; it follows what is added and deleted later. */
  ids(ids: Iterable<string>): IdSet;
  /** A document that is there already is a `DocumentError`. */
  add(id: string, text: string): void;
  /** A document that is not there is a `DocumentError`. */
  update(id: string, text: string): void;
  /** Whether it was there. */
  delete(id: string): boolean;
  /** Documents that share a term with the query, best first, by id where scores are the same. */
  search(query: string, options?: Bm25SearchOptions): readonly Candidate[];
  /** What each of the query's terms adds to the score of a document, most first; undefined where there is no such document. */
  explain(query: string, id: string): readonly TermShare[] | undefined;
  /** Documents, those without a single term among them. */
  readonly size: number;
  /** For `bm25FromBytes`: versioned, checksummed, small. */
  toBytes(): Uint8Array;
}

/** @example const index = bm25(); index.add("a", "The quick brown fox"); index.search("foxes"); */
export function bm25(options: Bm25Options = {}): Bm25Index {
  const parameters = bm25Parameters("bm25", options, ["analyzer", "lossyLengths"]);
  const { lossyLengths = false } = options;
  if (typeof lossyLengths !== "boolean") {
    throw new ConfigError(`bm25.lossyLengths: expected a boolean, received ${shown(lossyLengths)}`);
  }
  const settings = { analyzer: analyzerOf(options), ...parameters, lossyLengths };
  return index(settings, idRows(), postingLists(lengthScoring(lossyLengths)));
}

/**
 * The index that `toBytes` wrote. The analyzer must be the one it was built with, else it is a `FingerprintError`; bytes
 * that are no snapshot, or damaged in any place, are a `SnapshotError`.
 */
export function bm25FromBytes(bytes: Uint8Array, options: { readonly analyzer?: Analyzer } = {}): Bm25Index {
  checkOptions("bm25FromBytes", options, ["analyzer"]);
  const analyzer = analyzerOf(options);
  const { fingerprint, ids, lists, ...settings } = readSnapshot(bytes);
  if (fingerprint !== analyzer.fingerprint) {
    throw new FingerprintError([{ key: "analyzer", stored: fingerprint, given: analyzer.fingerprint }]);
  }
  return index({ analyzer, ...settings }, idRows(ids), lists);
}

interface Settings {
  readonly analyzer: Analyzer;
  readonly k1: number;
  readonly b: number;
  readonly lossyLengths: boolean;
}

function index(settings: Settings, rows: IdRows, stored: PostingLists): Bm25Index {
  const { analyzer, k1, b, lossyLengths } = settings;
  const lists = postings(stored);

  const termsOf = (id: string, text: string): Terms => {
    if (typeof text !== "string") {
      throw new DocumentError(id, `Document ${shown(id)}: expected text to be a string, received ${shown(text)}`);
    }
    return encodeTerms(analyzer, [{ text, weight: 1 }]);
  };
  const spec = (): LexicalSpec => ({ k1, b, averageLength: lists.totalLength / lists.rows });
  const precedes = (rowA: number, rowB: number): boolean => rows.idOf(rowA) < rows.idOf(rowB);

  const ranked = (terms: Terms, topK: number, set?: IdSet): readonly Candidate[] => {
    const allowed = set === undefined ? {} : { allowed: rows.rowsIn(set) };
    const found = lists.search(terms, { limit: topK, spec: spec(), precedes, ...allowed });
    return Array.from(found.rows, (row, i) => ({ id: rows.idOf(row), score: found.scores[i] ?? 0 }));
  };

  /** Asks about as few documents as it can: most functions cost more than the scan. */
  const rankedWhere = (terms: Terms, topK: number, test: (id: string) => boolean): readonly Candidate[] => {
    const passed: Candidate[] = [];
    const all = rowQueue(precedes);
    lists.collect(terms, { spec: spec(), into: all });
    for (const { row, score } of all.bestFirst()) {
      const id = rows.idOf(row);
      if (test(id) && passed.push({ id, score }) === topK) break;
    }
    return passed;
  };

  return {
    get size() {
      return rows.size;
    },
    ids: (ids) => rows.ids(ids),
    add(id, text) {
      checkId(id);
      if (rows.rowOf(id) !== undefined) {
        throw new DocumentError(id, `Document ${shown(id)} is in the index already: update() replaces it.`);
      }
      const terms = termsOf(id, text);
      lists.set(rows.add(id), terms);
    },
    update(id, text) {
      checkId(id);
      const row = rows.rowOf(id);
      if (row === undefined) {
        throw new DocumentError(id, `Document ${shown(id)} is not in the index: add() takes a new one.`);
      }
      lists.set(row, termsOf(id, text));
    },
    delete(id) {
      const row = rows.rowOf(id);
      if (row === undefined) return false;
      lists.delete(row);
      rows.delete(id);
      return true;
    },
    search(query, options = {}) {
      checkOptions("search", options, ["topK", "where"]);
      checkQuery(query);
      const topK = wholeNumber("topK", options.topK, 1, 10);
      const { where } = options;
      const terms = encodeTerms(analyzer, [{ text: query, weight: 1 }]);
      if (typeof where === "function") return rankedWhere(terms, topK, where);
      return ranked(terms, topK, where);
    },
    explain(query, id) {
      checkQuery(query);
      const row = rows.rowOf(id);
      if (row === undefined) return undefined;
      const terms = lists.termsOf(row);
      if (terms === undefined) return [];
      const asked = queryTerms(analyzer, query);
      const frequencies = Array.from(asked.terms.ids, (term) => lists.frequency(term));
      const length = termsLength(terms);
      return explainRow(asked, terms, { chunks: lists.rows, frequencies }, spec(), lengthScoring(lossyLengths)(length));
    },
    toBytes: () => snapshotBytes({ fingerprint: analyzer.fingerprint, k1, b, lossyLengths }, rows.documents(), stored),
  };
}

function analyzerOf({ analyzer = english() }: { readonly analyzer?: Analyzer }): Analyzer {
  if (typeof analyzer.terms === "function" && typeof analyzer.fingerprint === "string") return analyzer;
  throw new ConfigError(`analyzer: expected one with terms() and a fingerprint, received ${shown(analyzer)}`);
}

function checkId(id: string): void {
  if (typeof id !== "string" || id === "") {
    throw new DocumentError("", `A document's id: expected a non-empty string, received ${shown(id)}`);
  }
  const problem = unstorable(id);
  if (problem !== undefined) throw new DocumentError(id, `Document ${shown(id)}: the id has ${problem}`);
}

function checkQuery(query: string): void {
  if (typeof query !== "string") throw new ConfigError(`query: expected a string, received ${shown(query)}`);
}
