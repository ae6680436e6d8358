import type { Span } from "../../types.ts";
import type { Breaks } from "../text/breaks.ts";

/** A part of a structured text. Blocks of one list lie in order; only white space stands between them. */
export interface Block {
  readonly start: number;
  readonly end: number;
  /** What it consists of, from its start to its end. Absent: it is cut by `breaks`. */
  readonly children?: readonly Block[] | undefined;
  /** How it is cut where it does not fit into a piece. */
  readonly breaks: Breaks;
  /** Running text, which may be cut although it fits. */
  readonly prose?: boolean;
  /** Belongs to the block behind it: no piece ends with it. */
  readonly lead?: boolean;
  /** What every piece but the first is indexed with when the block is cut: the header of a table, a signature. */
  readonly label?: string | undefined;
}

/** Blocks under one path of headings. */
export interface Section {
  readonly headings: readonly string[];
  /** The headings without text of their own that stand above the last one, each with its path. */
  readonly bare: readonly (Span & { readonly headings: readonly string[] })[];
  readonly blocks: readonly Block[];
  /** What every piece is indexed with besides: the label of the block that these are the rest of. */
  readonly label?: string;
}
