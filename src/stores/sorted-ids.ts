/** Ids sorted, or merged, between two breaks: a few milliseconds of them. */
const slice = 8_192;

/** In the order of their code units. */
export function* sortedIds(ids: readonly string[]): Generator<void, readonly string[], undefined> {
  if (ids.length <= slice) return ids.toSorted((a, b) => (a < b ? -1 : 1));
  const half = ids.length >> 1;
  const first = yield* sortedIds(ids.slice(0, half));
  const second = yield* sortedIds(ids.slice(half));
  const merged: string[] = [];
  for (let [i, j] = [0, 0]; i + j < ids.length;) {
    if (merged.length % slice === 0) yield;
    const [a, b] = [first[i], second[j]];
    const isFirst = b === undefined || (a !== undefined && a < b);
    merged.push((isFirst ? first[i++] : second[j++]) ?? "");
  }
  return merged;
}
