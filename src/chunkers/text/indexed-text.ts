/**
 * What a chunk is indexed with, in both legs: title, context and text, one below the other, absent parts left out.
 *
 * The only place that composes it: the size limit of a chunker counts exactly this.
 */
export function indexedText(parts: {
  readonly title?: string | undefined;
  readonly context?: string | undefined;
  readonly text: string;
}): string {
  const { title, context, text } = parts;
  return (title ? `${title}\n` : "") + (context ? `${context}\n` : "") + text;
}

/** How many characters it has besides its text. */
export function frameLength({ title, context }: Omit<Parameters<typeof indexedText>[0], "text">): number {
  return (title ? title.length + 1 : 0) + (context ? context.length + 1 : 0);
}
