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
