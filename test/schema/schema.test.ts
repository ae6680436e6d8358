import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";
import { ConfigError, MetadataError } from "../../src/errors.ts";
import { createRetriever } from "../../src/index.ts";
import { metadataShape, restoreMetadata } from "../../src/schema/schema.ts";
import { storeMetadata } from "../../src/schema/stored-metadata.ts";
import type { MetadataSchema, StandardSchema } from "../../src/schema/standard-schema.ts";
import type { Metadata } from "../../src/types.ts";
import { rejection } from "../rejection.ts";
import { untyped } from "../untyped.ts";

const kind = (schema: object, fields?: Parameters<typeof metadataShape>[1]) =>
  metadataShape(schema as MetadataSchema, fields).fields["x"];
const object = (x: z.ZodType) => z.object({ x });
/** What `enum Level { low = 1, high = 2 }` is at run time. */
const Level = { low: 1, high: 2, 1: "low", 2: "high" } as const;

describe("kinds read from zod", () => {
  test.each<[string, z.ZodType, string]>([
    ["string", z.string(), "string"],
    ["email", z.email(), "string"],
    ["template literal", z.templateLiteral(["a-", z.number()]), "string"],
    ["enum", z.enum(["a", "b"]), "string"],
    ["numeric enum", z.enum(Level), "number"],
    ["literal", z.literal("a"), "string"],
    ["literals with null", z.literal(["a", null]), "string"],
    ["number", z.number().int().min(1), "number"],
    ["coerced number", z.coerce.number(), "number"],
    ["boolean", z.boolean(), "boolean"],
    ["string as boolean", z.stringbool(), "boolean"],
    ["date", z.date(), "date"],
    ["coerced date", z.coerce.date(), "date"],
    ["optional", z.string().optional(), "string"],
    ["nullish", z.date().nullish(), "date"],
    ["default", z.number().default(5), "number"],
    ["prefault", z.string().prefault("a"), "string"],
    ["catch", z.number().catch(0), "number"],
    ["readonly", z.array(z.string()).readonly(), "string[]"],
    ["brand", z.string().brand("id"), "string"],
    ["refine", z.string().refine((value) => value.length > 1), "string"],
    ["pipe", z.string().pipe(z.coerce.number()), "number"],
    ["preprocess", z.preprocess((value) => value, z.boolean()), "boolean"],
    ["union of one kind", z.union([z.literal("a"), z.string(), z.null()]), "string"],
    ["lazy", z.lazy(() => z.number()), "number"],
    ["array of enum", z.array(z.enum(["a"])), "string[]"],
    ["array of date", z.array(z.date()), "date[]"],
    ["array, nullable", z.array(z.number()).nullable(), "number[]"],
    ["tuple", z.tuple([z.string(), z.enum(["a"])]), "string[]"],
    ["tuple with a rest", z.tuple([z.number()], z.number()), "number[]"],
  ])("%s", (_, type, expected) => {
    const field = kind(object(type));
    expect(field?.array === true ? `${field.kind}[]` : field?.kind).toBe(expected);
  });

  test.each<[string, z.ZodType]>([
    ["transform", z.string().transform((value) => value.length)],
    ["union of kinds", z.union([z.string(), z.number()])],
    ["any", z.any()],
    ["nested object", z.object({ a: z.string() })],
    ["array of arrays", z.array(z.array(z.string()))],
    ["tuple of kinds", z.tuple([z.string()], z.number())],
    ["tuple of nested arrays", z.tuple([z.array(z.string())])],
    ["bigint", z.bigint()],
    ["bigint literal", z.literal(1n)],
    ["null alone", z.null()],
    ["arrays nested without end", z.json()],
  ])("%s is a ConfigError that names the field, unless `fields` tells", (what, type) => {
    expect(() => kind(object(type))).toThrow(ConfigError);
    const advice = /nested|arrays/.test(what) ? "metadata is flat" : "name its kind in `fields`";
    expect(() => kind(object(type))).toThrow(/metadata\.x/);
    expect(() => kind(object(type))).toThrow(advice);
    expect(kind(object(type), { x: { kind: "number", array: false } })).toEqual({ kind: "number", array: false });
  });

  test.each<[string, z.ZodType]>([
    ["record", z.record(z.string(), z.string())],
    ["string", z.string()],
    ["pipe", z.object({ x: z.string() }).transform((value) => value)],
  ])("a %s instead of an object is told to be one, and takes `fields`", (what, schema) => {
    const of = `cannot be read from a schema of "zod" that is a ${what}; list them in \`fields\``;
    expect(() => kind(schema)).toThrow(of);
    const x = { kind: "string", array: false } as const;
    expect(kind(schema, { x })).toEqual(x);
  });

  test("of zod/mini, of refined, joined and branching objects", () => {
    expect(kind(mini.object({ x: mini.optional(mini.string()) }))?.kind).toBe("string");
    expect(kind(object(z.string()).refine(() => true))?.kind).toBe("string");
    expect(kind(z.intersection(z.object({ y: z.string() }), object(z.number())))?.kind).toBe("number");
    expect(
      kind(z.discriminatedUnion("t", [z.object({ t: z.literal("a"), x: z.date() }), z.object({ t: z.literal("b") })]))
        ?.kind,
    ).toBe("date");
  });
});

