import type { PostgresClient } from "../../../../../adapters/stores/pgvector.ts";
import { pgvector } from "../../../../../adapters/stores/pgvector.ts";
import { createRetriever, memory, recursive } from "../../../../../src/index.ts";
import type { RootRetriever } from "../../../../../src/retriever-types.ts";
import type { SourceDocument, Store } from "../../../../../src/types.ts";

/** A history of writes that is the same in the process that is killed and in the one that looks at what is left. */

const documentCount = 24;
const paragraphCount = 5;

export type Operation = "index" | "sync" | "publish" | "copy";

/** What the round does: every kind comes again and again. */
export function operationOf(round: number): Operation {
  return (["index", "sync", "publish", "copy"] as const)[round % 4] ?? "index";
}

/** All that a round writes says which round it was: half a document would show. */
export function documentsOf(round: number): readonly SourceDocument[] {
  return Array.from({ length: documentCount }, (_, n) => ({ id: `document ${n}`, text: textOf(n, round) }));
}

function textOf(document: number, round: number): string {
  // Every third paragraph stays: its row is kept while others go.
  const paragraphs = Array.from({ length: paragraphCount }, (_, n) =>
    n % 3 === 0
      ? `Paragraph ${n} of document ${document} stays.`
      : `Paragraph ${n} of document ${document}, round ${round}.`,
  );
  return paragraphs.join("\n\n");
}

const parts = { chunker: recursive({ size: 60, overlap: 0 }), bm25: { averageLength: 6 } };

export function liveRetriever(client: PostgresClient, schema: string): RootRetriever {
  return createRetriever({ ...parts, store: pgvector({ client, schema, table: "live" }) });
}

export const copyParts = parts;
export function copyStore(client: PostgresClient, schema: string): Store {
  return pgvector({ client, schema, table: "copied" });
}

/** What is copied: always the same. */
export async function sourceStore(): Promise<Store> {
  const store = memory();
  await createRetriever({ ...parts, store }).index(documentsOf(0));
  return store;
}
