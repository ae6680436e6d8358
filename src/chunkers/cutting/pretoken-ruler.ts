import type { Pretokens } from "../../tokens/pretokens.ts";
import { indexedText } from "../text/indexed-text.ts";
import type { Measured, Ruler } from "./ruler.ts";
import { isSpace } from "../text/space.ts";
import { firstAtLeast, interpolated } from "./sums.ts";
import { CHARACTERS } from "./token-ruler.ts";

export interface Counting {
  readonly count: (text: string) => number;
  readonly pretokensOf: (text: string) => Pretokens;
}

/** What is counted in parts inside a pretoken of more characters would be counted again and again. */
const LONG = 256;
/** How many more pretokens of the text are looked at to find where those of a slice meet them. */
const HEADS = [2, 8];
/** Tokens by which a count may be off that takes shares of pretokens. */
const NEAR = 8;

/** A text with its prefix sums. */
interface Summed extends Pretokens {
  readonly text: string;
  readonly counting: Counting;
  /** Places are asked for that are near the one before, of beginnings, of ends and of sums. */
  nearStart: number;
  nearEnd: number;
  nearSum: number;
  /** The last head that was asked for: `before` and `sizeOf` ask in a row. */
  headStart: number;
  head: Head;
}

/**
 * Where the pretokens from a place on meet those of the text, and how many tokens are between: about, where they are not
 * known to meet.
 */
interface Head {
  readonly end: number;
  readonly index: number;
  readonly tokens: number;
}

interface PretokenRuler extends Ruler {
  readonly of: Summed;
  /** What a text is indexed behind, and its tokens before text: at the end white space is cut otherwise. */
  readonly prefix: string;
  readonly frame: number;
}

/**
 * Rulers that measure by prefix sums. Tokens of a slice are those of the whole pretokens in it, and of the two that it cuts:
 * the last one is counted up to the end of the slice, and from its start pretokens are looked for until one ends where one
 * of the text does; from there on they are the same.
 */
export function pretokenRulers(text: string, counting: Counting): (of: Measured) => Ruler {
  const { ends, sums } = counting.pretokensOf(text);
  let letter: number | undefined;
  const of: Summed = {
    text,
    counting,
    ends,
    sums,
    nearStart: 0,
    nearEnd: 0,
    nearSum: 0,
    headStart: -1,
    head: { end: 0, index: 0, tokens: 0 },
  };
  return ({ size, room, around }) => {
    const prefix = indexedText({ title: around.title, context: around.context, text: "" });
    const frame = prefix === "" ? 0 : counting.count(`${prefix}a`) - (letter ??= counting.count("a"));
    const extent = CHARACTERS * room;
    const ruler: PretokenRuler = {
      of,
      prefix,
      frame,
      size,
      room,
      extent,
      tokens: true,
      // Written out: spreading takes longer than the measuring of a short text.
      reach,
      back,
      upTo,
      before,
      sizeOf,
      fits,
      wholeSize,
      mayFit,
      units,
      measure,
      restart,
      settled,
    };
    return ruler;
  };
}

// Functions of all rulers: what an engine has compiled for one of a single text is thrown away with it.

function reach(this: PretokenRuler, start: number): number {
  const { ends, sums } = this.of;
  const sum = sumBefore(this.of, start) + this.room + 1;
  return interpolated(sum, sums, ends, indexOfSum(this.of, sum));
}

/** At the end of a pretoken, which can be measured from at once. */
function back(this: PretokenRuler, end: number, tokens: number, floor: number): number {
  const { ends, sums } = this.of;
  const sum = Math.max(0, sumUpTo(this.of, end) - tokens);
  const index = indexOfSum(this.of, sum);
  const to = ends[index] as number;
  const from = index === 0 ? 0 : (ends[index - 1] as number);
  return Math.max(floor, to - from <= LONG ? to : interpolated(sum, sums, ends, index));
}

function upTo(this: PretokenRuler, end: number): number {
  const { ends, sums } = this.of;
  const index = indexOfEnd(this.of, end);
  const stop = ends[index] as number;
  if (stop <= end) return sums[index] as number;
  const start = ends[index - 1] as number;
  if (stop - start > LONG) return interpolated(end, ends, sums, index);
  return (sums[index - 1] as number) + countOf(this.of, start, end);
}

function before(this: PretokenRuler, start: number): number {
  const { index, tokens } = headOf(this.of, start);
  return (this.of.sums[index] as number) - tokens;
}

function sizeOf(this: PretokenRuler, start: number, end: number, tokens: number): number {
  return isExact(this.of, start, end) ? this.frame + tokens : this.measure(start, end);
}

function fits(this: PretokenRuler, start: number, end: number): boolean {
  return this.wholeSize(start, end) <= this.size;
}

function wholeSize(this: PretokenRuler, start: number, end: number): number {
  if (sumUpTo(this.of, end) - sumBefore(this.of, start) > 2 * this.room) return Infinity;
  return this.sizeOf(start, end, this.upTo(end) - this.before(start));
}

function mayFit(this: PretokenRuler, start: number, end: number): boolean {
  const about = sumUpTo(this.of, end) - sumBefore(this.of, start);
  if (Math.abs(about - this.room) > NEAR) return about < this.room;
  return this.upTo(end) - this.before(start) <= this.room;
}