describe("kinds of other schemas", () => {
  const standard = (extra: object = {}): StandardSchema<Metadata> => ({
    "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as Metadata }), ...extra },
  });
  test("come from the JSON Schema that the schema offers", () => {
    const properties = {
      a: { type: "string" },
      b: { type: ["integer", "null"] },
      c: { type: "array", items: { enum: [true] } },
      d: { const: "x" },
      e: { anyOf: [{ type: "string" }, { type: "null" }] },
      f: { oneOf: [{ enum: ["a"] }, { const: "b" }] },
    };
    const schema = standard({ jsonSchema: { output: () => ({ type: "object", properties, required: ["c"] }) } });
    expect(metadataShape(schema, undefined).fields).toEqual({
      a: { kind: "string", array: false },
      b: { kind: "number", array: false },
      c: { kind: "boolean", array: true },
      d: { kind: "string", array: false },
      e: { kind: "string", array: false },
      f: { kind: "string", array: false },
    });
  });
  test("which tells too what a row without a value reads back as", () => {
    const properties = {
      a: { type: ["string", "null"] },
      b: { anyOf: [{ type: "null" }, { type: "number" }] },
      c: { enum: ["a", null] },
      d: { type: "array", items: { type: "string" } },
      e: { type: ["string", "null"] },
      f: { type: "string" },
    };
    const schema = standard({ jsonSchema: { output: () => ({ properties, required: ["a", "b", "c", "d", "f"] }) } });
    expect(restoreMetadata({}, metadataShape(schema, undefined))).toEqual({ a: null, b: null, c: null, d: [] });
  });
  test("also where the schema is a function", () => {
    const output = () => ({ type: "object", properties: { a: { type: "number" } } });
    const schema = Object.assign(() => undefined, standard({ jsonSchema: { output } }));
    expect(metadataShape(schema, undefined).fields).toEqual({ a: { kind: "number", array: false } });
    expect(() => createRetriever({ metadata: schema })).not.toThrow();
  });
  test.each([
    ["an object", { type: "object" }, "metadata.a: metadata is flat"],
    [
      "several kinds",
      { anyOf: [{ type: "string" }, { type: "number" }] },
      "metadata.a: it has several kinds; name its kind",
    ],
    ["nothing known", {}, "metadata.a: its kind cannot be read"],
  ])("%s is a ConfigError that names the field", (_, field, message) => {
    const schema = standard({ jsonSchema: { output: () => ({ properties: { a: field } }) } });
    expect(() => metadataShape(schema, undefined)).toThrow(message);
  });
  test("a library that has no JSON Schema of it is one that offers none", () => {
    const output = (): never => {
      throw new TypeError("a date has no JSON Schema");
    };
    const schema = standard({ jsonSchema: { output } });
    expect(() => metadataShape(schema, undefined)).toThrow("list them in `fields`");
    expect(metadataShape(schema, { at: { kind: "date", array: false } }).fields).toEqual({
      at: { kind: "date", array: false },
    });
  });
  test.each<[string, unknown]>([
    ["fields", null],
    ["fields", []],
    ["fields", "year"],
    ["fields.x", { x: null }],
    ["fields.x", { x: "string" }],
    ["fields.x", { x: { kind: "string" } }],
  ])("%s that are none are refused by name: %j", (name, fields) => {
    expect(() => createRetriever({ fields: untyped(fields) })).toThrow(`${name}: expected`);
    expect(() => createRetriever({ fields: untyped(fields) })).toThrow(ConfigError);
  });
  test("or from `fields`; with neither it is a ConfigError", () => {
    expect(() => createRetriever({ metadata: standard() })).toThrow(ConfigError);
    expect(() =>
      createRetriever({ metadata: standard(), fields: { x: { kind: "date", array: false } } }),
    ).not.toThrow();
  });
  test.each([
    "AND",
    "__proto__",
    "constructor",
    "toString",
    "valueOf",
    "prototype",
    "a.b",
    "",
    "ä",
    "1a",
    "x".repeat(64),
  ])("%j is no field name", (name) => {
    const fields = Object.fromEntries([[name, { kind: "string", array: false } as const]]);
    expect(() => metadataShape(undefined, fields)).toThrow(ConfigError);
  });
});

