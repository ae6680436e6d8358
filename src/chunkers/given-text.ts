import { unexpected } from "../errors.ts";

/** What a chunker is given: by hand it may be called with anything, a text alone above all, which `split` takes. */
export function givenText(
  name: string,
  document: { readonly text: string; readonly title?: string },
): { readonly text: string; readonly title: string | undefined } {
  const { text, title }: { readonly text?: unknown; readonly title?: unknown } = Object(document);
  if (typeof text === "string" && (title === undefined || typeof title === "string")) return { text, title };
  throw unexpected(name, "{ text, title }, both text (split() takes a text alone)", document);
}
