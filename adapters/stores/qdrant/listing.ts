import { own } from "../../../src/http/reply.ts";
import type { FilterTree } from "../../../src/types.ts";
import type { Place } from "./places.ts";
import { refused } from "./faults.ts";

export interface Listed {
  readonly id: string;
  readonly hash: string;
}

/** Documents of one page of `eachDocument`, and rows that a look at a part of the ids takes. */
const PAGE = 1_000;
const LOOK = 320;

/** All documents that have a matching row, page by page. */
export async function* eachDocument(place: Place, tree: FilterTree | undefined): AsyncGenerator<readonly Listed[]> {
  for (let after: string | undefined; ;) {
    const page = await listDocuments(place, tree, after, PAGE);
    if (page.length > 0) yield page;
    after = page.at(-1)?.id;
    if (page.length < PAGE) return;
  }
}

/**
 * The first `limit` documents after an id, in the order of JavaScript's strings. The server orders by numbers alone, so
 * ids are found by their beginnings: a beginning that few rows have is sorted here, another is divided by what follows
 * it. Each look reads a few hundred ids, and a page takes some twenty looks in an index of any size.
 */
export async function listDocuments(
  place: Place,
  tree: FilterTree | undefined,
  after: string | undefined,
  limit: number,
): Promise<readonly Listed[]> {
  place.signal.throwIfAborted();
  const filter = place.exists ? place.filter(tree) : "never";
  if (filter === "never") return [];
  const first = tree === undefined || tree.op === "always" ? [{ key: "first", match: { value: true } }] : [];
  const size = Math.min(Math.max(LOOK, limit + 64), place.limits.rows);
  const look = async (prefix: string, except: readonly object[], offset?: unknown): Promise<Look> => {
    const conditions = [
      ...first,
      ...(prefix === "" ? [] : [{ key: "document", match: { prefix } }]),
      ...(except.length === 0 ? [] : [{ must_not: except }]),
    ];
    const start = offset === undefined ? {} : { offset };
    const page = await place.read("scrollPoints", {
      filter: place.filter(tree, ...conditions),
      limit: size,
      ...start,
      with_payload: ["document", "chunk.documentHash"],
    });
    const points = own(page, "points");
    if (!Array.isArray(points)) throw refused("expected a page of points, received none");
    const rows = (points as readonly unknown[]).map((point) => {
      const payload = own(point, "payload");
      return { id: String(own(payload, "document")), hash: String(own(own(payload, "chunk"), "documentHash")) };
    });
    return { rows, next: own(page, "next_page_offset") ?? undefined };
  };
  return place.prefixes ? byBeginnings(look, after, limit) : byScan(look, after, limit);
}

interface Look {
  readonly rows: readonly Listed[];
  /** There is more where it is defined. */
  readonly next: unknown;
}
type Looking = (prefix: string, except: readonly object[], offset?: unknown) => Promise<Look>;

async function byBeginnings(look: Looking, after: string | undefined, limit: number): Promise<readonly Listed[]> {
  const found: Listed[] = [];

  const visit = async (prefix: string): Promise<void> => {
    // Everything that begins so comes before what was asked for.
    if (after !== undefined && prefix <= after && !after.startsWith(prefix)) return;
    const { rows, next } = await look(prefix, []);
    if (next === undefined) {
      found.push(...sorted(rows, after).slice(0, limit - found.length));
      return;
    }
    const shared = sharedBeginning(rows.map(({ id }) => id));
    if (shared.length > prefix.length) {
      const others = await look(prefix, [{ key: "document", match: { prefix: shared } }]);
      if (others.rows.length === 0) return divide(shared, rows);
      return divide(prefix, [...rows, ...others.rows]);
    }
    return divide(prefix, rows);
  };

  /** Visits what follows a beginning, in order. Rows are samples: what they do not show is asked for. */
  const divide = async (prefix: string, sample: readonly Listed[]): Promise<void> => {
    const following = new Set<string>();
    let whole: Listed | undefined;
    for (let rows = sample; rows.length > 0;) {
      for (const row of rows) {
        const point = row.id.codePointAt(prefix.length);
        if (point === undefined) whole = row;
        else following.add(String.fromCodePoint(point));
      }
      const seen = [...following].map((next) => ({ key: "document", match: { prefix: prefix + next } }));
      const itself = whole === undefined ? [] : [{ key: "document", match: { value: prefix } }];
      ({ rows } = await look(prefix, [...seen, ...itself]));
    }
    if (whole !== undefined && (after === undefined || whole.id > after)) found.push(whole);
    for (const next of [...following].toSorted(byCodeUnits)) {
      if (found.length >= limit) return;
      await visit(prefix + next);
    }
  };

  await visit("");
  return found.slice(0, limit);
}

/** Before Qdrant 1.19: everything is read for each page, and the first few are kept. */
async function byScan(look: Looking, after: string | undefined, limit: number): Promise<readonly Listed[]> {
  let found: readonly Listed[] = [];
  for (let offset: unknown; ;) {
    const { rows, next } = await look("", [], offset);
    found = sorted([...found, ...rows], after).slice(0, limit);
    if (next === undefined) return found;
    offset = next;
  }
}

/** Each document once. */
function sorted(rows: readonly Listed[], after: string | undefined): readonly Listed[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return [...byId.values()]
    .filter(({ id }) => after === undefined || id > after)
    .toSorted((a, b) => byCodeUnits(a.id, b.id));
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whole characters: half of one cannot be sent. */
function sharedBeginning(ids: readonly string[]): string {
  const [first = ""] = ids;
  let length = first.length;
  for (const id of ids) {
    let same = 0;
    while (same < length && id.charCodeAt(same) === first.charCodeAt(same)) same++;
    length = same;
  }
  const shared = first.slice(0, length);
  return shared.isWellFormed() ? shared : shared.slice(0, -1);
}
