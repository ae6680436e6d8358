import type { FieldValue, Metadata } from "../types.ts";

/** What users write: the filter language as types. What it means is in `evaluate.ts`. */

type Defined<T> = Exclude<T, null | undefined>;
type ItemOf<T> = T extends readonly (infer E)[] ? E : never;
type Range<T> = { readonly gt?: T; readonly gte?: T; readonly lt?: T; readonly lte?: T };
/** A bound need not be one of the values. */
type Bound<T> = T extends number ? number : Extract<T, Date>;
type RangeOf<T> = [Extract<T, number | Date>] extends [never] ? unknown : Range<Bound<T>>;
type Prefixed<T> = [Extract<T, string>] extends [never] ? unknown : { readonly startsWith?: string };

/** Of a union, those of each member: a filter may test what some of the documents have. */
type KeyOf<M> = M extends unknown ? keyof M : never;
type ValueOf<M, K> = M extends unknown ? (K extends keyof M ? M[K] : never) : never;

/** Tests of a field with one value. */
export type ScalarTests<T> = {
  readonly eq?: T;
  readonly ne?: T;
  readonly in?: readonly T[];
  readonly notIn?: readonly T[];
  readonly exists?: boolean;
} & RangeOf<T> &
  Prefixed<T>;

/** Tests of a field with an array of values. The bounds of one object must hold for one element. */
export type ArrayTests<E> = {
  readonly has?: E;
  readonly hasAny?: readonly E[];
  readonly hasAll?: readonly E[];
  readonly hasNone?: readonly E[];
  readonly exists?: boolean;
} & RangeOf<E> &
  Prefixed<E>;

export type Test<T, S = Exclude<T, readonly unknown[]>, E = ItemOf<T>> =
  | ([S] extends [never] ? never : S | ScalarTests<S>)
  | ([E] extends [never] ? never : ArrayTests<E>);

/** Where there is no schema. An unknown operator compiles here, as a nested filter; it throws at run time. */
export interface AnyFilter {
  readonly [field: string]: Test<NonNullable<FieldValue>> | AnyFilter | readonly AnyFilter[] | undefined;
  readonly AND?: readonly AnyFilter[];
  readonly OR?: readonly AnyFilter[];
  readonly NOT?: AnyFilter;
}

/**
 * `{ field: value | { operator: value }, AND, OR, NOT }`, typed from the metadata schema.
 *
 * Keys of one object are joined by AND. A missing field, `null` and `[]` are the same: no value. A test holds when any
 * one value of the field passes it; `NOT` (and `ne`, `notIn`, `hasNone`) is the exact complement.
 *
 * @example { product: "api", year: { gte: 2024 }, NOT: { tags: { has: "draft" } } }
 */
export type Filter<M = Metadata> = string extends keyof M
  ? AnyFilter
  : { readonly [K in Exclude<KeyOf<M> & string, "AND" | "OR" | "NOT">]?: Test<Defined<ValueOf<M, K>>> } & {
      readonly AND?: readonly Filter<M>[];
      readonly OR?: readonly Filter<M>[];
      readonly NOT?: Filter<M>;
    };
