import type { Block, Section } from "./blocks.ts";

interface HeadedBlock extends Block {
  readonly heading?: { readonly depth: number; readonly text: string };
}

/** The blocks under each path of headings. A heading without text of its own goes with the next one. */
export function* sectionsOf(blocks: readonly HeadedBlock[]): Generator<Section, void, undefined> {
  let path: { readonly depth: number; readonly text: string }[] = [];
  let section: Block[] = [];
  let bare: Section["bare"][number][] = [];
  let isBare = true;
  let headings: readonly string[] = [];
  for (const block of blocks) {
    if (block.heading) {
      const { depth, text } = block.heading;
      if (!isBare) {
        yield { headings, bare: bare.slice(0, -1), blocks: section };
        section = [];
        bare = [];
        isBare = true;
      }
      path = path.filter((outer) => outer.depth < depth);
      if (text !== "") path.push({ depth, text });
      headings = path.map((outer) => outer.text);
      bare.push({ start: block.start, end: block.end, headings });
    }
    isBare &&= block.heading !== undefined;
    section.push(block);
  }
  if (section.length > 0) yield { headings, bare: bare.slice(0, -1), blocks: section };
}
