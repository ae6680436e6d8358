import { ConfigError, FingerprintError, quoted, shown } from "../../../src/errors.ts";
import { checkSpec } from "../../../src/fingerprint.ts";
import { own } from "../../../src/http/reply.ts";
import { isNotThere, notThere, stillLive } from "../../../src/stores/generation-refusals.ts";
import type { IndexSpec, Store } from "../../../src/types.ts";
import type { Server } from "./client.ts";
import {
  checkVectors,
  type ClusterOptions,
  type Collection,
  createCollection,
  createIndexes,
  type GenerationRecord,
  newRecord,
  readCollection,
  updateRecord,
} from "./collection.ts";
import { name } from "./faults.ts";
import type { Names } from "./names.ts";
import type { Places } from "./places.ts";
import { verifyGeneration } from "./verifying.ts";

/** A staged generation that was never published is removed after this time, by the next `publish`. */
const STAGED = 7 * 24 * 3_600_000;

/** `prepare`, `publish` and `retire`. Collections have no transactions: each step may be the last, and is done again. */
export function generations(
  server: Server,
  names: Names,
  places: Places,
  cluster: ClusterOptions,
): Pick<Store, "prepare" | "publish" | "retire"> {
  const liveCollection = async (signal: AbortSignal): Promise<string | undefined> => {
    const listed = own(await server.call("getCollectionsAliases", {}, signal), "aliases");
    const found = (Array.isArray(listed) ? (listed as readonly unknown[]) : []).find(
      (each) => own(each, "alias_name") === names.alias,
    );
    const collection = own(found, "collection_name");
    if (collection === undefined) return undefined;
    if (typeof collection === "string" && names.isGeneration(collection)) return collection;
    throw new ConfigError(
      `collection: expected ${quoted(names.alias)} to be an alias of groundline's, it leads to ${shown(collection)}`,
    );
  };

  const collectionNames = async (signal: AbortSignal): Promise<readonly string[]> => {
    const listed = own(await server.call("getCollections", {}, signal), "collections");
    return Array.isArray(listed) ? listed.map((each) => String(own(each, "name"))) : [];
  };

  const switchAlias = async (collection: string, signal: AbortSignal): Promise<void> => {
    const actions = [{ create_alias: { alias_name: names.alias, collection_name: collection } }];
    await server.call("updateAliases", { actions }, signal);
  };

  /** Whatever a crash or another process has left to do: record, indexes. Answers with the spec as stored. */
  const complete = async (generation: string, given: IndexSpec, signal: AbortSignal): Promise<IndexSpec> => {
    const collection = await readCollection(server, generation, signal);
    const { record = newRecord(given) } = collection;
    checkSpec(record.spec, given);
    checkVectors(record.spec, collection, generation);
    const spec = { ...record.spec, fields: { ...record.spec.fields, ...given.fields } };
    await createIndexes(server, generation, spec, collection.indexes, signal);
    const grown = Object.keys(given.fields).some((field) => !Object.hasOwn(record.spec.fields, field));
    if (grown || collection.record === undefined) await updateRecord(server, generation, { ...record, spec }, signal);
    places.remember(generation, { ...collection, record: { ...record, spec } });
    return spec;
  };

  const make = async (generation: string, spec: IndexSpec, signal: AbortSignal): Promise<IndexSpec> => {
    await createCollection(server, generation, spec, cluster, signal);
    return complete(generation, spec, signal);
  };

  const found = async (
    generation: string,
    given: IndexSpec,
    create: boolean,
    signal: AbortSignal,
  ): Promise<{ readonly generation: string; readonly spec: IndexSpec }> => {
    if (create) return { generation, spec: await complete(generation, given, signal) };
    const collection = await readCollection(server, generation, signal);
    const { record } = collection;
    if (record === undefined) throw notThere(name, generation);
    checkSpec(record.spec, given);
    checkVectors(record.spec, collection, generation);
    places.remember(generation, collection);
    return { generation, spec: { ...record.spec, fields: { ...record.spec.fields, ...given.fields } } };
  };

  const removed = async (generation: string, signal: AbortSignal): Promise<void> => {
    places.forget(generation);
    await server.call("deleteCollection", { collection_name: generation }, signal);
  };

  /** Undefined also where it went meanwhile. */
  const recordOf = async (generation: string, signal: AbortSignal): Promise<GenerationRecord | undefined> => {
    try {
      return (await readCollection(server, generation, signal)).record;
    } catch (error) {
      if (isNotThere(error)) return undefined;
      throw error;
    }
  };

  /** Generations before the previous one, and staged ones that were forgotten. */
  const removeOld = async (
    live: string,
    previous: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly string[]> => {
    const gone: string[] = [];
    const others = (await collectionNames(signal)).filter(
      (each) => names.isGeneration(each) && each !== live && each !== previous,
    );
    for (const other of others) {
      const record = await recordOf(other, signal);
      if (record === undefined) continue;
      // The first one was never staged.
      const published = other === names.first || record.publishedAt !== undefined;
      if (!published && Date.now() - record.createdAt <= STAGED) continue;
      await removed(other, signal);
      gone.push(other);
    }
    return gone;
  };

  return {
    async prepare(spec, { signal, fresh = false, create = true }) {
      signal.throwIfAborted();
      if (fresh) {
        const generation = names.fresh();
        return { generation, spec: await make(generation, spec, signal) };
      }
      for (let attempt = 1; ; attempt++) {
        try {
          const live = await liveCollection(signal);
          if (live !== undefined) return await found(live, spec, create, signal);
          if (!create) return undefined;
          if ((await collectionNames(signal)).includes(names.alias)) {
            throw new ConfigError(
              `collection: ${quoted(names.alias)} is a collection of its own; groundline needs the name for an alias.`,
            );
          }
          await makeFirst(spec, signal);
          // Looked at again: somebody may have published another one meanwhile.
          if ((await liveCollection(signal)) === undefined) await switchAlias(names.first, signal);
        } catch (error) {
          // Published and retired by others between two requests.
          if (attempt === 4 || !isNotThere(error)) throw error;
        }
      }
    },

    async publish(generation, { signal }) {
      signal.throwIfAborted();
      const collection = await lookedAt(generation, signal);
      const live = await liveCollection(signal);
      if (live === generation) return removeOld(generation, collection.record?.previous, signal);
      const { record } = collection;
      if (record === undefined) throw notThere(name, generation);
      await createIndexes(server, generation, record.spec, collection.indexes, signal);
      await verifyGeneration(server, generation, places, signal);
      const published: GenerationRecord = {
        ...record,
        publishedAt: Date.now(),
        ...(live !== undefined && { previous: live }),
      };
      // Before the switch, so that what is live always knows what it followed.
      await updateRecord(server, generation, published, signal);
      await switchAlias(generation, signal);
      return removeOld(generation, live, signal);
    },

    async retire(generation, { signal }) {
      signal.throwIfAborted();
      if (!names.isGeneration(generation)) return;
      if ((await liveCollection(signal)) === generation) {
        throw stillLive(name, generation);
      }
      await removed(generation, signal);
    },
  };

  /** One that was begun for something else, and never went live, holds nothing: it makes room. */
  async function makeFirst(spec: IndexSpec, signal: AbortSignal): Promise<void> {
    try {
      await make(names.first, spec, signal);
    } catch (error) {
      if (!(error instanceof FingerprintError)) throw error;
      const { points } = await readCollection(server, names.first, signal);
      if (points > 0) throw error;
      await removed(names.first, signal);
      await make(names.first, spec, signal);
    }
  }

  async function lookedAt(generation: string, signal: AbortSignal): Promise<Collection> {
    if (!names.isGeneration(generation)) throw notThere(name, generation);
    places.forget(generation);
    return places.collection(generation, signal);
  }
}
