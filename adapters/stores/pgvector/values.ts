import { quoted, ScopeError, UnsupportedError } from "../../../src/errors.ts";
import { murmur3 } from "../../../src/lexical/terms.ts";
import { inNineDigits } from "../../../src/stores/remote-rows.ts";
import type { Scope, Terms } from "../../../src/types.ts";
import type { Value } from "./client.ts";
import { name } from "./faults.ts";

/**
 * Binds values as it is called and answers with what stands for them in the statement. Each has its type: a cast of text
 * would be made again for every row, and the planner would not see the value.
 */
export type Binding = ((value: Value, type: string) => string) & { readonly values: readonly Value[] };

export function binding(): Binding {
  const values: Value[] = [];
  const bind = (value: Value, type: string): string => {
    values.push(value);
    return `$${values.length}::${type}`;
  };
  return Object.assign(bind, { values });
}

/** An index entry of Postgres holds 2,700 bytes. */
const longestTenant = 1_000;
const encoder = /* @__PURE__ */ new TextEncoder();

/** Never NULL, which equals nothing: no tenant is the empty one, which cannot be a tenant's name. */
export function tenantKey({ tenant }: Scope): string {
  if (tenant === null) return "";
  if (tenant === "") throw new ScopeError("tenant: expected a non-empty string, received an empty one");
  const bytes = encoder.encode(tenant).length;
  if (bytes <= longestTenant) return tenant;
  throw new UnsupportedError(
    `${name}: a tenant's name has at most ${longestTenant} bytes, ${quoted(tenant)} has ${bytes}`,
  );
}

const TERM_BITS = 2 ** 30;
const TENANTS = 2 ** 23;

/**
 * Of a tenant's terms. One index over all tenants would make every search pay for the others' rows: keys that begin with
 * 23 bits of the tenant keep them apart, and are still whole numbers in a double. Tenants that share them are told apart
 * by the column.
 */
export function firstTermKey(tenant: string): number {
  return (murmur3(encoder.encode(tenant)) % TENANTS) * TERM_BITS;
}

export function termOfKey(key: number): number {
  return key % TERM_BITS;
}

/** Bits of a `sparsevec`: https://github.com/pgvector/pgvector#sparsevec-type */
const mostTerms = 16_000;

export function sparseVector(terms: Terms, weights: Float32Array): string {
  if (terms.ids.length > mostTerms) {
    throw new UnsupportedError(
      `${name}: a chunk has at most ${mostTerms} different terms, received ${terms.ids.length}`,
    );
  }
  const elements = Array.from(terms.ids, (id, index) => `${id + 1}:${weights[index] ?? 0}`);
  return `{${elements.join(",")}}/1000000000`;
}

export function denseVector(vector: Float32Array): string {
  return `[${Array.from(vector, inNineDigits).join(",")}]`;
}