describe("metadata on its way in", () => {
  const open = metadataShape(undefined, { at: { kind: "date", array: false } });
  test.each<[string, object, string]>([
    ["NaN", { a: Number.NaN }, "a"],
    ["an object", { a: { b: 1 } }, "a"],
    ["null inside an array", { a: ["x", null] }, "a.1"],
    ["an array of two kinds", { a: ["x", 1] }, "a.1"],
    ["an array of arrays", { a: [["x"]] }, "a.0"],
    ["NUL", { a: "x\0" }, "a"],
    ["a lone surrogate", { a: ["\uD800"] }, "a.0"],
    ["a Date that no schema declares", { a: new Date(0) }, "a"],
    ["an invalid Date", { at: new Date("x") }, "at"],
    ["text for a Date", { at: "2024-01-01" }, "at"],
    ["a Date before the year 0", { at: new Date("-000001-01-01") }, "at"],
    ["a bigint", { a: 1n }, "a"],
    ["a function", { a: () => 1 }, "a"],
    ["a name that no store can address", { "a.b": 1 }, '"a.b"'],
    ["__proto__ as a name", JSON.parse('{"__proto__": 1}'), '"__proto__"'],
    ["a name that every object has", { valueOf: 1 }, '"valueOf"'],
  ])("%s is refused, with the document and the path", async (_, metadata, path) => {
    const error = await rejection(storeMetadata(undefined, open, "doc", metadata));
    expect(error).toBeInstanceOf(MetadataError);
    expect(error).toMatchObject({ documentId: "doc", issues: [{ path }] });
  });

  test("what is nested is told to be", async () => {
    const error = await rejection(storeMetadata(undefined, open, "doc", { author: { name: "Ada" } }));
    expect(String(error)).toContain(
      'Metadata of document "doc": author: metadata is flat: expected a string, number, boolean or Date, received an object',
    );
  });

  test("a key that the schema lets through without listing it is refused", async () => {
    const loose = z.looseObject({ a: z.string() });
    const error = await rejection(
      storeMetadata(
        loose as unknown as MetadataSchema,
        metadataShape(loose as unknown as MetadataSchema, undefined),
        "d",
        {
          a: "x",
          b: 1,
        },
      ),
    );
    expect(error).toMatchObject({ issues: [{ path: "b" }] });
  });

  test("every issue of a schema is told", async () => {
    const schema = z.object({ a: z.string(), b: z.array(z.number()) });
    const error = await rejection(storeMetadata(schema, metadataShape(schema, undefined), "d", { a: 1, b: [1, "x"] }));
    expect(error).toMatchObject({ issues: [{ path: "a" }, { path: "b.1" }] });
  });

  test("asynchronous schemas are waited for", async () => {
    const schema = z.object({ a: z.string().refine(async (value) => value === "x") });
    const shape = metadataShape(schema, undefined);
    expect(await storeMetadata(schema, shape, "d", { a: "x" })).toEqual({ a: "x" });
    expect(await rejection(storeMetadata(schema, shape, "d", { a: "y" }))).toBeInstanceOf(MetadataError);
  });

  test("null, undefined and [] are no value; what comes back fits the schema's output", async () => {
    const schema = z.object({
      required: z.array(z.string()),
      optional: z.array(z.string()).optional(),
      nullable: z.string().nullable(),
      nullish: z.number().nullish(),
      fallback: z.number().default(7),
    });
    const shape = metadataShape(schema, undefined);
    const stored = await storeMetadata(schema, shape, "d", {
      required: [],
      optional: [],
      nullable: null,
      nullish: null,
    });
    expect(stored).toEqual({ fallback: 7 });
    expect(restoreMetadata(stored, shape)).toEqual({ required: [], nullable: null, fallback: 7 });
    expect(schema.safeParse(restoreMetadata(stored, shape)).success).toBe(true);
  });

  /** What x of a row without values reads back as; `-` where it is left out. */
  const blank = (type: z.ZodType, fields?: Parameters<typeof metadataShape>[1]): unknown => {
    const restored = restoreMetadata({}, metadataShape(object(type) as MetadataSchema, fields));
    return "x" in restored ? restored["x"] : "-";
  };
  test.each<[string, z.ZodType, unknown]>([
    ["nullable", z.string().nullable(), null],
    ["lazily nullable", z.lazy(() => z.string().nullable()), null],
    ["nullable in a union", z.union([z.string().nullable(), z.literal("a")]), null],
    ["lazily nullable in a union", z.union([z.lazy(() => z.null()), z.number()]), null],
    ["a literal null", z.literal(["a", null]), null],
    ["nullable with a default", z.string().nullable().default("a"), null],
    ["nullable and readonly", z.array(z.string()).nullable().readonly(), null],
    ["piped into nullable", z.preprocess(String, z.string().nullable()), null],
    ["lazily optional", z.lazy(() => z.string().nullish()), "-"],
    ["a lazy array", z.lazy(() => z.array(z.string())), []],
    ["an array in a union", z.union([z.array(z.string()), z.lazy(() => z.array(z.enum(["a"])))]), []],
    ["no longer optional", z.string().nullish().nonoptional(), null],
    ["neither", z.string(), "-"],
  ])("%s: a row without a value reads back as the schema's output has it", (_, type, expected) => {
    expect(blank(type)).toEqual(expected);
  });

  test("the same of a kind that `fields` tells", () => {
    const given = (array: boolean) => ({ x: { kind: "number", array } as const });
    const changed = z.string().transform((text) => text.length);
    expect(blank(changed.nullable(), given(false))).toBe(null);
    expect(blank(changed.nullish(), given(false))).toBe("-");
    expect(blank(changed, given(false))).toBe("-");
    expect(
      blank(
        changed.transform((length) => [length]),
        given(true),
      ),
    ).toEqual([]);
  });

  test("the same of joined and of branching objects", () => {
    const rows = (schema: object): unknown => restoreMetadata({}, metadataShape(schema as MetadataSchema, undefined));
    const nullable = object(z.string().nullable());
    expect(rows(z.intersection(nullable, z.object({ y: z.array(z.number()) })))).toEqual({ x: null, y: [] });
    expect(rows(z.intersection(nullable, object(z.string())))).toEqual({});
    expect(rows(z.union([nullable, object(z.string())]))).toEqual({ x: null });
    expect(rows(z.union([nullable, z.object({ y: z.array(z.number()) })]))).toEqual({});
  });

  test("what was stored comes back equal", async () => {
    const schema = z.object({ s: z.string(), n: z.number(), b: z.boolean(), d: z.date(), many: z.array(z.date()) });
    const shape = metadataShape(schema, undefined);
    const date = fc.date({ min: new Date("0000-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });
    const metadata = fc.record({
      s: fc.string({ unit: "grapheme" }).filter((value) => !value.includes("\0")),
      n: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      b: fc.boolean(),
      d: date,
      many: fc.array(date, { minLength: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(metadata, async (given) => {
        const stored = await storeMetadata(schema, shape, "d", given);
        expect(JSON.parse(JSON.stringify(stored))).toEqual(stored);
        expect(restoreMetadata(stored, shape)).toEqual(given);
      }),
    );
  });
});
