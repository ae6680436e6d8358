import { evaluateFilter } from "../../src/filter/evaluate.ts";
import type { StoredValue, Store } from "../../src/types.ts";
import { referenceStore } from "./reference-store.ts";
import { wrapped } from "./wrapped-store.ts";

/** Bugs in the meaning of a filter, and in where it is applied. */
export const filterMutants: Readonly<Record<string, () => Store>> = {
  "compares numbers as text": () =>
    filtering((tree, metadata, inner) => {
      if (tree.op !== "range" || tree.kind !== "number") return inner(tree, metadata);
      const textual = (bound?: StoredValue): string | undefined => (bound === undefined ? undefined : String(bound));
      const [gt, gte, lt, lte] = [tree.gt, tree.gte, tree.lt, tree.lte].map(textual);
      return valuesOf(metadata[tree.field]).some((value) => {
        const text = String(value);
        return (
          (gt === undefined || text > gt) &&
          (gte === undefined || text >= gte) &&
          (lt === undefined || text < lt) &&
          (lte === undefined || text <= lte)
        );
      });
    }),
  "lets OR swallow what stands beside it": () =>
    filtering((tree, metadata, inner) => {
      const or = tree.op === "and" ? tree.parts.find(({ op }) => op === "or") : undefined;
      return inner(or ?? tree, metadata);
    }),
  "finds no missing field under NOT": () =>
    filtering((tree, metadata, inner) => {
      const field =
        tree.op === "not" && "field" in tree.part && tree.part.op !== "exists" ? tree.part.field : undefined;
      return inner(tree, metadata) && (field === undefined || Object.hasOwn(metadata, field));
    }),
  "takes an empty list as everything": () =>
    filtering((tree, metadata, inner) => (tree.op === "in" && tree.values.length === 0) || inner(tree, metadata)),
  "takes an empty OR as everything": () =>
    filtering((tree, metadata, inner) => (tree.op === "or" && tree.parts.length === 0) || inner(tree, metadata)),
  "takes a prefix as a LIKE pattern": () =>
    filtering((tree, metadata, inner) => {
      if (tree.op !== "prefix") return inner(tree, metadata);
      const escaped = tree.value.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
      const pattern = new RegExp(`^${escaped.replaceAll("%", ".*").replaceAll("_", ".")}`, "su");
      return valuesOf(metadata[tree.field]).some((value) => typeof value === "string" && pattern.test(value));
    }),
  "takes a prefix as a substring": () =>
    filtering((tree, metadata, inner) =>
      tree.op === "prefix"
        ? valuesOf(metadata[tree.field]).some((value) => typeof value === "string" && value.includes(tree.value))
        : inner(tree, metadata),
    ),
  "compares texts without case": () =>
    filtering((tree, metadata, inner) =>
      tree.op === "in" && tree.kind === "string"
        ? valuesOf(metadata[tree.field]).some((value) => tree.values.some((other) => folded(other) === folded(value)))
        : inner(tree, metadata),
    ),
  "compares texts without trailing blanks": () =>
    filtering((tree, metadata, inner) =>
      tree.op === "in" && tree.kind === "string"
        ? valuesOf(metadata[tree.field]).some((value) => tree.values.includes(String(value).trimEnd()))
        : inner(tree, metadata),
    ),
  "compares texts after normalising them": () =>
    filtering((tree, metadata, inner) =>
      tree.op === "in" && tree.kind === "string"
        ? valuesOf(metadata[tree.field]).some((value) => tree.values.some((other) => normal(other) === normal(value)))
        : inner(tree, metadata),
    ),
  "looks at the first element of an array": () =>
    filtering((tree, metadata, inner) => {
      const firsts = Object.entries(metadata).map(([field, value]) => [field, valuesOf(value)[0] ?? value]);
      return inner(tree, Object.fromEntries(firsts) as typeof metadata);
    }),
  "lets two elements meet the bounds of one range": () =>
    filtering((tree, metadata, inner) => {
      if (tree.op !== "range") return inner(tree, metadata);
      const { op, field, kind, ...bounds } = tree;
      return Object.entries(bounds).every(([bound, value]) => inner({ op, field, kind, [bound]: value }, metadata));
    }),
  "loses the second bound of a range": () =>
    filtering((tree, metadata, inner) => {
      if (tree.op !== "range") return inner(tree, metadata);
      const { op, field, kind, ...bounds } = tree;
      return inner({ op, field, kind, ...Object.fromEntries(Object.entries(bounds).slice(0, 1)) }, metadata);
    }),
  "takes gte as gt": () =>
    filtering((tree, metadata, inner) => {
      if (tree.op !== "range" || tree.gte === undefined) return inner(tree, metadata);
      const { gte, ...rest } = tree;
      return inner({ ...rest, gt: gte }, metadata);
    }),
  "takes false, 0 and empty text as missing": () =>
    filtering((tree, metadata, inner) =>
      tree.op === "exists" ? Boolean(metadata[tree.field]) && inner(tree, metadata) : inner(tree, metadata),
    ),
  "finds what every object has": () =>
    filtering((tree, metadata, inner) => (tree.op === "exists" && tree.field in metadata) || inner(tree, metadata)),
  "ignores an operator that it does not know": () =>
    filtering((tree, metadata, inner) => tree.op === "prefix" || inner(tree, metadata)),
  "compares dates by the second": () =>
    filtering((tree, metadata, inner) => {
      if (tree.op !== "range" || tree.kind !== "date") return inner(tree, metadata);
      const second = (value: unknown): unknown =>
        typeof value === "string" ? value.replace(/\.\d{3}Z$/, ".000Z") : value;
      const coarse = Object.entries(metadata).map(([field, value]) => [
        field,
        Array.isArray(value) ? value.map(second) : second(value),
      ]);
      return inner(tree, Object.fromEntries(coarse) as typeof metadata);
    }),
  "filters after the limit": () =>
    wrapped((store) => ({
      async search({ filter, ...query }, options) {
        const answer = await store.search(query, options);
        if (filter === undefined) return answer;
        const chunks = new Map([...answer.chunks].filter(([, { metadata }]) => evaluateFilter(filter, metadata)));
        return {
          ...answer,
          chunks,
          ...(answer.dense && { dense: answer.dense.filter(({ id }) => chunks.has(id)) }),
          ...(answer.lexical && { lexical: answer.lexical.filter(({ id }) => chunks.has(id)) }),
        };
      },
    })),
  "filters the dense leg alone": () =>
    wrapped((store) => ({
      async search({ filter, ...query }, options) {
        if (filter === undefined || query.lexical === undefined) return store.search(query, options);
        const { dense, ...lexicalQuery } = query;
        const lexical = await store.search(lexicalQuery, options);
        if (dense === undefined) return lexical;
        const answer = await store.search({ ...query, filter }, options);
        const chunks = new Map([...answer.chunks, ...lexical.chunks]);
        return { ...answer, chunks, ...(lexical.lexical && { lexical: lexical.lexical }) };
      },
    })),
};

type Matches = typeof evaluateFilter;

function filtering(wrong: (...call: [...Parameters<Matches>, Matches]) => boolean): Store {
  const matches: Matches = (tree, metadata) => wrong(tree, metadata, inner);
  const inner: Matches = (tree, metadata) => {
    switch (tree.op) {
      case "and":
        return tree.parts.every((part) => matches(part, metadata));
      case "or":
        return tree.parts.some((part) => matches(part, metadata));
      case "not":
        return !matches(tree.part, metadata);
      default:
        return evaluateFilter(tree, metadata);
    }
  };
  return referenceStore({ matches });
}

function valuesOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function folded(value: unknown): string {
  return String(value).toLowerCase();
}

function normal(value: unknown): string {
  return String(value).normalize("NFC");
}
