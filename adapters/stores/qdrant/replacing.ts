import { quoted } from "../../../src/errors.ts";
import { own } from "../../../src/http/reply.ts";
import { conflict, foreignChunk, notKept } from "../../../src/stores/refusals.ts";
import { firstChunk } from "../../../src/stores/remote-rows.ts";
import type { ChunkWrite, FilterTree, Replacement } from "../../../src/types.ts";
import type { Json } from "./client.ts";
import { name, refused } from "./faults.ts";
import type { Place } from "./places.ts";
import { payloadOf, payloadParts, pointId, pointOf } from "./points.ts";

/** Points and characters of one request. The server takes 32 MiB; a character is at most three bytes. */
const MOST_POINTS = 256;
const MOST_CHARACTERS = 8_000_000;
/** Ids in one condition. */
const MOST_IDS = 1_000;

interface Row {
  readonly id: string;
  readonly chunk: ChunkWrite;
  readonly isFirst: boolean;
}

/**
 * Upsert, then delete the rest: between the two both versions are there, and never none. Nothing is atomic, but every
 * step may be made again: ids are stable. A document of which every row has its hash is taken for whole, so where it takes
 * several steps the first row has another one until all are done: that comes before any other row gets it, as a row that was
 * to be kept may be gone.
 */
export async function replaceDocuments(
  place: Place,
  { documents, filter }: Pick<Replacement, "documents" | "filter">,
): Promise<void> {
  place.signal.throwIfAborted();
  if (documents.length === 0) return;
  for (const { id } of documents) {
    if (!id.isWellFormed()) throw refused(`expected a document id without lone surrogates, received ${quoted(id)}`);
  }
  const rows = await rowsOf(place, documents);
  await checkOwners(place, rows);
  const fresh = rows.filter(({ chunk }) => chunk.legs !== "kept");
  const kept = rows.filter(({ chunk }) => chunk.legs === "kept");
  // A row alone is there or not.
  const severals = documents.filter(({ chunks }) => chunks.length > 1 && chunks.some(({ legs }) => legs === "kept"));
  const withKept = new Set(severals.map(({ id }) => id));
  const atOnce = [...upserts(place, fresh)];
  const isUnfinished = ({ isFirst, chunk }: Row): boolean =>
    isFirst && (atOnce.length > 1 || withKept.has(chunk.documentId));
  const begun = (row: Row): Row => (isUnfinished(row) ? unfinished(row) : row);
  const beginnings = kept.filter(isUnfinished).map((row) => payloadWrite(place, unfinished(row)));
  const operations = upserts(place, fresh.map(begun));
  const others = kept.filter((row) => !isUnfinished(row)).map((row) => payloadWrite(place, row));
  const removal = removals(
    documents,
    rows.map(({ id }) => id),
    place,
    filter,
  );
  const ending = rows.filter(isUnfinished).map((row) => payloadWrite(place, row));
  for (const request of requests([...beginnings, ...operations, ...others, ...removal, ...ending])) {
    await place.write(request).catch((error: unknown) => {
      throw own(error, "status") === 404 && /No point with id/.test(String(own(error, "message")))
        ? conflict(name, "a chunk was to be kept and is not there")
        : error;
    });
  }
  await checkWritten(place, rows);
}

async function rowsOf(place: Place, documents: Replacement["documents"]): Promise<readonly Row[]> {
  const rows = documents.map(async ({ chunks }) => {
    const first = firstChunk(chunks);
    return Promise.all(
      chunks.map(async (chunk) => ({ id: await pointId(place.tenant, chunk.id), chunk, isFirst: chunk === first })),
    );
  });
  return (await Promise.all(rows)).flat();
}

