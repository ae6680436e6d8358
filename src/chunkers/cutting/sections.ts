import type { Block, Section } from "./blocks.ts";

interface Heading {
  readonly depth: number;
  readonly text: string;
}

interface HeadedBlock extends Block {
  readonly heading?: Heading | undefined;
}

const none: Section["bare"] = [];

/** The blocks under each path of headings. A heading without text of its own goes with the next one. */
export function sectionsOf(blocks: readonly HeadedBlock[]): readonly Section[] {
  const sections: Section[] = [];
  const path: Heading[] = [];
  let headings: readonly string[] = [];
  let section: Block[] = [];
  /** The headings of the section but its last one, and that. */
  let bare: Section["bare"][number][] | undefined;
  let last: Block | undefined;
  let isBare = true;
  for (const block of blocks) {
    const { heading } = block;
    if (heading) {
      if (!isBare) {
        sections.push({ headings, bare: bare ?? none, blocks: section });
        section = [];
        bare = undefined;
        isBare = true;
      } else if (last) {
        bare ??= [];
        bare.push({ start: last.start, end: last.end, headings });
      }
      last = block;
      while (path.length > 0 && (path[path.length - 1] as Heading).depth >= heading.depth) path.pop();
      if (heading.text !== "") path.push(heading);
      headings = path.map(({ text }) => text);
    } else isBare = false;
    section.push(block);
  }
  if (section.length > 0) sections.push({ headings, bare: bare ?? none, blocks: section });
  return sections;
}
