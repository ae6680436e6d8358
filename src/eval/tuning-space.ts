import { recursive } from "../chunkers/recursive.ts";
import { ConfigError, quoted, unexpected, UnsupportedError } from "../errors.ts";
import { checkOptions, expectOptions } from "../options.ts";
import type { Candidate, Chunker, Fusion } from "../types.ts";
import { checkBase, expectArray } from "./inputs.ts";
import type { TuneOptions, TuningChoice } from "./tuning-types.ts";

/** The combinations that a tuning chooses among. */

/** One way of cutting and weighing words: what an index is built for. */
export interface Chunking {
  readonly label: string;
  readonly chunker: Chunker;
}

/** A combination; topK apart, which every combination is read at. */
export interface Combination {
  readonly choice: Omit<TuningChoice, "topK">;
  readonly chunking: number;
  /** How many axes are not as in the default. */
  readonly moves: number;
}

export interface Space {
  readonly chunkings: readonly Chunking[];
  /** The default first, then those that differ least from it. */
  readonly combinations: readonly Combination[];
  /** Ascending. */
  readonly topKs: readonly number[];
  /** Ways of chunking that are none: an overlap of the whole chunk leaves nothing new in it. */
  readonly skipped: readonly string[];
  /** That of `base`, where there is one. */
  readonly fusion: ((legs: Parameters<Fusion>[0]) => readonly Candidate[]) | undefined;
}

const axes = ["chunker", "size", "overlap", "topK", "candidates", "denseWeight", "k1", "b", "rerank"] as const;
const parts = ["metadata", "fields", "store", "embedder", "lexical", "bm25", "analyzer", "fusion", "reranker"];

type Given = Pick<TuneOptions, "base" | "space" | "standard">;

/** Checks everything that can be wrong before any work. */
export function spaceOf(options: Given): Space {
  checkGiven(options);
  const { base = {}, space = {} } = options;
  const trust = base.embedder?.fusionWeight ?? base.store?.latent?.fusionWeight ?? 0.5;
  const values = valuesOf(options, trust);
  const { chunker = { recursive }, topK = [5, 10, 20, 30, 50, 100] } = space;
  return {
    ...combined(values, chunker),
    topKs: axis("topK", undefined, topK, { least: 1, whole: true }),
    fusion: base.fusion && ((found) => base.fusion?.(found, { dense: trust }) ?? []),
  };
}

function checkGiven({ base = {}, space = {}, standard = {} }: Given): void {
  checkOptions("space", space, axes);
  checkOptions(
    "standard",
    standard,
    axes.filter((name) => name !== "topK"),
  );
  expectOptions("base", base);
  if ("chunker" in base) {
    throw new ConfigError(
      "base.chunker: expected none: give it as space.chunker, { name: (options) => chunker(options) }, to be cut at other sizes",
    );
  }
  checkOptions("base", base, parts);
  checkBase(base);
  if (typeof base.lexical === "object") {
    throw new UnsupportedError("base.lexical: an index of its own cannot be built anew for each way of chunking.");
  }
}

/** What is there to be fused, weighed and reranked. */
function legsOf(base: NonNullable<Given["base"]>): { readonly fusible: boolean; readonly lexical: boolean } {
  const dense = base.embedder !== undefined || base.store?.latent !== undefined;
  const lexical = base.lexical !== false;
  return { fusible: dense && lexical && base.fusion === undefined, lexical };
}

interface Values {
  readonly chunker: readonly string[];
  readonly size: readonly number[];
  readonly overlap: readonly number[];
  readonly candidates: readonly number[];
  readonly denseWeight: readonly (number | undefined)[];
  readonly k1: readonly (number | undefined)[];
  readonly b: readonly (number | undefined)[];
  readonly rerank: readonly (number | undefined)[];
}

/** Of each axis, the default's first; undefined alone where there is nothing to turn. */
function valuesOf({ base = {}, space = {}, standard = {} }: Given, trust: number): Values {
  const { fusible, lexical } = legsOf(base);
  const { chunker: chunkers = { recursive } } = space;
  expectOptions("space.chunker", chunkers);
  const names = Object.keys(chunkers);
  const [firstName] = names;
  if (firstName === undefined) throw new ConfigError("space.chunker: expected at least one, received none");
  const given = (name: "denseWeight" | "rerank" | "k1" | "b"): string | undefined =>
    space[name] !== undefined ? `space.${name}` : standard[name] !== undefined ? `standard.${name}` : undefined;
  const [weight, depth, weighting] = [given("denseWeight"), given("rerank"), given("k1") ?? given("b")];
  if (!fusible && weight !== undefined) {
    throw new ConfigError(
      `${weight}: it is the weight in convex() of two legs: give an embedder or a latent store, and no base.fusion.`,
    );
  }
  if (base.reranker === undefined && depth !== undefined) {
    throw new ConfigError(`${depth}: there is no base.reranker.`);
  }
  if (!lexical && weighting !== undefined) throw new ConfigError(`${weighting}: there is no lexical leg.`);
  const { chunker = firstName, size = 600, overlap = 0.25, candidates = 100, rerank = 50 } = standard;
  const { k1 = base.bm25?.k1 ?? 1.2, b = base.bm25?.b ?? 0.75 } = standard;
  if (!names.includes(chunker)) {
    throw unexpected("standard.chunker", `one of ${names.map(quoted).join(", ")}`, chunker);
  }
  const { size: sizes = [300, 400, 600, 800, 1200], overlap: overlaps = [0, 0.25], candidates: counts = [] } = space;
  const { denseWeight: weights = [0.1, 0.2, 0.3, 0.5, 0.7, 0.9], rerank: depths = [0, 50] } = space;
  const { k1: saturations = [], b: penalties = [] } = space;
  const values: Values = {
    chunker: [chunker, ...names.filter((name) => name !== chunker)],
    size: axis("size", size, sizes, { least: 1, whole: true }),
    overlap: axis("overlap", overlap, overlaps, { least: 0 }),
    candidates: axis("candidates", candidates, counts, { least: 1, whole: true }),
    denseWeight: fusible
      ? axis("denseWeight", standard.denseWeight ?? trust, weights, { least: 0, most: 1 })
      : [undefined],
    k1: lexical ? axis("k1", k1, saturations, { least: 0 }) : [undefined],
    b: lexical ? axis("b", b, penalties, { least: 0, most: 1 }) : [undefined],
    rerank: base.reranker === undefined ? [undefined] : axis("rerank", rerank, depths, { least: 0, whole: true }),
  };
  if (overlap >= size) {
    throw new ConfigError(`standard.overlap: expected less than the size, ${size}, received ${overlap}`);
  }
  return values;
}