/** Before anything is written: what is to be kept is there, and nothing belongs to another document. */
async function checkOwners(place: Place, rows: readonly Row[]): Promise<void> {
  const owners = new Map<string, unknown>();
  for (const some of groups(rows, MOST_IDS)) {
    const ids = some.map(({ id }) => id);
    const points = await place.read("getPoints", { ids, with_payload: payloadParts.owner });
    for (const point of Array.isArray(points) ? (points as readonly unknown[]) : []) {
      owners.set(String(own(point, "id")), own(own(point, "payload"), "document"));
    }
  }
  for (const { id, chunk } of rows) {
    const owner = owners.get(id);
    if (owner !== undefined && owner !== chunk.documentId) {
      throw foreignChunk(name, chunk.id);
    }
    if (owner === undefined && chunk.legs === "kept") {
      throw notKept(name, chunk.id);
    }
  }
}

function* upserts({ tenant, spec, limits }: Place, rows: readonly Row[]): Generator<Operation> {
  const most = Math.min(MOST_POINTS, limits.upserts);
  let points: Json[] = [];
  let size = 0;
  for (const { id, chunk, isFirst } of rows) {
    const point = pointOf(id, chunk, { tenant, isFirst, spec });
    const length = JSON.stringify(point).length;
    if (points.length > 0 && (points.length === most || size + length > MOST_CHARACTERS)) {
      yield { operation: { upsert: { points } }, size };
      [points, size] = [[], 0];
    }
    points.push(point);
    size += length;
  }
  if (points.length > 0) yield { operation: { upsert: { points } }, size };
}

/** `set_payload` overwrites whole keys and leaves vectors and terms. */
function payloadWrite({ tenant }: Place, { id, chunk, isFirst }: Row): Operation {
  const { legs: _, ...stored } = chunk;
  const payload = payloadOf(stored, tenant, isFirst);
  return { operation: { set_payload: { payload, points: [id] } }, size: JSON.stringify(payload).length };
}

function unfinished(row: Row): Row {
  return { ...row, chunk: { ...row.chunk, documentHash: "unfinished" } };
}

interface Operation {
  readonly operation: Json;
  readonly size: number;
}

/**
 * Whatever else these documents consist of, and of that what the filter selects. The conditions name documents, so that none
 * of them can select everything.
 */
function* removals(
  documents: Replacement["documents"],
  kept: readonly string[],
  place: Place,
  only: FilterTree | undefined,
): Generator<Operation> {
  const stays = [...groups(kept, Math.min(MOST_IDS, place.limits.values))].map((ids) => ({ has_id: ids }));
  const ids = documents.map(({ id }) => id);
  for (const any of groups(ids, Math.min(MOST_POINTS, place.limits.values))) {
    const rest = stays.length === 0 ? [] : [{ must_not: stays }];
    const filter = place.filter(only, { key: "document", match: { any } }, ...rest);
    if (filter === "never") return;
    yield { operation: { delete: { filter } }, size: JSON.stringify(filter).length };
  }
}

function* requests(operations: readonly Operation[]): Generator<readonly Json[]> {
  let request: Json[] = [];
  let size = 0;
  for (const { operation, size: length } of operations) {
    if (request.length > 0 && size + length > MOST_CHARACTERS) {
      yield request;
      [request, size] = [[], 0];
    }
    request.push(operation);
    size += length;
  }
  if (request.length > 0) yield request;
}

/** Two writers of one document may each have deleted or changed what the other wrote. */
async function checkWritten(place: Place, rows: readonly Row[]): Promise<void> {
  for (const some of groups(rows, MOST_IDS)) {
    const ids = some.map(({ id }) => id);
    const points: unknown = await place.read("getPoints", { ids, with_payload: payloadParts.hash });
    const hashes = new Map(
      (Array.isArray(points) ? (points as readonly unknown[]) : []).map((point) => [
        own(point, "id"),
        own(own(own(point, "payload"), "chunk"), "documentHash"),
      ]),
    );
    if (some.some(({ id, chunk }) => hashes.get(id) !== chunk.documentHash)) {
      throw conflict(name, "another writer changed a document meanwhile");
    }
  }
}

function* groups<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
