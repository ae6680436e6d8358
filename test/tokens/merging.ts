/**
 * Byte-pair merging by its definition, a second opinion for pieces that are too long for tiktoken: of all neighbours whose
 * joined bytes are a token, the pair with the lowest rank is merged first, the leftmost of equals.
 */
export function merging(ranks: string): (bytes: Uint8Array) => readonly number[] {
  const rankOf = new Map<string, number>();
  for (const line of ranks.split("\n")) {
    const [, first, ...tokens] = line.split(" ");
    tokens.forEach((token, index) => rankOf.set(atob(token), Number(first) + index));
  }

  return (bytes) => {
    const parts: (string | undefined)[] = Array.from(bytes, (byte) => String.fromCharCode(byte));
    const before = parts.map((_, at) => at - 1);
    const after = parts.map((_, at) => at + 1);
    // A binary heap of rank · length + place; what is out of date when it comes up is passed over.
    const heap: number[] = [];
    const offer = (at: number): void => {
      const next = parts[after[at] ?? parts.length];
      const rank = next === undefined ? undefined : rankOf.get((parts[at] ?? "") + next);
      if (rank !== undefined) push(heap, rank * parts.length + at);
    };
    for (let at = 0; at < parts.length; at++) offer(at);
    while (heap.length > 0) {
      const key = pop(heap);
      const at = key % parts.length;
      const next = after[at] ?? parts.length;
      const joined = (parts[at] ?? "") + (parts[next] ?? "");
      if (parts[at] === undefined || rankOf.get(joined) !== Math.floor(key / parts.length)) continue;
      parts[at] = joined;
      parts[next] = undefined;
      after[at] = after[next] ?? parts.length;
      before[after[at] ?? 0] = at;
      offer(at);
      if ((before[at] ?? -1) >= 0) offer(before[at] ?? 0);
    }
    return parts.flatMap((part) => (part === undefined ? [] : [rankOf.get(part) ?? -1]));
  };
}

function push(heap: number[], key: number): void {
  let at = heap.length;
  heap.push(key);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if ((heap[parent] as number) <= key) break;
    heap[at] = heap[parent] as number;
    at = parent;
  }
  heap[at] = key;
}

function pop(heap: number[]): number {
  const least = heap[0] as number;
  const key = heap.pop() as number;
  if (heap.length === 0) return least;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++;
    if ((heap[child] as number) >= key) break;
    heap[at] = heap[child] as number;
    at = child;
  }
  heap[at] = key;
  return least;
}
