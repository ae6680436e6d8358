import { unexpected } from "../errors.ts";

/** What a model is asked about: from a retriever always texts, from who calls it by hand anything. */
export function checkTexts(part: string, texts: unknown): asserts texts is readonly string[] {
  if (!Array.isArray(texts)) throw unexpected(part, "an array of texts", texts);
  for (const text of texts as readonly unknown[]) {
    if (typeof text !== "string") throw unexpected(part, "every text to be a string", text);
  }
}
