import type { About } from "../collection.ts";
import type { MissCause, TuningReport } from "../../src/eval/index.ts";

/** What the report draws. Plain JSON. */
export interface Figures extends About {
  readonly search: string;
  /** What every score is: the share of the true spans, or of the relevant documents, that is found. */
  readonly score: "true spans found" | "relevant documents found";
  readonly unit: "characters" | "tokens";
  /** The budget at which one has to choose. */
  readonly budget: number;
  /** By chunk size. */
  readonly curves: readonly {
    readonly size: number;
    readonly points: readonly { readonly budget: number; readonly score: number }[];
  }[];
  readonly cells: readonly Cell[];
  readonly misses: readonly { readonly size: number; readonly causes: Readonly<Partial<Record<MissCause, number>>> }[];
  readonly difference: Difference;
  readonly tuning: TuningReport;
}

/** One chunk size with one topK, without a budget. */
export interface Cell {
  readonly size: number;
  readonly topK: number;
  readonly score: number;
  /** What an answer model would be given, on average, in the unit of the budget. */
  readonly context: number;
  /** Of a search: the median, in milliseconds. */
  readonly milliseconds: number;
}

/** Query by query: another chunk size less the default, inside the budget. */
export interface Difference {
  readonly size: number;
  readonly standard: number;
  readonly queries: readonly { readonly id: string; readonly difference: number }[];
  readonly mean: number;
  readonly interval: readonly [number, number];
  readonly p: number;
}
