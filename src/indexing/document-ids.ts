import { unexpected } from "../errors.ts";

/** Ids of documents as a caller gave them. */
export function checkedIds(documentIds: unknown): readonly string[] {
  if (!Array.isArray(documentIds)) throw unexpected("documentIds", "an array", documentIds);
  return Array.from(documentIds, (id: unknown, index) => {
    if (typeof id === "string" && id !== "") return id;
    throw unexpected(`documentIds[${index}]`, "a non-empty string", id);
  });
}
