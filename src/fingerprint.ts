import { FingerprintError, unexpected } from "./errors.ts";
import type { IndexSpec } from "./types.ts";

/** What every store's `prepare` calls, as `store-parts.ts` says it. */
export function checkSpec(stored: IndexSpec, given: IndexSpec): void {
  const before = described(stored);
  const after = described(given);
  const keys = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  const differences = keys
    .filter((key) => before.get(key) !== after.get(key))
    .filter((key) => !key.startsWith("fields.") || (before.has(key) && after.has(key)))
    .map((key) => ({ key, stored: before.get(key), given: after.get(key) }));
  if (differences.length > 0) throw new FingerprintError(differences);
}

function described(spec: IndexSpec): ReadonlyMap<string, string | number | boolean> {
  if (typeof spec?.fingerprint !== "object" || typeof spec.fields !== "object") {
    throw unexpected("checkSpec", "an IndexSpec", spec);
  }
  const entries: [string, string | number | boolean][] = Object.entries(spec.fingerprint);
  entries.push(["tenancy", spec.tenancy]);
  if (spec.dense !== undefined) {
    entries.push(["dense.dimensions", spec.dense.dimensions], ["dense.metric", spec.dense.metric]);
  }
  if (spec.lexical !== undefined) entries.push(["lexical.k1", spec.lexical.k1], ["lexical.b", spec.lexical.b]);
  for (const [name, { kind, array }] of Object.entries(spec.fields)) {
    entries.push([`fields.${name}`, array ? `${kind}[]` : kind]);
  }
  return new Map(entries);
}
