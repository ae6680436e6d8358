import { sha256 } from "./digest.ts";
import { DocumentError, shown } from "../errors.ts";
import { unstorable } from "../text.ts";
import type { StoredMetadata } from "../types.ts";

/** A document that was checked, with its metadata as stores keep it. */
export interface CheckedDocument {
  readonly id: string;
  readonly text: string;
  readonly title?: string;
  readonly metadata: StoredMetadata;
  /** Of all that a row of the document shows; equal hashes mean that there is nothing to write. */
  readonly hash: string;
}

/** Refuses what no store could give back unchanged. Answers with the parts that are known to be text. */
export function checkDocument(document: unknown): {
  readonly id: string;
  readonly text: string;
  readonly title?: string;
} {
  if (typeof document !== "object" || document === null) {
    throw new DocumentError("", `A document: expected an object with id and text, received ${shown(document)}`);
  }
  const { id, text, title } = document as Readonly<Record<string, unknown>>;
  if (typeof id !== "string" || id === "") {
    throw new DocumentError("", `A document's id: expected a non-empty string, received ${shown(id)}`);
  }
  const named = `Document ${shown(id)}`;
  const problemOfId = unstorable(id);
  if (problemOfId !== undefined) throw new DocumentError(id, `${named}: the id has ${problemOfId}`);
  if (typeof text !== "string")
    throw new DocumentError(id, `${named}: expected text to be a string, received ${shown(text)}`);
  const problemOfText = unstorable(text);
  if (problemOfText !== undefined) throw new DocumentError(id, `${named}: the text has ${problemOfText}`);
  if (title === undefined) return { id, text };
  if (typeof title !== "string")
    throw new DocumentError(id, `${named}: expected title to be a string, received ${shown(title)}`);
  const problemOfTitle = unstorable(title);
  if (problemOfTitle !== undefined) throw new DocumentError(id, `${named}: the title has ${problemOfTitle}`);
  return { id, text, title };
}

export function documentHash(document: Omit<CheckedDocument, "hash">): string {
  const fields = Object.entries(document.metadata).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sha256(JSON.stringify([1, document.text, document.title ?? null, fields]));
}
