import type { Profile } from "../dense/vector-rows.ts";
import { unexpected } from "../errors.ts";
import { checkOptions } from "../options.ts";
import { type LatentOptions, latentOptions } from "./latent-options.ts";

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

/** Checked and with their defaults. */
export interface MemorySettings {
  readonly profile: Profile;
  readonly latent: Required<LatentOptions> | undefined;
}

export function memorySettings(name: string, options: MemoryOptions, more: readonly string[] = []): MemorySettings {
  checkOptions(name, options, ["profile", "latent", ...more]);
  const { profile = "balanced" } = options;
  if (profile !== "balanced" && profile !== "exact") {
    throw unexpected(`${name}.profile`, '"balanced" or "exact"', profile);
  }
  return { profile, latent: latentOptions(options.latent) };
}
