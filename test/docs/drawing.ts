import type { Piece } from "../../src/types.ts";

/** Pieces as the documentation draws them: span and context above the text, repeated text behind another bar. */
export function drawn(pieces: readonly Piece[], text: string): string {
  let done = 0;
  const parts = pieces.map(({ start, end, context, parent }) => {
    const notes = [
      ...(context ? [context.replaceAll("\n", " ⏎ ")] : []),
      ...(parent ? [`inside ${parent.start}…${parent.end}`] : []),
    ];
    const repeated = Math.min(end, Math.max(start, done));
    done = end;
    const bars = (slice: string, bar: string): string[] =>
      slice === "" ? [] : slice.split("\n").map((line) => `${bar} ${line}`.trimEnd());
    return [
      `${start}…${end}${notes.map((note) => `  · ${note}`).join("")}`,
      ...bars(text.slice(start, repeated).trimEnd(), "┊"),
      ...bars(text.slice(repeated, end).trimStart(), "│"),
    ];
  });
  return parts.flat().join("\n");
}
