import { ConfigError, DocumentError, FingerprintError, shown, unexpected } from "../errors.ts";
import { expectPart } from "../expected-part.ts";
import { checkOptions, expectType, wholeNumber } from "../options.ts";
import { andRows, notRows, type RowSet, rowSet, rowSetOf } from "../row-set.ts";
import { unstorable } from "../text.ts";
import type { Analyzer, Candidate, LexicalSpec, Terms } from "../types.ts";
import { english } from "./analyzers/english.ts";
import { explainRow, type TermShare } from "./explain.ts";
import { type IdRows, idRows, type IdSet, passes } from "../id-rows.ts";
import { lengthScoring } from "./lossy-length.ts";
import { rowsWith } from "./phrases.ts";
import { postingLists } from "./posting-lists.ts";
import { postings } from "./postings.ts";
import { rowQueue } from "./row-queue.ts";
import { termSequences } from "./sequences.ts";
import { type Bm25Contents, type Bm25Settings, readSnapshot, snapshotBytes } from "./snapshot.ts";
import { bm25Parameters, countIds, queryTerms, termIds, termsLength } from "./terms.ts";
import { type QueryParts, queryParts, type TextQuery } from "./text-query.ts";
import { type Suggestion, vocabulary } from "./vocabulary.ts";

export type { Analyzer, Candidate } from "../types.ts";
export type { TermShare } from "./explain.ts";
export type { IdSet } from "../id-rows.ts";
export { parseQuery, type TextQuery } from "./text-query.ts";
export type { Suggestion } from "./vocabulary.ts";

export interface Bm25Options {
  /** Default `english()`. */
  readonly analyzer?: Analyzer;
  /** How soon more of the same term stops mattering. Default 1.2. */
  readonly k1?: number;
  /** How much long documents are held back, 0…1. Default 0.75. */
  readonly b?: number;
  /** Lengths as Lucene keeps them, in one byte, for the same scores. Default false: exact. */
  readonly lossyLengths?: boolean;
  /**
   * Keeps the order of the terms, for phrases: a byte in memory and in a snapshot for each term of a document, where it has
   * no more than 256 different ones. Default false.
   */
  readonly positions?: boolean;
  /** Keeps the words as they are written, for `suggest`: four bytes in memory for each word of a document. Default false. */
  readonly suggestions?: boolean;
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
  /**
   * Documents that share a term with the query, best first, by id where scores are the same. A `TextQuery` may demand
   * phrases, which need `positions` where they have several terms, and exclude words.
   */
  search(query: string | TextQuery, options?: Bm25SearchOptions): readonly Candidate[];
  /** What each of the query's terms adds to the score of a document, most first; undefined where there is no such document. */
  explain(query: string | TextQuery, id: string): readonly TermShare[] | undefined;
  /** Words that begin as the last word of `prefix` does, those of most documents first. Needs `suggestions`. */
  suggest(prefix: string, options?: { /** Default 10. */ readonly topK?: number }): readonly Suggestion[];
  /** Documents, those without a single term among them. */
  readonly size: number;
  /** For `bm25FromBytes`: versioned, checksummed, small. */
  toBytes(): Uint8Array;
}

/** So many times as many documents as are wanted are looked for at first, where a function decides. */
const TRIED = 4;

/** @example const index = bm25(); index.add("a", "The quick brown fox"); index.search("foxes"); */
export function bm25(options: Bm25Options = {}): Bm25Index {
  const parameters = bm25Parameters("bm25", options, ["analyzer", "lossyLengths", "positions", "suggestions"]);
  const { lossyLengths = false, positions = false, suggestions = false } = options;
  for (const [name, value] of Object.entries({ lossyLengths, positions, suggestions })) {
    expectType(`bm25.${name}`, value, "boolean");
  }
  const analyzer = analyzerOf(options);
  const settings = { fingerprint: analyzer.fingerprint, ...parameters, lossyLengths, positions, suggestions };
  const sequences = positions ? termSequences() : undefined;
  const words = suggestions ? vocabulary() : undefined;
  return index(analyzer, settings, idRows(), {
    lists: postingLists(lengthScoring(lossyLengths)),
    ...(sequences && { sequences: () => sequences }),
    ...(words && { words: () => words }),
  });
}

