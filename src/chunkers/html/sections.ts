import type { Block, Section } from "../cutting/blocks.ts";

/** Cuts sections at what is hidden in them. Behind it a table goes on in a section of its own, which has its header. */
export function* shownSections(
  sections: Iterable<Section>,
  hides: (from: number, to: number) => boolean,
): Generator<Section, void, undefined> {
  /** Of blocks that are the rest of a larger one, by where they begin. */
  const labels = new Map<number, string>();
  for (const section of sections) {
    for (const group of groupsOf(section.blocks.flatMap((block) => [...partsOf(block)]))) {
      const label = labels.get(group[0]?.start ?? -1);
      yield { ...section, blocks: group, ...(label !== undefined && { label }) };
    }
  }

  /** The block in parts that have nothing hidden in them. */
  function* partsOf(block: Block): Generator<Block, void, undefined> {
    const { start, end, children, label } = block;
    if (!children || !hides(start, end)) {
      yield block;
      return;
    }
    for (const [index, group] of groupsOf(children.flatMap((child) => [...partsOf(child)])).entries()) {
      const part = { ...block, start: group[0]?.start ?? start, end: group.at(-1)?.end ?? end, children: group };
      if (index > 0 && label !== undefined && !labels.has(part.start)) labels.set(part.start, label);
      yield part;
    }
  }

  function groupsOf(blocks: readonly Block[]): readonly (readonly Block[])[] {
    const groups: Block[][] = [];
    for (const block of blocks) {
      const group = groups.at(-1);
      const before = group?.at(-1);
      const goesOn = before && !hides(before.end, block.start) && !labels.has(before.start) && !labels.has(block.start);
      if (group && goesOn) group.push(block);
      else groups.push([block]);
    }
    return groups;
  }
}
