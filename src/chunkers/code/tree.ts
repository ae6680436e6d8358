import type { Block } from "../cutting/blocks.ts";
import { lineBreaks } from "../text/nested-breaks.ts";
import { skipSpace, trimEnd } from "../text/space.ts";
import { branching, continuing } from "./syntax.ts";

/** What is called of a `Parser` of web-tree-sitter that has its language. */
export interface CodeParser {
  parse(text: string): { readonly rootNode: SyntaxPart; delete(): void } | null;
}

/** A named part of a program, as tree-sitter has it; offsets are in UTF-16 units. */
export interface SyntaxPart {
  readonly type: string;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly namedChildren: readonly (SyntaxPart | null)[];
  childForFieldName(name: string): SyntaxPart | null;
}

/** Parts nested deeper are not taken apart. */
const DEEPEST = 8;
/** How many parts a body may be wrapped in: `export`, decorators, the value of a variable, the function of a call. */
const WRAPPERS = 6;
/** What stands above a part and belongs to it. */
const notes = /comment|decorator|attribute_item|annotation|^marker/u;
const bodies =
  /^(?!.*param)(?:.*(?:body|block|suite|compound|_list$)|(?:object|array|dictionary|list|set|literal_value|token_tree|ERROR)$|preproc_(?:if|el))/u;

/** The blocks of a program by its grammar, or nothing where the parser gives up. */
export function treeBlocks(text: string, parser: CodeParser): readonly Block[] | undefined {
  const tree = parser.parse(text);
  if (tree === null) return undefined;
  try {
    return blocksIn(text, partsOf(tree.rootNode), { start: 0, end: text.length, depth: 0 });
  } finally {
    tree.delete();
  }
}

interface Body {
  readonly body: SyntaxPart;
  /** What is in it, and what of the same part is behind it. */
  readonly inside: readonly SyntaxPart[];
}

interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

function partsOf(part: SyntaxPart): readonly SyntaxPart[] {
  return part.namedChildren.filter((one) => one !== null);
}

/** Blocks from the start to the end of a stretch. What stands between two parts belongs to the one before. */
function blocksIn(text: string, parts: readonly SyntaxPart[], { start, end, depth }: Stretch): Block[] {
  const groups: { from: number; readonly part: SyntaxPart; readonly body: Body | undefined }[] = [];
  /** Where the comments begin that belong to the part behind them. */
  let above: number | undefined;
  let before = start;
  for (const part of parts) {
    const { startIndex: at, endIndex } = part;
    const isBeside = groups.length > 0 && above === undefined && lineEnds(text, before, at) === 0;
    if (lineEnds(text, before, at) > 1) above = undefined;
    if (notes.test(part.type)) {
      if (!isBeside) {
        above ??= at;
        if (!follows(text, endIndex)) groups.push({ from: above, part, body: undefined });
      }
    } else {
      const body = depth < DEEPEST ? bodyOf(part, text) : undefined;
      groups.push({ from: above ?? at, part, body });
      above = undefined;
    }
    before = endIndex;
  }
  if (above !== undefined && parts.length > 0)
    groups.push({ from: above, part: parts.at(-1) as SyntaxPart, body: undefined });

  const blocks: Block[] = [];
  for (const [index, { from, part, body }] of groups.entries()) {
    const first = index === 0 ? start : from;
    const last = trimEnd(text, groups[index + 1]?.from ?? end, first);
    const previous = blocks.at(-1);
    if (body) blocks.push(nested(text, { start: first, end: last, depth }, part, body));
    else if (previous?.prose && lineEnds(text, previous.end, first) < 2) {
      blocks[blocks.length - 1] = { ...previous, end: last };
    } else blocks.push({ start: skipSpace(text, first, last), end: last, breaks: lineBreaks, prose: true });
  }
  if (blocks.length > 0 || skipSpace(text, start, end) === end) return blocks;
  return [{ start: skipSpace(text, start, end), end: trimEnd(text, end, start), breaks: lineBreaks, prose: true }];
}

