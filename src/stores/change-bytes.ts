import { joined, plainReader, plainWriter } from "../bytes.ts";
import { SnapshotError } from "../errors.ts";
import { documentWriter, readDocuments } from "./document-bytes.ts";
import type { Change } from "./memory-state.ts";

/** A change with documents, or any other. */
const kind = { replace: 0, other: 1 };

export function changeBytes(change: Change): Uint8Array<ArrayBuffer> {
  const writer = plainWriter();
  if (change.op !== "replace") {
    writer.number(kind.other);
    writer.text(JSON.stringify(change));
    return writer.take();
  }
  writer.number(kind.replace);
  writer.text(JSON.stringify(change.scope));
  const documents = documentWriter();
  for (const document of change.documents) documents.add(document);
  return joined([writer.take(), documents.take()]);
}

/** What `changeBytes` has written. */
export function readChange(bytes: Uint8Array): Change {
  const damaged = (): never => {
    throw new SnapshotError("This record of a change is damaged.");
  };
  const reader = plainReader(bytes, damaged);
  const isReplace = reader.number() === kind.replace;
  const text = reader.text();
  try {
    const value: unknown = JSON.parse(text);
    if (!isReplace) return value as Change;
    return { op: "replace", scope: value, documents: readDocuments(reader) } as Change;
  } catch {
    return damaged();
  }
}
