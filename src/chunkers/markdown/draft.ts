import type { Block } from "../cutting/blocks.ts";
import type { Breaks } from "../text/breaks.ts";
import { proseBreaks } from "../text/nested-breaks.ts";
import type { HtmlStart } from "./html.ts";

export interface MarkdownBlock extends Block {
  readonly heading?: { readonly depth: number; readonly text: string } | undefined;
}

/** While it is being read, a block grows line by line. */
export type Draft = { -readonly [K in keyof Block]: K extends "children" ? Draft[] | undefined : Block[K] } & {
  heading?: { readonly depth: number; text: string } | undefined;
};
export type Parent = Draft & { children: Draft[] };

/** All have one shape, whatever they are: what is compiled for some is so for all. */
export function blockOf(start: number, end: number, breaks: Breaks): Draft {
  return {
    start,
    end,
    breaks,
    children: undefined,
    prose: false,
    lead: false,
    label: undefined,
    heading: undefined,
  };
}

export function parentOf(start: number, end: number, breaks: Breaks): Parent {
  const parent = blockOf(start, end, breaks) as Parent;
  parent.children = [];
  return parent;
}

/** A line of the paragraph that is being read. */
export interface ParagraphLine {
  start: number;
  end: number;
  indent: number;
  /** Where the line begins, with the marks of what it stands in. */
  mark: number;
}

/** What holds blocks: the text, a quote, an item of a list, a footnote. */
export interface Container {
  readonly kind: "text" | "quote" | "item" | "footnote";
  readonly block: Parent;
  /** Columns by which the lines of an item or a footnote are indented. */
  readonly width: number;
  /** The list at its end, with what marks the items. */
  list: { readonly mark: string; readonly block: Parent } | undefined;
}

/** The block that the last line was of, while it may go on. */
export interface Leaf {
  readonly kind: "none" | "paragraph" | "indented" | "fence" | "html" | "table";
  block: Draft;
  /** Whether the lines in it are taken as they are. */
  readonly verbatim: boolean;
  /** The mark that opened a fence. */
  readonly fence: string;
  /** How HTML began. */
  readonly html: HtmlStart | undefined;
  /** Of a table. */
  hasRows: boolean;
}

export function rootOf(): Container {
  return { kind: "text", block: parentOf(0, 0, proseBreaks), width: 0, list: undefined };
}

export function leafOf(kind: Leaf["kind"], block: Draft, fence = "", html?: HtmlStart): Leaf {
  const verbatim = kind === "indented" || kind === "fence" || kind === "html";
  return { kind, block, verbatim, fence, html, hasRows: false };
}

/** No line goes on with it. */
export const noLeaf: Leaf = /* @__PURE__ */ leafOf("none", /* @__PURE__ */ blockOf(0, 0, proseBreaks));

/** Whether the block at an index, which opens something, belongs to the one behind it: one such is enough above text. */
export function leads(blocks: readonly Draft[], index: number): boolean {
  const isSecond = index > 0 && (blocks[index - 1] as Draft).lead;
  return !isSecond && index + 1 < blocks.length && !(blocks[index + 1] as Draft).lead;
}
