import { sha256Steps } from "./digest.ts";
import { DocumentError, quoted, shown } from "../errors.ts";
import { finishedSlowly } from "../signal.ts";
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

/** `span` and `line` are those of a row in its file, which its reader tells. */
const keys: ReadonlySet<string> = new Set(["id", "text", "title", "metadata", "span", "line"]);

/** Refuses what no store could give back unchanged. Answers with the parts that are known to be text, and the metadata. */
export function checkDocument(document: unknown): {
  readonly id: string;
  readonly text: string;
  readonly title?: string;
  readonly metadata: unknown;
} {
  if (typeof document !== "object" || document === null) {
    throw new DocumentError("", `A document: expected an object with id and text, received ${shown(document)}`);
  }
  const given = document as Readonly<Record<string, unknown>>;
  const { id, text, title, metadata } = given;
  if (typeof id !== "string" || id === "") {
    throw new DocumentError("", `A document's id: expected a non-empty string, received ${shown(id)}`);
  }
  const refused = (what: string): DocumentError => new DocumentError(id, `Document ${shown(id)}: ${what}`);
  const storable = (name: string, value: unknown): string => {
    if (typeof value !== "string") throw refused(`expected ${name} to be a string, received ${shown(value)}`);
    const problem = unstorable(value);
    if (problem !== undefined) throw refused(`the ${name} has ${problem}`);
    return value;
  };
  storable("id", id);
  const unknown = Object.keys(given).find((key) => !keys.has(key) && given[key] !== undefined);
  if (unknown !== undefined) {
    throw refused(`expected id, text, title and metadata, which other fields go into, received ${quoted(unknown)}`);
  }
  return {
    id,
    text: storable("text", text),
    metadata,
    ...(title !== undefined && { title: storable("title", title) }),
  };
}

/** 128 bits of what is cut, then 128 bits of the metadata. */
export async function documentHash(
  { text, title, metadata }: Omit<CheckedDocument, "hash">,
  breathe: () => Promise<void>,
): Promise<string> {
  const fields = Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const hashed = async (part: unknown): Promise<string> => {
    const digest = await finishedSlowly(sha256Steps(JSON.stringify(part)), breathe);
    return digest.slice(0, half);
  };
  return (await hashed([text, title])) + (await hashed(fields));
}

/** Whether documents with these hashes are cut alike: the metadata apart, they are the same. */
export function isSameText(hash: string, other: string): boolean {
  return other.startsWith(hash.slice(0, half));
}

/** Hexadecimal digits. */
const half = 32;
