import { z } from "zod";
import { createRetriever, matches, memory, parseFilter, type Filter, type SearchResult } from "../../src/index.ts";
import { wordEmbedder } from "../retriever/parts.ts";

/** What the schema types, and what must not compile. Each mistake stands alone below its expectation. */

const schema = z.object({
  product: z.enum(["api", "web"]),
  year: z.number(),
  at: z.date(),
  draft: z.boolean().optional(),
  tags: z.array(z.string()),
  sizes: z.array(z.number()).nullable(),
});
const docs = createRetriever({ metadata: schema });
const metadata = { product: "api", year: 2026, at: new Date(), tags: ["a"], sizes: null } as const;
declare const result: SearchResult<z.infer<typeof schema>>;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const proved = <T extends true>(): T | undefined => undefined;

// ── what is right
export const right = [
  docs.index([{ id: "a", text: "b", metadata: { ...metadata, tags: ["a"] } }]),
  docs.search("q", { filter: { product: "api", year: { gte: 2024, lt: 2027 }, tags: { has: "x" } } }),
  docs.search("q", { filter: { OR: [{ draft: true }, { NOT: { at: { lt: new Date() } } }], sizes: { gt: 1 } } }),
  docs.search("q", { filter: { product: { in: ["api", "web"], startsWith: "a" }, draft: { exists: false } } }),
  docs.sync([], { filter: { tags: { hasAll: ["a"], hasNone: ["b"] } }, allowEmpty: true }),
  docs.delete({ filter: { year: 2020 } }),
  docs.count({ year: { ne: 2020 } }),
  matches({ year: { gte: 2024 } }, { year: 2026 }),
  createRetriever({ metadata: schema, tenancy: "required" })
    .forTenant("acme")
    .search("q", { filter: { year: 1 } }),
  createRetriever().search("q", { filter: { anything: { gte: 5 }, OR: [{ other: "x" }] } }),
  createRetriever().index([{ id: "a", text: "b" }]),
];
proved<Equal<(typeof result.hits)[number]["chunk"]["metadata"]["product"], "api" | "web">>();
proved<Equal<(typeof result.hits)[number]["chunk"]["metadata"]["draft"], boolean | undefined>>();
proved<Equal<ReturnType<typeof parseFilter<typeof schema>>, Filter<z.infer<typeof schema>>>>();
// Of a union, what any member has; a bound need not be one of the values.
const either = createRetriever({
  metadata: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("a"), x: z.number(), stars: z.union([z.literal(1), z.literal(2)]) }),
    z.object({ kind: z.literal("b"), y: z.array(z.string()) }),
  ]),
});
export const ofEither = [
  either.search("q", { filter: { kind: "a", x: { gt: 1 }, stars: { gte: 0 } } }),
  either.search("q", { filter: { OR: [{ x: 1 }, { y: { has: "z" } }] } }),
  // @ts-expect-error stars is 1 or 2
  either.search("q", { filter: { stars: 3 } }),
  // @ts-expect-error no member has it
  either.search("q", { filter: { z: 1 } }),
];
// The input goes in, the output comes out.
const transformed = createRetriever({
  metadata: z.object({ at: z.string().transform((text) => new Date(text)) }),
  fields: { at: { kind: "date", array: false } },
});
export const inAndOut = [
  transformed.index([{ id: "a", text: "b", metadata: { at: "2026-01-01" } }]),
  transformed.search("q", { filter: { at: { gte: new Date() } } }),
];

// ── completions are exactly the fields and the operators of a field's type
type Fields = Exclude<keyof Filter<z.infer<typeof schema>>, never>;
proved<Equal<Fields, "product" | "year" | "at" | "draft" | "tags" | "sizes" | "AND" | "OR" | "NOT">>();
type OperatorsOf<K extends keyof z.infer<typeof schema>> = KeysOf<
  Exclude<NonNullable<Filter<z.infer<typeof schema>>[K]>, string | number | boolean | Date>
>;
type KeysOf<T> = T extends unknown ? keyof T : never;
proved<Equal<OperatorsOf<"year">, "eq" | "ne" | "in" | "notIn" | "exists" | "gt" | "gte" | "lt" | "lte">>();
proved<Equal<OperatorsOf<"product">, "eq" | "ne" | "in" | "notIn" | "exists" | "startsWith">>();
proved<Equal<OperatorsOf<"draft">, "eq" | "ne" | "in" | "notIn" | "exists">>();
proved<Equal<OperatorsOf<"at">, "eq" | "ne" | "in" | "notIn" | "exists" | "gt" | "gte" | "lt" | "lte">>();
proved<Equal<OperatorsOf<"tags">, "has" | "hasAny" | "hasAll" | "hasNone" | "exists" | "startsWith">>();
proved<Equal<OperatorsOf<"sizes">, "has" | "hasAny" | "hasAll" | "hasNone" | "exists" | "gt" | "gte" | "lt" | "lte">>();

