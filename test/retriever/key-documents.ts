import { z } from "zod";
import { createRetriever } from "../../src/index.ts";
import type { RetrieverOptions } from "../../src/retriever-types.ts";
import { paragraphs } from "./parts.ts";

/** Three documents about keys and pages, with metadata of every kind, and a retriever that has them. */

export const schema = z.object({
  product: z.enum(["api", "web"]),
  year: z.number(),
  at: z.date().optional(),
  tags: z.array(z.string()),
});
const documents = [
  {
    id: "keys.md",
    text: "# Keys\n\nRotate a key in the settings.\n\nOld keys stop working.",
    title: "Key rotation",
    metadata: { product: "api", year: 2026, tags: ["security"] },
  },
  {
    id: "pages.md",
    text: "Pages are rendered on the server.",
    metadata: { product: "web", year: 2024, tags: [], at: new Date("2024-05-01") },
  },
  {
    id: "limits.md",
    text: "A key may call the service ten times a second.",
    metadata: { product: "api", year: 2025, tags: ["limits", "security"] },
  },
] as const;

export async function retriever(options: Omit<RetrieverOptions<typeof schema>, "tenancy"> = {}) {
  const docs = createRetriever({ metadata: schema, chunker: paragraphs(), ...options });
  await docs.index(
    documents.map((document) => ({
      ...document,
      metadata: { ...document.metadata, tags: [...document.metadata.tags] },
    })),
  );
  return docs;
}