function units(this: PretokenRuler, start: number, end: number): number {
  return countOf(this.of, start, end);
}

function measure(this: PretokenRuler, start: number, end: number): number {
  const { text, counting } = this.of;
  return counting.count(this.prefix + text.slice(start, end));
}

function restart(this: PretokenRuler, position: number): number {
  const { ends } = this.of;
  return ends[Math.max(0, firstAtLeast(ends, position + 1) - 1)] as number;
}

function settled(this: PretokenRuler, position: number): boolean {
  const { ends } = this.of;
  return position <= (ends[Math.max(0, ends.length - 3)] as number);
}

function countOf({ text, counting }: Summed, start: number, end: number): number {
  return counting.count(text.slice(start, end));
}

function indexOfStart(of: Summed, start: number): number {
  return (of.nearStart = firstAtLeast(of.ends, start, of.nearStart));
}

function indexOfEnd(of: Summed, end: number): number {
  return (of.nearEnd = firstAtLeast(of.ends, end, of.nearEnd));
}

function indexOfSum(of: Summed, sum: number): number {
  return (of.nearSum = firstAtLeast(of.sums, sum, of.nearSum));
}

function sumBefore(of: Summed, start: number): number {
  return interpolated(start, of.ends, of.sums, indexOfStart(of, start));
}

function sumUpTo(of: Summed, end: number): number {
  return interpolated(end, of.ends, of.sums, indexOfEnd(of, end));
}

function headOf(of: Summed, start: number): Head {
  if (of.headStart !== start) {
    of.headStart = start;
    of.head = findHead(of, start);
  }
  return of.head;
}

function findHead(of: Summed, start: number): Head {
  const { text, ends } = of;
  const index = indexOfStart(of, start);
  const end = ends[index] as number;
  if (end === start) return { end, index, tokens: 0 };
  // The usual case: a word or a mark without the space before it, or a clause without the stop before it.
  if (index > 0 && ends[index - 1] === start - 1) {
    const isKnown = isWordAt(text, start) ? end - start <= LONG : isMarkAt(text, start) && isNear(of, start, index + 1);
    if (isKnown) return { end, index, tokens: countOf(of, start, end) };
  }
  return farHead(of, start, index);
}

function farHead(of: Summed, start: number, index: number): Head {
  const { text, ends, counting } = of;
  for (const further of HEADS) {
    const stop = ends[Math.min(ends.length - 1, index + further)] as number;
    if (stop - start > LONG) break;
    const head = counting.pretokensOf(text.slice(start, stop));
    // The last ones may go on behind the slice.
    for (let at = 1; at < head.ends.length - 1; at++) {
      const meeting = start + (head.ends[at] as number);
      const same = firstAtLeast(ends, meeting, index);
      if (ends[same] === meeting) return { end: meeting, index: same, tokens: head.sums[at] as number };
    }
  }
  // Behind the text: an end that is no small integer would be compiled for anew.
  return { end: text.length + 1, index, tokens: (of.sums[index] as number) - sumBefore(of, start) };
}

/** Whether there is a pretoken here, and the one behind it ends soon. */
function isNear({ ends }: Summed, start: number, index: number): boolean {
  return index < ends.length && (ends[Math.min(ends.length - 1, index + 1)] as number) - start <= LONG;
}

/** Whether the tokens of a slice are those between, and no others where something stands before it. */
function isExact(of: Summed, start: number, end: number): boolean {
  const { text, ends } = of;
  const first = text.charCodeAt(start);
  // o200k takes a slash to the line end before it.
  if (first === 0x2f || isSpace(first) || isSpace(text.charCodeAt(end - 1))) return false;
  const index = indexOfEnd(of, end);
  const to = ends[index] as number;
  const from = to <= end ? to : (ends[index - 1] as number);
  return headOf(of, start).end <= from && to - from <= LONG;
}

/** Of scripts that no version of Unicode adds letters to: an engine and a tokenizer may go by different ones. */
const letter =
  /(?=[\u00c0-\u052f\u05d0-\u064a\u0904-\u0939\u0e01-\u0e46\u1e00-\u1fff\u3041-\u9fa5\uac00-\ud7a3])\p{L}/u;

/** Whether a word begins here behind a space or wide punctuation, which a pretoken has before its letters or not. */
function isWordAt(text: string, position: number): boolean {
  const last = text.charCodeAt(position - 1);
  const unit = text.charCodeAt(position);
  const isWide = (last >= 0x3001 && last <= 0x3003) || (last >= 0xff01 && last <= 0xff0f);
  if (last !== 0x20 && !isWide) return false;
  return unit < 0x80 ? isLetter(unit) : letter.test(text.charAt(position));
}

/** Whether marks of ASCII begin here behind a space, which a pretoken has before them or not; not one before letters. */
function isMarkAt(text: string, position: number): boolean {
  const next = position + 1 < text.length ? text.charCodeAt(position + 1) : 0;
  return text.charCodeAt(position - 1) === 0x20 && isMark(text.charCodeAt(position)) && next < 0x80 && !isLetter(next);
}

/** Of ASCII; not the apostrophe, which some words begin with. */
function isMark(unit: number): boolean {
  return unit > 0x20 && unit < 0x7f && unit !== 0x27 && !isLetter(unit) && !(unit >= 0x30 && unit <= 0x39);
}

function isLetter(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a);
}
