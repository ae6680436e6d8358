import { shown } from "../errors.ts";
import type { Candidate } from "../types.ts";

/** Why an answer from a part is no list of candidates; undefined where it is one. */
export function candidatesFault(answer: unknown): string | undefined {
  if (!Array.isArray(answer)) return `expected it to return candidates, received ${shown(answer)}`;
  const seen = new Set<string>();
  for (const candidate of answer as readonly unknown[]) {
    const { id, score } = Object(candidate) as Partial<Candidate>;
    if (typeof id !== "string") return `it returned ${shown(id)}, which is no candidate`;
    if (seen.has(id)) return `it returned ${shown(id)} twice`;
    if (!Number.isFinite(score)) return `it gave ${shown(id)} the score ${shown(score)}`;
    seen.add(id);
  }
  return undefined;
}
