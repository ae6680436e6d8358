import { breather } from "../breather.ts";
import type { Profile, VectorRows } from "../dense/vector-rows.ts";
import { AdapterError, ConfigError, quoted, shown, UnsupportedError } from "../errors.ts";
import { checkSpec } from "../fingerprint.ts";
import { checkOptions } from "../options.ts";
import { abortable } from "../signal.ts";
import type { IndexSpec, Scope, Store } from "../types.ts";
import { type LatentOptions, latentOptions, latentWeight } from "./latent-options.ts";
import { type DenseLegs, partition, type Partition } from "./partition.ts";

interface Generation {
  spec: IndexSpec;
  readonly legs: DenseLegs;
  readonly tenants: Map<string | null, Partition>;
}

export interface MemoryOptions {
  /**
   * Of vectors. Default "balanced": exact up to 1,024 of a tenant; beyond, 16 bits of each value, searched by codes with
   * recall .99 and more; scores are exact to 1e-4, and exported vectors differ as little. "exact" keeps and scans the
   * values as they were given: twice the memory and tens of times the time.
   */
  readonly profile?: Profile;
  /**
   * A dense leg fitted on the corpus itself (latent semantic analysis), for hybrid search without a model. Default false.
   *
   * The first hybrid search waits for the fit, about a second of sliced work for each thousand abstracts, and so does one
   * search when the chunks have doubled or half of them are other ones; in between, new chunks are folded in. The model
   * takes about a kilobyte for each distinct term. Each tenant has its own.
   */
  readonly latent?: boolean | LatentOptions;
}

/**
 * The in-memory store: live from the first document, gone with the process.
 *
 * Each tenant of each generation is a partition of its own, so that nothing, statistics included, can cross.
 */
export function memory(options: MemoryOptions = {}): Store {
  checkOptions("memory", options, ["profile", "latent"]);
  const { profile = "balanced" } = options;
  if (profile !== "balanced" && profile !== "exact") {
    throw new ConfigError(`memory.profile: expected "balanced" or "exact", received ${shown(profile)}`);
  }
  const latent = latentOptions(options.latent);
  const name = "memory";
  const generations = new Map<string, Generation>();
  let live: string | undefined;
  let previous: string | undefined;
  let created = 0;

  const create = (spec: IndexSpec, legs: DenseLegs): string => {
    const generation = `generation-${++created}`;
    generations.set(generation, { spec, legs, tenants: new Map() });
    return generation;
  };
  const generationOf = (generation: string): Generation => {
    const found = generations.get(generation);
    if (found !== undefined) return found;
    throw new AdapterError(name, `generation ${quoted(generation)} is not there; it may have been retired`, {
      retryable: false,
    });
  };
  /** Reading creates nothing: an unknown tenant is an empty partition that is thrown away. */
  const partitionOf = ({ generation, tenant }: Scope): Partition => {
    const { spec, legs, tenants } = generationOf(generation);
    return tenants.get(tenant) ?? partition(spec, name, legs);
  };

  return {
    name,
    ...(latent && { latent: { fusionWeight: latentWeight } }),
    async prepare(spec, { signal, fresh = false, create: mayCreate = true }) {
      signal.throwIfAborted();
      const legs = await abortable(denseLegs(spec, profile, latent), signal);
      if (fresh) return { generation: create(spec, legs), spec };
      if (live === undefined) {
        if (!mayCreate) return undefined;
        live = create(spec, legs);
        return { generation: live, spec };
      }
      const opened = generationOf(live);
      checkSpec(opened.spec, spec);
      opened.spec = { ...opened.spec, fields: { ...opened.spec.fields, ...spec.fields } };
      return { generation: live, spec: opened.spec };
    },
    async publish(generation, { signal }) {
      signal.throwIfAborted();
      generationOf(generation);
      if (generation === live) return;
      // One generation back stays readable, for searchers that opened it; the one before that is let go.
      if (previous !== undefined && previous !== generation) generations.delete(previous);
      previous = live;
      live = generation;
    },
    async retire(generation, { signal }) {
      signal.throwIfAborted();
      if (generation === live)
        throw new UnsupportedError(`${name}: the live generation ${generation} cannot be retired`);
      generations.delete(generation);
    },
    async replace({ scope, documents }, { signal }) {
      signal.throwIfAborted();
      const { spec, legs, tenants } = generationOf(scope.generation);
      const target = tenants.get(scope.tenant) ?? partition(spec, name, legs);
      target.replace(documents);
      if (target.chunks > 0) tenants.set(scope.tenant, target);
      else tenants.delete(scope.tenant);
    },
    async read(scope, which, { signal }) {
      signal.throwIfAborted();
      return partitionOf(scope).read(which);
    },
    async export(scope, page, { signal }) {
      signal.throwIfAborted();
      return partitionOf(scope).export(page);
    },
    async list(scope, page, { signal }) {
      signal.throwIfAborted();
      return partitionOf(scope).list(page);
    },
    async search(query, { signal }) {
      signal.throwIfAborted();
      const searched = partitionOf(query.scope);
      const { spec } = generationOf(query.scope.generation);
      await searched.ready(query, signal);
      const steps = searched.search(query, spec);
      const breathe = breather(signal);
      for (;;) {
        const step = steps.next();
        if (step.done === true) return step.value;
        await breathe();
      }
    },
    async count(scope, filter, { signal }) {
      signal.throwIfAborted();
      return partitionOf(scope).count(filter);
    },
  };
}

/** The engines are loaded by the first index that has a dense leg: BM25 alone does not pay for vectors. */
async function denseLegs(
  { dense }: IndexSpec,
  profile: Profile,
  latent: Required<LatentOptions> | undefined,
): Promise<DenseLegs> {
  if (dense === undefined && latent === undefined) return {};
  const { vectorRows } = await import("../dense/vector-rows.ts");
  const vectors = dense && { vectors: () => vectorRows({ ...dense, profile }) };
  if (latent === undefined) return { ...vectors };
  const { latentLeg } = await import("./latent-leg.ts");
  const rowsOf = (dimensions: number): VectorRows => vectorRows({ dimensions, metric: "cosine", profile });
  return { ...vectors, latent: (termsOf) => latentLeg({ ...latent, termsOf, vectorRows: rowsOf }) };
}