/** A part with its body in it: what stands above the body leads it, and is its label. */
function nested(text: string, { start, end, depth }: Stretch, part: SyntaxPart, { body, inside }: Body): Block {
  const first = inside[0]?.startIndex ?? body.endIndex;
  const from = Math.max(skipSpace(text, start, end), Math.min(part.startIndex, first));
  const head: Block = { start: from, end: trimEnd(text, first, from), breaks: lineBreaks, lead: true };
  const label = signature(text.slice(nameStart(part), body.startIndex));
  const children = [head, ...blocksIn(text, inside, { start: first, end, depth: depth + 1 })];
  const whole: Block = { start: from, end, breaks: lineBreaks, children, ...(label !== "" && { label }) };
  const above = skipSpace(text, start, from);
  if (above === from) return whole;
  // What fits without the comments above it is whole without them.
  const note: Block = { start: above, end: trimEnd(text, from, above), breaks: lineBreaks, lead: true };
  return { start: above, end, breaks: lineBreaks, children: [note, whole] };
}

/** Where a part begins without the decorators and attributes in it. */
function nameStart(part: SyntaxPart): number {
  const first = partsOf(part).find(({ type }) => !notes.test(type));
  const holds = first?.startIndex === part.startIndex || partsOf(part)[0] === first;
  return holds ? part.startIndex : (first?.startIndex ?? part.startIndex);
}

/** The body of a function, a class, a module or a branch that goes over lines, in what it may be wrapped in. */
function bodyOf(part: SyntaxPart, text: string): Body | undefined {
  let outer: SyntaxPart | undefined = part;
  for (let depth = 0; outer && depth < WRAPPERS; depth++) {
    const parts = partsOf(outer);
    const largest = largestOf(parts);
    const named = outer.childForFieldName("body") ?? outer.childForFieldName("consequence");
    // The arguments of a call say less than a class that it is of.
    const like = parts.findLast((one) => bodies.test(one.type) && 2 * lengthOf(one) >= lengthOf(largest ?? one));
    const body = bodies.test(outer.type) ? outer : (named ?? like);
    if (body && body.namedChildren.length > 0) {
      // Behind it: other branches.
      const inside = [
        ...partsOf(body),
        ...(body === outer ? [] : parts.filter((one) => one.startIndex >= body.endIndex)),
      ];
      return lineEnds(text, part.startIndex, body.endIndex) > 0 ? { body, inside } : undefined;
    }
    outer = largest && 2 * lengthOf(largest) > lengthOf(outer) ? largest : undefined;
  }
  return undefined;
}

function largestOf(parts: readonly SyntaxPart[]): SyntaxPart | undefined {
  let largest: SyntaxPart | undefined;
  for (const part of parts) if (!largest || lengthOf(part) > lengthOf(largest)) largest = part;
  return largest;
}

function lengthOf({ startIndex, endIndex }: SyntaxPart): number {
  return endIndex - startIndex;
}

/** What a part is announced by, without what opens its body and without attributes above it; empty for branches. */
function signature(head: string): string {
  const lines = head
    .split(/\r\n|\r|\n/u)
    .map((one) => one.trim())
    .filter((one) => one !== "");
  const named = lines.filter((one) => !/^[@#[]/u.test(one));
  const label = (named.length > 0 ? named : lines).join(" ").replace(/[\s{:=([]+$/u, "");
  const [word = ""] = /^\w*/u.exec(label) ?? [];
  return branching.has(word) || continuing.has(word) ? "" : shortened(label);
}

/** A signature without its parameters, or those of a template, where it is long: every piece of a body has it. */
function shortened(label: string): string {
  if (label.length <= LONGEST_SIGNATURE) return label;
  const [type] = /\b(?:class|struct|union|enum|concept)\s+\w[^<>]*$/u.exec(label) ?? [];
  return type ?? /^.*?(?!func\b)\b\w+(?=\s*\()/u.exec(label)?.[0] ?? label;
}

const LONGEST_SIGNATURE = 160;

/** Whether something follows a note directly, on the next line or the same. */
function follows(text: string, end: number): boolean {
  const next = skipSpace(text, end);
  return next < text.length && lineEnds(text, end, next) < 2;
}

function lineEnds(text: string, start: number, end: number): number {
  let count = 0;
  for (let position = start; position < end; position++) if (text.charCodeAt(position) === 10) count++;
  return count;
}
