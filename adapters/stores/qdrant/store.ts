import { quoted } from "../../../src/errors.ts";
import { checkLegs, checkReplacement } from "../../../src/stores/refusals.ts";
import type { IndexSpec, Replacement, Store } from "../../../src/types.ts";
import type { Server } from "./client.ts";
import type { ClusterOptions } from "./collection.ts";
import { name, refused } from "./faults.ts";
import { generations } from "./generations.ts";
import type { Names } from "./names.ts";
import { placesOf } from "./places.ts";
import { checkMagnitude } from "./points.ts";
import { countChunks, exportPage, listPage, readChunks } from "./reading.ts";
import { replaceDocuments } from "./replacing.ts";
import { searchRows } from "./searching.ts";
import { corpusCounts } from "./statistics.ts";

/** The port: each call is about one tenant's rows in one collection. */
export function qdrantStore(server: Server, names: Names, cluster: ClusterOptions): Store {
  const places = placesOf(server, names, cluster);
  const corpus = corpusCounts();
  return {
    name,
    ...generations(server, names, places, cluster),
    async replace(change, { signal }) {
      const { scope, documents } = change;
      const { record } = await places.collection(scope.generation, signal);
      if (record === undefined) throw refused(`collection ${scope.generation} has no record of what it was built with`);
      checkReplacement(name, documents, record.spec);
      checkMagnitudes(documents, record.spec);
      const place = await places.of(scope, { signal }, "write");
      try {
        await replaceDocuments(place, change);
      } finally {
        corpus.forget(place);
      }
    },
    read: async (scope, which, options) => readChunks(await places.of(scope, options, "read"), which),
    list: async (scope, page, options) => listPage(await places.of(scope, options, "read"), page),
    export: async (scope, page, options) => exportPage(await places.of(scope, options, "read"), page),
    count: async (scope, filter, options) => countChunks(await places.of(scope, options, "read"), filter),
    async search(query, options) {
      const place = await places.of(query.scope, options, "read");
      checkLegs(name, query, place.spec);
      const { dense } = query;
      if (dense !== undefined && "vector" in dense && place.spec.dense !== undefined) {
        checkMagnitude(dense.vector, place.spec.dense.metric, "the query");
      }
      return searchRows(place, query, corpus);
    },
  };
}

function checkMagnitudes(documents: Replacement["documents"], { dense }: IndexSpec): void {
  if (dense === undefined) return;
  for (const { id, legs } of documents.flatMap(({ chunks }) => chunks)) {
    if (legs !== "kept" && legs.vector !== undefined) checkMagnitude(legs.vector, dense.metric, `chunk ${quoted(id)}`);
  }
}
