import type { Block } from "../cutting/blocks.ts";
import type { Breaks } from "../text/breaks.ts";

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
