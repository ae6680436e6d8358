import { ConfigError, unexpected } from "../errors.ts";
import { checkOptions, wholeNumber } from "../options.ts";

export interface LatentOptions {
  /** Default 256, at most 1,024. Fewer where the corpus has fewer. */
  readonly dimensions?: number;
  /** Default 50: with fewer documents the leg is off, because there is too little to learn from. */
  readonly minDocuments?: number;
}

/** How much fusion trusts the leg by default. */
export const latentWeight = 0.3;

const mostDimensions = 1024;

/** The option as its user wrote it, checked and with its defaults; undefined where the leg is not wanted. */
export function latentOptions(given: unknown): Required<LatentOptions> | undefined {
  if (given === undefined || given === false) return undefined;
  if (given !== true && (typeof given !== "object" || given === null)) {
    throw unexpected("latent", "true, false or an object of options", given);
  }
  const options: LatentOptions = given === true ? {} : given;
  checkOptions("latent", options, ["dimensions", "minDocuments"]);
  const dimensions = wholeNumber("latent.dimensions", options.dimensions, 2, 256);
  if (dimensions > mostDimensions) {
    throw new ConfigError(`latent.dimensions: expected at most ${mostDimensions}, received ${dimensions}`);
  }
  return { dimensions, minDocuments: wholeNumber("latent.minDocuments", options.minDocuments, 2, 50) };
}
