import { shown } from "../errors.ts";
import type { Candidate, StoreAnswer } from "../types.ts";

/** Why an answer from a part is no list of candidates, of these chunks where they are known; undefined where it is one. */
export function candidatesFault(answer: unknown, chunks?: StoreAnswer["chunks"]): string | undefined {
  if (!Array.isArray(answer)) return `expected it to return candidates, received ${shown(answer)}`;
  const seen = new Set<string>();
  for (const candidate of answer as readonly unknown[]) {
    const { id, score } = Object(candidate) as Partial<Candidate>;
    if (typeof id !== "string" || chunks?.has(id) === false) {
      return `it returned ${shown(id)}, which is no candidate`;
    }
    if (seen.has(id)) return `it returned ${shown(id)} twice`;
    if (!Number.isFinite(score)) return `it gave ${shown(id)} the score ${shown(score)}`;
    seen.add(id);
  }
  return undefined;
}
