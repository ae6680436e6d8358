import { AdapterError } from "../../../src/errors.ts";
import { own } from "../../../src/http/reply.ts";
import { ownScore, someTerms } from "../../../src/stores/own-query.ts";
import type { ChunkWrite } from "../../../src/types.ts";
import type { Server } from "./client.ts";
import { name } from "./faults.ts";
import type { Place, Places } from "./places.ts";
import { writeOf } from "./points.ts";
import { searchRows } from "./searching.ts";
import { type CorpusCounts, corpusCounts } from "./statistics.ts";

/** So many rows are asked for by their own legs. Ids are hashes: the first ones are as good as any. */
const SAMPLE = 8;

/**
 * Before a generation goes live: as many rows through each index of ours as there are, and a sample of rows that are
 * found by what they were indexed with. A server whose index or replica is not complete yet is an error to retry.
 */
export async function verifyGeneration(
  server: Server,
  generation: string,
  places: Places,
  signal: AbortSignal,
): Promise<void> {
  const { status, custom, limits } = await places.collection(generation, signal);
  if (status === "red") throw unfit(generation, "the server says that it is damaged");
  if (custom) {
    // To count a collection without a shard key breaks the connection.
    const keys = own(await server.call("listShardKeys", { collection_name: generation }, signal), "shard_keys");
    if (!Array.isArray(keys) || keys.length === 0) return;
  }
  const counted = async (filter?: object): Promise<unknown> => {
    const payload = { collection_name: generation, exact: true, ...(filter && { filter }) };
    return own(await server.call("countPoints", payload, signal), "count");
  };
  // Strict mode may allow no exact count.
  const all = limits.exact ? await counted() : 0;
  for (const key of limits.exact ? ["tenant", "document", "first"] : []) {
    const found = await counted({ must_not: [{ is_empty: { key } }] });
    if (found !== all) {
      throw unfit(generation, `its index on ${key} has ${String(found)} of ${String(all)} rows`);
    }
  }
  const page = await server.call(
    "scrollPoints",
    { collection_name: generation, limit: SAMPLE, with_payload: true, with_vector: true },
    signal,
  );
  const points = own(page, "points");
  const corpus = corpusCounts();
  for (const point of Array.isArray(points) ? (points as readonly unknown[]) : []) {
    const key = String(own(own(point, "payload"), "tenant"));
    const tenant = key.startsWith("=") ? key.slice(1) : null;
    const place = await places.of({ generation, tenant }, { signal }, "read");
    await expectFound(place, writeOf(point), corpus);
  }
}

async function expectFound(place: Place, row: ChunkWrite, corpus: CorpusCounts): Promise<void> {
  const { vector, terms } = row.legs === "kept" ? {} : row.legs;
  const { dense, lexical } = place.spec;
  const searched = {
    ...(vector !== undefined && dense !== undefined && { dense: { vector } }),
    ...(terms !== undefined && lexical !== undefined && { lexical: someTerms(terms) }),
  };
  if (Object.keys(searched).length === 0) return;
  const scope = { generation: place.collection, tenant: null };
  // Others may be as good: that the best is no worse than the row itself says enough.
  const answer = await searchRows(place, { scope, limit: 1, ...searched }, corpus);
  for (const leg of ["dense", "lexical"] as const) {
    const best = answer[leg]?.[0];
    if (answer[leg] !== undefined && best === undefined) {
      throw unfit(place.collection, `row ${row.id} is not found by its own ${leg} leg`);
    }
    if (leg === "dense" && best !== undefined && vector !== undefined && dense !== undefined) {
      const itself = ownScore(vector, dense.metric);
      if (best.score < itself - 1e-3 * Math.max(1, Math.abs(itself))) {
        throw unfit(
          place.collection,
          `row ${row.id} has a score of ${itself} by its own vector, the best found is ${best.score}`,
        );
      }
    }
  }
}

function unfit(generation: string, why: string): AdapterError {
  return new AdapterError(name, `generation ${generation} is not fit to be published: ${why}`, { retryable: true });
}
