import { ConfigError, unexpected } from "./errors.ts";
import { expectType } from "./options.ts";
import { notRows, orRows, type RowSet, rowSet } from "./row-set.ts";

/** A set of ids made once for an index: a filter at the speed of the scan. */
export interface IdSet {
  readonly size: number;
}

/** Which id has which row, for an index on its own. The row of a deleted id is given to another. */
export interface IdRows {
  readonly size: number;
  /** Every row is below it. */
  readonly capacity: number;
  rowOf(id: string): number | undefined;
  idOf(row: number): string;
  /** Gives a row to an id that has none. */
  add(id: string): number;
  delete(id: string): void;
  /** By ascending row. */
  documents(): readonly { readonly row: number; readonly id: string }[];
  ids(ids: Iterable<string>): IdSet;
  /** The rows that ids of the set have now, whatever was added or deleted since it was made. */
  rowsIn(set: IdSet): RowSet;
}

/** Whether a caller's function lets the id through. A promise is no answer, and would count as one for all. */
export function passes(where: (id: string) => boolean, id: string): boolean {
  const answer = where(id);
  expectType("where", answer, "boolean");
  return answer;
}

/** What is known of an `IdSet`: its rows when `given` rows had been given. */
interface KnownSet {
  readonly ids: ReadonlySet<string>;
  rows: RowSet;
  given: number;
}

/** Ids of rows 0, 1, 2 …, which are not looked at before they are needed. */
export interface KnownIds {
  readonly size: number;
  idOf(row: number): string;
}

/** Those given at first are left as they are until one is asked for by its name. */
export function idRows(first?: KnownIds): IdRows {
  let unread = first;
  let size = unread?.size ?? 0;
  let byId = new Map<string, number>();
  let ids: (string | undefined)[] = [];
  const free: number[] = [];
  const sets = new WeakMap<IdSet, KnownSet>();
  /** The rows given last, so that a set has only those to look at again, and how many were given ever. */
  let recent: number[] = [];
  let given = 0;

  const rowsById = (): Map<string, number> => {
    if (unread === undefined) return byId;
    const source = unread;
    unread = undefined;
    ids = Array.from({ length: size }, (_, row) => source.idOf(row));
    byId = new Map(ids.map((id, row) => [id as string, row]));
    return byId;
  };
  const all = (): readonly (string | undefined)[] => {
    rowsById();
    return ids;
  };
  const rowsFor = (wanted: ReadonlySet<string>): RowSet =>
    rowSet(
      all().length,
      [...wanted].flatMap((id) => rowsById().get(id) ?? []),
    );

  /** Rows that were taken back meanwhile may stay: nothing is found in them. */
  const refreshed = (known: KnownSet): RowSet => {
    const fresh = given - known.given;
    if (fresh > recent.length || fresh > known.ids.size) return rowsFor(known.ids);
    const changed = recent.slice(recent.length - fresh);
    const mine = changed.filter((row) => known.ids.has(ids[row] ?? ""));
    return orRows(notRows(rowSet(ids.length, changed), known.rows), rowSet(ids.length, mine));
  };

  return {
    get size() {
      return size;
    },
    get capacity() {
      return unread?.size ?? ids.length;
    },
    rowOf: (id) => rowsById().get(id),
    idOf: (row) => unread?.idOf(row) ?? ids[row] ?? "",
    add(id) {
      const row = free.pop() ?? all().length;
      rowsById().set(id, row);
      ids[row] = id;
      size++;
      if (recent.length > ids.length) recent = [];
      recent.push(row);
      given++;
      return row;
    },
    delete(id) {
      const row = rowsById().get(id);
      if (row === undefined) return;
      rowsById().delete(id);
      size--;
      ids[row] = undefined;
      free.push(row);
    },
    documents: () => all().flatMap((id, row) => (id === undefined ? [] : { row, id })),
    ids(wantedIds) {
      const several: unknown = wantedIds;
      if (typeof several !== "object" || several === null || !(Symbol.iterator in several))
        throw unexpected("ids", "several ids", several);
      const wanted = new Set(wantedIds);
      const set = Object.freeze({ size: wanted.size });
      sets.set(set, { ids: wanted, rows: rowsFor(wanted), given });
      return set;
    },
    rowsIn(set) {
      const known = sets.get(set);
      if (known === undefined) throw new ConfigError("where: expected a set that ids() of this very index made");
      if (known.given !== given) {
        known.rows = refreshed(known);
        known.given = given;
      }
      return known.rows;
    },
  };
}
