import { unexpected } from "../../../src/errors.ts";

/** What the tables are called, quoted: the only text of the user that becomes part of a statement. */
export interface Names {
  readonly schema: string;
  readonly table: string;
  /** One row per generation. */
  readonly catalog: string;
  /** The chunks of a generation, or undefined where its name cannot be one. */
  chunks(generation: string): string | undefined;
  index(generation: string, what: string): string;
  /** Of the advisory lock that changes of the schema hold. */
  readonly lock: string;
}

const identifier = /^[a-z_][a-z0-9_]{0,62}$/;
/** Leaves room for `_1234567890_documents`: Postgres cuts longer names off in silence. */
const longestTable = 41;

export function namesOf({ schema, table }: { readonly schema: string; readonly table: string }): Names {
  const rule = "a lower-case letter or _, then lower-case letters, digits or _";
  if (typeof schema !== "string" || !identifier.test(schema)) {
    throw unexpected("schema", `${rule}, up to 63 in all`, schema);
  }
  if (typeof table !== "string" || !identifier.test(table) || table.length > longestTable) {
    throw unexpected("table", `${rule}, up to ${longestTable} in all`, table);
  }
  return {
    schema,
    table,
    catalog: `"${schema}"."${table}"`,
    chunks: (generation) => (/^[1-9][0-9]{0,9}$/.test(generation) ? `"${schema}"."${table}_${generation}"` : undefined),
    index: (generation, what) => `"${table}_${generation}_${what}"`,
    lock: `groundline ${schema}.${table}`,
  };
}