function combined(
  { chunker: names, size, overlap, ...others }: Values,
  chunkers: NonNullable<NonNullable<Given["space"]>["chunker"]>,
): Pick<Space, "chunkings" | "combinations" | "skipped"> {
  const chunkings: Chunking[] = [];
  const skipped: string[] = [];
  const combinations: Combination[] = [];
  for (const cut of product({ chunker: names, size, overlap })) {
    const label = `${cut.chunker} ${cut.size}, overlap ${cut.overlap}`;
    const make = chunkers[cut.chunker];
    if (typeof make !== "function") {
      throw unexpected(`space.chunker.${cut.chunker}`, "a function of options", make);
    }
    if (cut.overlap >= cut.size) {
      skipped.push(label);
      continue;
    }
    const made: unknown = make({ size: cut.size, overlap: cut.overlap });
    if (typeof made !== "function") {
      throw unexpected(`space.chunker.${cut.chunker}`, "it to make a chunker", made);
    }
    const chunking = chunkings.length;
    chunkings.push({ label, chunker: made as Chunker });
    for (const rest of product(others)) {
      const choice = withoutAbsent({ ...cut, ...rest });
      const standard = combinations[0]?.choice ?? choice;
      combinations.push({ choice, chunking, moves: movesBetween(standard, choice) });
    }
  }
  return { chunkings, skipped, combinations: combinations.toSorted((x, y) => x.moves - y.moves) };
}

interface Bounds {
  readonly least: number;
  readonly most?: number;
  readonly whole?: boolean;
}

/** The default first, each value once; without a default in ascending order. */
function axis(
  name: string,
  standard: number | undefined,
  values: readonly number[],
  { least, most = Infinity, whole = false }: Bounds,
): readonly number[] {
  expectArray(`space.${name}`, values);
  const all = [...(standard === undefined ? [] : [standard]), ...values];
  for (const [index, value] of all.entries()) {
    if (typeof value !== "number" || !(value >= least && value <= most) || (whole && !Number.isSafeInteger(value))) {
      const range = most === Infinity ? `from ${least}` : `between ${least} and ${most}`;
      throw unexpected(
        `${index === 0 && standard !== undefined ? "standard" : "space"}.${name}`,
        `${whole ? "whole " : ""}numbers ${range}`,
        value,
      );
    }
  }
  if (all.length === 0) throw new ConfigError(`space.${name}: expected at least one value, received none`);
  const distinct = [...new Set(all)];
  return standard === undefined ? distinct.toSorted((a, b) => a - b) : distinct;
}

type Axes<T> = { readonly [K in keyof T]: readonly T[K][] };

/** Every combination of the values; the last axis changes fastest. */
function product<T extends object>(values: Axes<T>): readonly T[] {
  let all: Partial<T>[] = [{}];
  for (const name of Object.keys(values) as (keyof T)[]) {
    all = all.flatMap((partial) => values[name].map((value) => ({ ...partial, [name]: value })));
  }
  return all as T[];
}

function withoutAbsent(
  choice: Omit<TuningChoice, "topK" | "denseWeight" | "k1" | "b" | "rerank"> & {
    readonly [K in "denseWeight" | "k1" | "b" | "rerank"]: number | undefined;
  },
): Omit<TuningChoice, "topK"> {
  const { denseWeight, k1, b, rerank, ...rest } = choice;
  return {
    ...rest,
    ...(denseWeight !== undefined && { denseWeight }),
    ...(k1 !== undefined && { k1 }),
    ...(b !== undefined && { b }),
    ...(rerank !== undefined && { rerank }),
  };
}

function movesBetween(a: Omit<TuningChoice, "topK">, b: Omit<TuningChoice, "topK">): number {
  return axes.filter((name) => name !== "topK" && a[name] !== b[name]).length;
}
