import { notThere } from "../../../src/stores/generation-refusals.ts";
import { checkLegs, checkReplacement } from "../../../src/stores/refusals.ts";
import type { Scope, Store } from "../../../src/types.ts";
import { type PostgresClient, type Query, session } from "./client.ts";
import { codeOf, name } from "./faults.ts";
import { generations } from "./generations.ts";
import type { Names } from "./names.ts";
import { countChunks, exportChunks, listDocuments, type Place, readChunks } from "./reading.ts";
import { replaceDocuments } from "./replacing.ts";
import { tenantSetting, vectorColumn } from "./schema.ts";
import { indexSettings, searchRows } from "./searching.ts";
import { tenantKey } from "./values.ts";

export interface StoreOptions {
  readonly client: PostgresClient;
  readonly names: Names;
  readonly index: "hnsw" | "none";
  readonly rowLevelSecurity: boolean;
  /** See `SearchPlan`. */
  readonly exactRows: number;
}

/** The port: each call is one session on one table, with the tenant's setting where rows are secured by it. */
export function postgresStore(options: StoreOptions): Store {
  const { client, names, rowLevelSecurity } = options;
  const { calls, specOf } = generations(client, names, options);

  const within = async <T>(
    scope: Scope,
    signal: AbortSignal,
    work: (place: Place) => Promise<T>,
    settings?: string | true,
  ): Promise<T> => {
    const table = names.chunks(scope.generation);
    if (table === undefined) throw notThere(name, scope.generation);
    const tenant = tenantKey(scope);
    const transaction = settings ?? (rowLevelSecurity ? true : undefined);
    const run = async (query: Query): Promise<T> => {
      if (rowLevelSecurity) await query(tenantSetting, [tenant]);
      return work({ query, table, tenant });
    };
    try {
      return await session(client, { signal, transaction }, run);
    } catch (error) {
      // The table went with its generation.
      if (error instanceof Error && codeOf(error.cause) === "42P01") throw notThere(name, scope.generation);
      throw error;
    }
  };

  return {
    name,
    ...calls,
    async replace(change, { signal }) {
      const spec = await specOf(change.scope.generation, { signal });
      checkReplacement(name, change.documents, spec);
      await within(change.scope, signal, (place) => replaceDocuments(place, change, spec), true);
    },
    read: (scope, which, { signal }) => within(scope, signal, (place) => readChunks(place, which)),
    list: (scope, page, { signal }) => within(scope, signal, (place) => listDocuments(place, page)),
    export: (scope, page, { signal }) => within(scope, signal, (place) => exportChunks(place, page)),
    count: (scope, filter, { signal }) => within(scope, signal, (place) => countChunks(place, filter)),
    async search(query, { signal }) {
      const spec = await specOf(query.scope.generation, { signal });
      checkLegs(name, query, spec);
      const indexed =
        options.index === "hnsw" &&
        query.dense !== undefined &&
        spec.dense !== undefined &&
        vectorColumn(spec.dense).indexed !== undefined;
      const plan = { exactRows: options.exactRows, indexed };
      return within(
        query.scope,
        signal,
        (place) => searchRows(place.query, place.table, place.tenant, query, spec, plan),
        indexed ? indexSettings : undefined,
      );
    },
  };
}
