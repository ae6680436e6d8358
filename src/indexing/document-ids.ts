import { ConfigError, shown } from "../errors.ts";

/** Ids of documents as a caller gave them. */
export function checkedIds(documentIds: unknown): readonly string[] {
  if (!Array.isArray(documentIds))
    throw new ConfigError(`documentIds: expected an array, received ${shown(documentIds)}`);
  return Array.from(documentIds, (id: unknown, index) => {
    if (typeof id === "string" && id !== "") return id;
    throw new ConfigError(`documentIds[${index}]: expected a non-empty string, received ${shown(id)}`);
  });
}
