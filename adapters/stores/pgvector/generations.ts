import { ConfigError } from "../../../src/errors.ts";
import { checkSpec } from "../../../src/fingerprint.ts";
import { notThere, stillLive } from "../../../src/stores/generation-refusals.ts";
import type { IndexSpec, PortOptions, Store } from "../../../src/types.ts";
import { type PostgresClient, type Query, session } from "./client.ts";
import { name } from "./faults.ts";
import type { Names } from "./names.ts";
import {
  checkDimensions,
  checkServer,
  createCatalog,
  createGeneration,
  createVectorIndex,
  hasCatalog,
  LAYOUT,
  secureRows,
  tableState,
  vectorColumn,
} from "./schema.ts";

/** A staged generation that was never published is removed after this time, by the next one that is created or published. */
const STAGED_DAYS = 7;

export interface Generations {
  readonly calls: Pick<Store, "prepare" | "publish" | "retire">;
  /** What a generation was built with. It never changes but for its fields, which the calls that ask do not need. */
  readonly specOf: (generation: string, options: PortOptions) => Promise<IndexSpec>;
}

interface Found {
  readonly generation: string;
  readonly spec: IndexSpec;
  readonly secured: boolean;
  readonly indexed: boolean;
}

export function generations(
  client: PostgresClient,
  names: Names,
  options: { readonly index: "hnsw" | "none"; readonly rowLevelSecurity: boolean },
): Generations {
  const specs = new Map<string, IndexSpec>();

  const remembered = (generation: string, spec: IndexSpec): { generation: string; spec: IndexSpec } => {
    specs.set(generation, spec);
    return { generation, spec };
  };

  /** The generations in a state or by name, read without a lock; none where nothing was ever prepared. */
  const find = async (query: Query, by: "state" | "generation", value: string): Promise<Found | undefined> => {
    if (!(await hasCatalog(query, names))) return undefined;
    const [row] = await query(
      `SELECT generation::text AS generation, layout::text AS layout, spec::text AS spec FROM ${names.catalog} WHERE ${by}::text = $1::text`,
      [value],
    );
    if (row === undefined) return undefined;
    const generation = String(row["generation"]);
    if (Number(row["layout"]) > LAYOUT) {
      throw new ConfigError(`table: generation ${generation} was written by a later release of groundline.`);
    }
    const table = await tableState(query, names, generation);
    const spec = JSON.parse(String(row["spec"])) as IndexSpec;
    return { generation, spec, ...table };
  };

  const opened = (found: Found, given: IndexSpec): { readonly spec: IndexSpec; readonly grown: boolean } => {
    checkSpec(found.spec, given);
    const grown = Object.keys(given.fields).some((field) => !Object.hasOwn(found.spec.fields, field));
    return { spec: { ...found.spec, fields: { ...found.spec.fields, ...given.fields } }, grown };
  };

  const changing = <T>(signal: AbortSignal, work: (query: Query) => Promise<T>, lock = names.lock): Promise<T> =>
    session(client, { signal, transaction: true }, async (query) => {
      await query("SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))", [lock]);
      return work(query);
    });

  const drop = async (query: Query, generation: string): Promise<void> => {
    const table = names.chunks(generation);
    if (table === undefined) return;
    await query(`DROP TABLE IF EXISTS ${table}`);
    await query(`DELETE FROM ${names.catalog} WHERE generation::text = $1::text`, [generation]);
    specs.delete(generation);
  };

  const dropAll = async (query: Query, rows: Awaited<ReturnType<Query>>): Promise<readonly string[]> => {
    const dropped = rows.map(({ generation }) => String(generation));
    for (const generation of dropped) await drop(query, generation);
    return dropped;
  };

  const dropForgotten = async (query: Query, except: string): Promise<readonly string[]> => {
    const forgotten = await query(
      `SELECT generation::text AS generation FROM ${names.catalog}
WHERE state = 'staged' AND created_at < now() - interval '${STAGED_DAYS} days' AND generation::text <> $1::text`,
      [except],
    );
    return dropAll(query, forgotten);
  };

  const create = async (query: Query, spec: IndexSpec, state: "staged" | "live"): Promise<string> => {
    await checkServer(query);
    await createCatalog(query, names);
    await dropForgotten(query, "");
    const generation = await createGeneration(query, names, spec, state);
    if (options.rowLevelSecurity) await secureRows(query, names.chunks(generation) ?? "");
    // A staged one is loaded first and gets its index when it is published.
    if (state === "live" && options.index === "hnsw") await createVectorIndex(query, names, generation, spec);
    return generation;
  };

  const calls: Generations["calls"] = {
    async prepare(spec, { signal, fresh = false, create: mayCreate = true }) {
      checkDimensions(spec);
      if (fresh) return remembered(await changing(signal, (query) => create(query, spec, "staged")), spec);
      const found = await session(client, { signal }, (query) => find(query, "state", "live"));
      if (found !== undefined) {
        const { spec: now, grown } = opened(found, spec);
        const indexable = spec.dense !== undefined && vectorColumn(spec.dense).indexed !== undefined;
        const wanted = options.index === "hnsw" && indexable && !found.indexed;
        if (found.secured && !options.rowLevelSecurity) {
          throw new ConfigError("rowLevelSecurity: expected true, as the table was prepared with it");
        }
        const insecure = options.rowLevelSecurity && !found.secured;
        if (insecure && !mayCreate) {
          throw new ConfigError("rowLevelSecurity: the table was prepared without it; indexing once adds it.");
        }
        if (!mayCreate || !(grown || wanted || insecure)) return remembered(found.generation, now);
      } else if (!mayCreate) return undefined;

      const live = await changing(signal, async (query) => {
        const meanwhile = await find(query, "state", "live");
        if (meanwhile === undefined) return { generation: await create(query, spec, "live"), spec };
        const { generation, secured } = meanwhile;
        const { spec: now, grown } = opened(meanwhile, spec);
        if (grown) {
          await query(`UPDATE ${names.catalog} SET spec = $1::text::jsonb WHERE generation::text = $2::text`, [
            JSON.stringify(now),
            generation,
          ]);
        }
        if (options.rowLevelSecurity && !secured) await secureRows(query, names.chunks(generation) ?? "");
        if (options.index === "hnsw") await createVectorIndex(query, names, generation, now);
        return { generation, spec: now };
      });
      return remembered(live.generation, live.spec);
    },

    async publish(generation, { signal }) {
      const table = names.chunks(generation);
      const found = await session(client, { signal }, (query) => find(query, "generation", generation));
      if (found === undefined || table === undefined) throw notThere(name, generation);
      // The long part under a lock of its own: nobody else waits for it, and after a crash it is found done.
      const load = async (query: Query): Promise<void> => {
        if (options.index === "hnsw") await createVectorIndex(query, names, generation, found.spec);
        await query(`ANALYZE ${table}`);
      };
      await changing(signal, load, `${names.lock} ${generation}`);
      return changing(signal, async (query) => {
        const state = async (): Promise<unknown> =>
          (await query(`SELECT state FROM ${names.catalog} WHERE generation::text = $1::text`, [generation]))[0]?.[
            "state"
          ];
        const before = await state();
        if (before === undefined) throw notThere(name, generation);
        if (before === "live") return [];
        const older = await query(
          `SELECT generation::text AS generation FROM ${names.catalog} WHERE state = 'previous' AND generation::text <> $1::text`,
          [generation],
        );
        const gone = [...(await dropAll(query, older)), ...(await dropForgotten(query, generation))];
        await query(`UPDATE ${names.catalog} SET state = 'previous' WHERE state = 'live'`);
        await query(
          `UPDATE ${names.catalog} SET state = 'live', published_at = now() WHERE generation::text = $1::text`,
          [generation],
        );
        return gone;
      });
    },

    async retire(generation, { signal }) {
      await changing(signal, async (query) => {
        if (!(await hasCatalog(query, names))) return;
        const [row] = await query(`SELECT state FROM ${names.catalog} WHERE generation::text = $1::text`, [generation]);
        if (row?.["state"] === "live") {
          throw stillLive(name, generation);
        }
        if (row !== undefined) await drop(query, generation);
      });
    },
  };

  const specOf: Generations["specOf"] = async (generation, { signal }) => {
    signal.throwIfAborted();
    const known = specs.get(generation);
    if (known !== undefined) return known;
    const found = await session(client, { signal }, (query) => find(query, "generation", generation));
    if (found === undefined) throw notThere(name, generation);
    return remembered(generation, found.spec).spec;
  };

  return { calls, specOf };
}