// ── what is wrong
// @ts-expect-error an unknown field
docs.search("q", { filter: { prodct: "api" } });
// @ts-expect-error a value outside the enum
docs.search("q", { filter: { product: "ap" } });
// @ts-expect-error a value outside the enum, in a list
docs.search("q", { filter: { product: { in: ["api", "app"] } } });
// @ts-expect-error text for a number
docs.search("q", { filter: { year: "2024" } });
// @ts-expect-error text for a bound
docs.search("q", { filter: { year: { gte: "2024" } } });
// @ts-expect-error text for a Date
docs.search("q", { filter: { at: { gte: "2024-01-01" } } });
// @ts-expect-error a range on text
docs.search("q", { filter: { product: { gt: "a" } } });
// @ts-expect-error a range on a boolean
docs.search("q", { filter: { draft: { gt: false } } });
// @ts-expect-error a prefix of a number
docs.search("q", { filter: { year: { startsWith: "20" } } });
// @ts-expect-error an unknown operator
docs.search("q", { filter: { year: { greaterThan: 2024 } } });
// @ts-expect-error one value for an array
docs.search("q", { filter: { tags: "a" } });
// @ts-expect-error a scalar operator on an array
docs.search("q", { filter: { tags: { eq: "a" } } });
// @ts-expect-error an array operator on a scalar
docs.search("q", { filter: { year: { has: 2024 } } });
// @ts-expect-error null: exists asks for none
docs.search("q", { filter: { sizes: null } });
// @ts-expect-error undefined: it would widen the filter
docs.search("q", { filter: { year: undefined } });
// @ts-expect-error AND takes an array
docs.search("q", { filter: { AND: { year: 2024 } } });
// @ts-expect-error NOT takes one filter
docs.search("q", { filter: { NOT: [{ year: 2024 }] } });
// @ts-expect-error a mistake inside OR
docs.search("q", { filter: { OR: [{ yaer: 2024 }] } });
// @ts-expect-error exists takes a boolean
docs.search("q", { filter: { year: { exists: "yes" } } });
// @ts-expect-error an unknown option
docs.search("q", { limit: 5 });
// @ts-expect-error an unknown mode
docs.search("q", { mode: "sparse" });
// @ts-expect-error a fused score means nothing across queries
docs.search("q", { minScore: { fused: 0.5 } });
// @ts-expect-error metadata is missing
docs.index([{ id: "a", text: "b" }]);
// @ts-expect-error a field is missing
docs.index([{ id: "a", text: "b", metadata: { product: "api", year: 1, tags: [], sizes: null } }]);
// @ts-expect-error a value of the wrong type
docs.index([{ id: "a", text: "b", metadata: { ...metadata, tags: ["a"], year: "2026" } }]);
// @ts-expect-error the output where the input is asked for
transformed.index([{ id: "a", text: "b", metadata: { at: new Date() } }]);
// @ts-expect-error the input where the output is asked for
transformed.search("q", { filter: { at: "2026-01-01" } });
// @ts-expect-error a document without a text
docs.index([{ id: "a", metadata }]);
// @ts-expect-error one document is no array
docs.index({ id: "a", text: "b", metadata });
// @ts-expect-error a nested schema
createRetriever({ metadata: z.object({ author: z.object({ name: z.string() }) }) });
// @ts-expect-error an array of several kinds
createRetriever({ metadata: z.object({ mixed: z.array(z.union([z.string(), z.number()])) }) });
// @ts-expect-error a field that the schema does not have
createRetriever({ metadata: schema, fields: { author: { kind: "string", array: false } } });
// @ts-expect-error a kind that does not exist
createRetriever({ fields: { author: { kind: "text", array: false } } });
// @ts-expect-error an unknown option of the retriever
createRetriever({ vectorStore: memory() });
// @ts-expect-error an embedder is no store
createRetriever({ store: wordEmbedder() });
// @ts-expect-error with tenancy there is no unscoped search
createRetriever({ tenancy: "required" }).search("q");
// @ts-expect-error nor an unscoped index
createRetriever({ tenancy: "required" }).index([]);
// @ts-expect-error a tenant is a string
docs.forTenant(undefined);
// @ts-expect-error tenants do not nest
docs.forTenant("a").forTenant("b");
// @ts-expect-error a filter for delete is named
docs.delete({ year: 2020 });
// @ts-expect-error what hits hold is read-only
result.hits[0].score = 1;
// @ts-expect-error a field that the schema does not have, in a hit
export const author = result.hits[0]?.chunk.metadata.author;
// @ts-expect-error matches knows the row's fields
matches({ yaer: 2024 }, { year: 2026 });
