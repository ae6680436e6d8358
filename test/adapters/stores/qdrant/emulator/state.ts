/** All that a server holds, and how its routes find a collection in it. */
import type { Collection } from "./collection.ts";
import { type Json, parseJson } from "./json.ts";
import { missingCollection } from "./refusal.ts";

export interface State {
  readonly collections: Map<string, Collection>;
  /** Alias to collection. */
  readonly aliases: Map<string, string>;
  /** Whether each node is alive. */
  readonly nodes: boolean[];
  /** Writes that were acknowledged and not applied yet. */
  readonly pending: (() => void)[];
  requests: number;
}

/** One request on its way through the routes. */
export interface Call {
  readonly state: State;
  /** What stood in the path for `{…}`, decoded. */
  readonly names: readonly string[];
  readonly search: URLSearchParams;
  readonly text: string;
  /** A write is answered before it is applied, whatever it asks for. */
  readonly acknowledgeOnly: boolean;
}

export function emptyState(nodes: number): State {
  return {
    collections: new Map(),
    aliases: new Map(),
    nodes: Array.from({ length: nodes }, () => true),
    pending: [],
    requests: 0,
  };
}

export function bodyOf({ text }: Call): Json {
  return parseJson(text);
}

export function collectionOf({ state, names }: Call): Collection {
  const name = names[0] ?? "";
  return findCollection(state, name);
}

export function findCollection({ collections, aliases }: State, name: string): Collection {
  const collection = collections.get(aliases.get(name) ?? name);
  if (collection === undefined) throw missingCollection(name);
  return collection;
}
