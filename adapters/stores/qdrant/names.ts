import { unexpected } from "../../../src/errors.ts";

/** What the collections are called. The alias is the name that the user chose; it leads to the live generation. */
export interface Names {
  readonly alias: string;
  /** Of the first generation: the same for whoever comes first, so that two who come at once make one. */
  readonly first: string;
  /** Of a staged one: never used before, so that nobody's pinned generation comes back as another. */
  fresh(): string;
  isGeneration(collection: string): boolean;
}

/** Others are refused by some servers, or make them answer with a path of their disk. */
const pattern = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,199}$/;
const suffix = /^-(?:0|[0-9a-z]{8,10}-[0-9a-f]{8})$/;

export function namesOf(collection: unknown): Names {
  if (typeof collection !== "string" || !pattern.test(collection)) {
    throw unexpected("collection", "a letter, a digit or _, then up to 199 of them or -", collection);
  }
  return {
    alias: collection,
    first: `${collection}-0`,
    fresh: () => `${collection}-${Date.now().toString(36)}-${crypto.randomUUID().slice(0, 8)}`,
    isGeneration: (name) => name.startsWith(collection) && suffix.test(name.slice(collection.length)),
  };
}
