import type { Nodes, Root, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { frontmatterFromMarkdown } from "mdast-util-frontmatter";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { frontmatter } from "micromark-extension-frontmatter";
import { gfm } from "micromark-extension-gfm";
import type { Span } from "../../src/types.ts";

export type Found = Span & { readonly type: RootContent["type"] };
export interface Heading extends Span {
  readonly depth: number;
  readonly text: string;
}

/** Another reader of Markdown, to compare with: GitHub's, with front matter. */
export function parsed(text: string): Root {
  return fromMarkdown(text, {
    extensions: [gfm(), frontmatter(["yaml", "toml"])],
    mdastExtensions: [gfmFromMarkdown(), frontmatterFromMarkdown(["yaml", "toml"])],
  });
}

function spanOf({ position }: { readonly position?: Root["position"] | undefined }): Span {
  return { start: position?.start.offset ?? 0, end: position?.end.offset ?? 0 };
}

/** The headings that sections begin with, without the HTML in them. */
export function headingsOf(tree: Root): readonly Heading[] {
  return tree.children.flatMap((one) => {
    if (one.type !== "heading") return [];
    const words = wordsOf(one).replaceAll(/\s+/gu, " ").trim();
    return [{ depth: one.depth, text: words, ...spanOf(one) }];
  });
}

function wordsOf(node: Nodes): string {
  if (node.type === "html") return "";
  if (node.type === "break") return " ";
  if ("children" in node) return node.children.map(wordsOf).join("");
  if ("value" in node) return node.value;
  return "alt" in node ? (node.alt ?? "") : "";
}

/** Blocks with something in them that a cut would break, in whatever they stand. */
export function structures(tree: Root): readonly Found[] {
  const found: Found[] = [];
  const visit = (nodes: readonly RootContent[]): void => {
    for (const one of nodes) {
      if (["code", "list", "table", "blockquote"].includes(one.type)) found.push({ type: one.type, ...spanOf(one) });
      if (["list", "listItem", "blockquote", "footnoteDefinition"].includes(one.type) && "children" in one) {
        visit(one.children);
      }
    }
  };
  visit(tree.children);
  return found;
}
