import { own } from "../../../src/http/reply.ts";
import type { ChunkWrite, FilterTree, StoredChunk } from "../../../src/types.ts";
import type { Json } from "./client.ts";
import { eachDocument, listDocuments, type Listed } from "./listing.ts";
import type { Place } from "./places.ts";
import { chunkOf, payloadParts, writeOf } from "./points.ts";
import { retrieve } from "./searching.ts";

/** Rows of one page, and documents asked for at once. */
const PAGE = 256;

type Which = { readonly documentIds: readonly string[] } | { readonly chunkIds: readonly string[] };

export async function readChunks(place: Place, which: Which): Promise<readonly StoredChunk[]> {
  place.signal.throwIfAborted();
  if (!place.exists) return [];
  if ("chunkIds" in which) {
    const known = new Map((await retrieve(place, which.chunkIds)).map((chunk) => [chunk.id, chunk]));
    return which.chunkIds.flatMap((id) => known.get(id) ?? []);
  }
  const rows = await rowsOfDocuments(place, which.documentIds, { with_payload: payloadParts.row }, chunkOf);
  const byDocument = byDocumentOf(rows);
  return which.documentIds.flatMap((id) => byDocument.get(id) ?? []);
}

/** In the order of each document's text; documents in no order. */
async function rowsOfDocuments<Row extends StoredChunk>(
  place: Place,
  documentIds: readonly string[],
  parts: Json,
  rowOf: (point: unknown) => Row,
): Promise<readonly Row[]> {
  // What cannot be sent is not there.
  const known = [...new Set(documentIds)].filter((id) => id.isWellFormed());
  const most = Math.min(PAGE, place.limits.values);
  const rows: Row[] = [];
  for (let start = 0; start < known.length; start += most) {
    const condition = { key: "document", match: { any: known.slice(start, start + most) } };
    for await (const points of pages(place, place.filter(undefined, condition), parts)) rows.push(...points.map(rowOf));
  }
  return rows.toSorted((a, b) => a.ordinal - b.ordinal);
}

/** All points that pass, in the order of their ids, which is none. */
async function* pages(place: Place, filter: Json | "never", parts: Json): AsyncGenerator<readonly unknown[]> {
  if (filter === "never") return;
  for (let offset: unknown; offset !== null;) {
    const limit = Math.min(PAGE, place.limits.rows);
    const start = offset === undefined ? {} : { offset };
    const page = await place.read("scrollPoints", { filter, limit, ...start, ...parts });
    const points = own(page, "points");
    yield Array.isArray(points) ? points : [];
    offset = own(page, "next_page_offset") ?? null;
  }
}

export async function countChunks(
  place: Place,
  tree: FilterTree | undefined,
): Promise<{ documents: number; chunks: number }> {
  const filter = place.exists ? place.filter(tree) : "never";
  if (filter === "never") return { documents: 0, chunks: 0 };
  if (tree === undefined || tree.op === "always") {
    const first = place.filter(undefined, { key: "first", match: { value: true } });
    if (first === "never") return { documents: 0, chunks: 0 };
    const [chunks, documents] = await Promise.all([place.count(filter), place.count(first)]);
    return { documents, chunks };
  }
  const chunks = await place.count(filter);
  let documents = 0;
  if (chunks > 0) for await (const page of eachDocument(place, tree)) documents += page.length;
  return { documents, chunks };
}

export async function listPage(
  place: Place,
  { filter, after, limit }: { readonly filter?: FilterTree; readonly after?: string; readonly limit: number },
): Promise<{ readonly documents: readonly Listed[]; readonly next?: string }> {
  const listed = await listDocuments(place, filter, after, limit + 1);
  const documents = listed.slice(0, limit);
  const last = documents.at(-1);
  return listed.length > limit && last !== undefined ? { documents, next: last.id } : { documents };
}

/** Whole documents until there are `limit` chunks, a few at a time. */
export async function exportPage(
  place: Place,
  { after, limit }: { readonly after?: string; readonly limit: number },
): Promise<{ readonly chunks: readonly ChunkWrite[]; readonly next?: string }> {
  const documents = await listDocuments(place, undefined, after, limit);
  const chunks: ChunkWrite[] = [];
  for (let start = 0; start < documents.length && chunks.length < limit; start += 16) {
    const ids = documents.slice(start, start + 16).map(({ id }) => id);
    const rows = await rowsOfDocuments(place, ids, { with_payload: true, with_vector: true }, writeOf);
    const byDocument = byDocumentOf(rows);
    for (const id of ids) if (chunks.length < limit) chunks.push(...(byDocument.get(id) ?? []));
  }
  const last = chunks.length < limit ? undefined : chunks.at(-1)?.documentId;
  // Fewer chunks than documents: some went meanwhile, and there may be more behind them.
  const next = last ?? (documents.length < limit ? undefined : documents.at(-1)?.id);
  return next === undefined ? { chunks } : { chunks, next };
}

function byDocumentOf<Row extends StoredChunk>(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const byDocument = new Map<string, Row[]>();
  for (const row of rows) {
    const rest = byDocument.get(row.documentId);
    if (rest === undefined) byDocument.set(row.documentId, [row]);
    else rest.push(row);
  }
  return byDocument;
}
