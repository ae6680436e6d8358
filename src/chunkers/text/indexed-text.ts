/** The only place that composes what a chunk is indexed with. */

/**
 * What a chunk is indexed with, in both legs: title, context and text, one below the other, absent parts left out. The
 * size limit of a chunker counts exactly this.
 */
export function indexedText(parts: {
  readonly title?: string | undefined;
  readonly context?: string | undefined;
  readonly text: string;
}): string {
  const { title, context, text } = parts;
  return (title ? `${title}\n` : "") + (context ? `${context}\n` : "") + text;
}

/** What stands above a text: its parts one below the other, absent ones left out. */
export function stacked(...parts: readonly (string | undefined)[]): string {
  return parts.filter(Boolean).join("\n");
}

/** Headings as context: the path to what stands below them. */
export function headingPath(headings: readonly string[]): string {
  return headings.join(" > ");
}

/** How many characters it has besides its text. */
export function frameLength({ title, context }: Omit<Parameters<typeof indexedText>[0], "text">): number {
  return (title ? title.length + 1 : 0) + (context ? context.length + 1 : 0);
}