/**
 * The index that `toBytes` wrote. The analyzer must be the one it was built with, else it is a `FingerprintError`; bytes
 * that are no snapshot, or damaged in any place, are a `SnapshotError`.
 */
export function bm25FromBytes(bytes: Uint8Array, options: { readonly analyzer?: Analyzer } = {}): Bm25Index {
  checkOptions("bm25FromBytes", options, ["analyzer"]);
  const analyzer = analyzerOf(options);
  const { settings, ids, contents } = readSnapshot(bytes);
  if (settings.fingerprint !== analyzer.fingerprint) {
    throw new FingerprintError([{ key: "analyzer", stored: settings.fingerprint, given: analyzer.fingerprint }]);
  }
  return index(analyzer, settings, idRows(ids), contents);
}

function index(analyzer: Analyzer, settings: Bm25Settings, rows: IdRows, contents: Bm25Contents): Bm25Index {
  const { k1, b, lossyLengths } = settings;
  const { lists: stored, sequences, words } = contents;
  const lists = postings(stored);
  /** Taken before a list is changed, because out of a snapshot they are read by what the lists hold. */
  const beyondLists = () => ({ sequences: sequences?.(), words: words?.() });

  const write = (id: string, text: string, rowFor: () => number): void => {
    if (typeof text !== "string") {
      throw new DocumentError(id, `Document ${shown(id)}: expected text to be a string, received ${shown(text)}`);
    }
    const ids = termIds(analyzer, text);
    const terms = countIds(ids);
    const kept = beyondLists();
    const row = rowFor();
    lists.set(row, terms);
    kept.sequences?.set(row, ids, terms);
    kept.words?.set(row, text);
  };
  const spec = (): LexicalSpec => ({ k1, b, averageLength: lists.totalLength / lists.rows });
  const precedes = (rowA: number, rowB: number): boolean => rows.idOf(rowA) < rows.idOf(rowB);

  /** Where the words of one phrase stand. */
  const rowsOfPhrase = (phrase: string): RowSet => {
    const terms = termIds(analyzer, phrase).map((term) => stored.termOf(term));
    if (terms.length > 1 && sequences === undefined) {
      throw new ConfigError(
        `query: ${shown(phrase)} has several terms, and this index was not made with positions: true`,
      );
    }
    return rowSet(rows.capacity, rowsWith(terms, stored, sequences));
  };
  /** Only these rows may be found; undefined where any may. */
  const allowedRows = ({ phrases, without }: QueryParts, set: IdSet | undefined): RowSet | undefined => {
    const isSearched = (text: string): boolean => termIds(analyzer, text).length > 0;
    let allowed = set === undefined ? undefined : rows.rowsIn(set);
    for (const phrase of phrases.filter(isSearched)) {
      const found = rowsOfPhrase(phrase);
      allowed = allowed === undefined ? found : andRows(allowed, found);
    }
    for (const phrase of without.filter(isSearched)) {
      allowed = notRows(rowsOfPhrase(phrase), allowed ?? allRows(rows.capacity));
    }
    return allowed;
  };

  const ranked = (terms: Terms, topK: number, allowed: RowSet | undefined): readonly Candidate[] => {
    const found = lists.search(terms, { limit: topK, spec: spec(), precedes, ...(allowed && { allowed }) });
    const candidates: Candidate[] = [];
    for (let i = 0; i < found.rows.length; i++) {
      candidates.push({ id: rows.idOf(found.rows[i] as number), score: found.scores[i] as number });
    }
    return candidates;
  };

  /** Asks about as few documents as it can, because most functions cost more than the scan, and about none twice. */
  const rankedWhere = (
    terms: Terms,
    topK: number,
    allowed: RowSet | undefined,
    test: (id: string) => boolean,
  ): readonly Candidate[] => {
    const passed: Candidate[] = [];
    const isEnough = (id: string, score: number): boolean => passes(test, id) && passed.push({ id, score }) === topK;
    // Most functions let enough of these through, and they cost little more than the best without a function.
    const few = ranked(terms, topK * TRIED, allowed);
    if (few.some(({ id, score }) => isEnough(id, score)) || few.length < topK * TRIED) return passed;
    let most = 0;
    for (const term of terms.ids) most += lists.frequency(term);
    const all = rowQueue(Math.min(most, lists.rows), precedes);
    lists.offer(terms, { limit: Number.POSITIVE_INFINITY, spec: spec(), ...(allowed && { allowed }) }, all);
    let seen = 0;
    all.bestFirst((row, score) => ++seen > few.length && isEnough(rows.idOf(row), score));
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
      try {
        write(id, text, () => rows.add(id));
      } catch (error) {
        // What could not be written is not there.
        rows.delete(id);
        throw error;
      }
    },
    update(id, text) {
      checkId(id);
      const row = rows.rowOf(id);
      if (row === undefined) {
        throw new DocumentError(id, `Document ${shown(id)} is not in the index: add() takes a new one.`);
      }
      write(id, text, () => row);
    },
    delete(id) {
      const row = rows.rowOf(id);
      if (row === undefined) return false;
      const kept = beyondLists();
      lists.delete(row);
      kept.sequences?.delete(row);
      kept.words?.delete(row);
      rows.delete(id);
      return true;
    },
    search(query, options = {}) {
      checkOptions("search", options, ["topK", "where"]);
      const parts = queryParts(query);
      const topK = wholeNumber("topK", options.topK, 1, 10);
      const { where } = options;
      const terms = countIds(parts.texts.flatMap((text) => termIds(analyzer, text)));
      if (typeof where === "function") return rankedWhere(terms, topK, allowedRows(parts, undefined), where);
      return ranked(terms, topK, allowedRows(parts, where));
    },
    explain(query, id) {
      const { texts } = queryParts(query);
      const row = rows.rowOf(id);
      if (row === undefined) return undefined;
      const terms = lists.termsOf(row);
      if (terms === undefined) return [];
      const asked = queryTerms(analyzer, texts);
      const frequencies = Array.from(asked.terms.ids, (term) => lists.frequency(term));
      const length = termsLength(terms);
      return explainRow(asked, terms, { chunks: lists.rows, frequencies }, spec(), lengthScoring(lossyLengths)(length));
    },
    suggest(prefix, options = {}) {
      checkOptions("suggest", options, ["topK"]);
      if (typeof prefix !== "string") throw unexpected("prefix", "a string", prefix);
      if (words === undefined) throw new ConfigError("suggest: this index was not made with suggestions: true");
      return words().suggest(prefix, wholeNumber("topK", options.topK, 1, 10));
    },
    toBytes: () => snapshotBytes(settings, rows.documents(), contents),
  };
}

function allRows(capacity: number): RowSet {
  return rowSetOf(new Uint32Array(Math.ceil(capacity / 32)).fill(0xffffffff));
}

function analyzerOf({ analyzer = english() }: { readonly analyzer?: Analyzer }): Analyzer {
  expectPart("analyzer", analyzer);
  return analyzer;
}

function checkId(id: string): void {
  if (typeof id !== "string" || id === "") {
    throw new DocumentError("", `A document's id: expected a non-empty string, received ${shown(id)}`);
  }
  const problem = unstorable(id);
  if (problem !== undefined) throw new DocumentError(id, `Document ${shown(id)}: the id has ${problem}`);
}
