import type { Pretokens } from "../../tokens/pretokens.ts";
import { frameLength, indexedText } from "../text/indexed-text.ts";
import type { Ruler, Surroundings } from "./ruler.ts";
import type { Measured } from "./settings.ts";
import { isSpace } from "../text/space.ts";
import { firstAtLeast, interpolated } from "./sums.ts";
import { countedBy } from "./token-ruler.ts";

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

/**
 * Where the pretokens from a place on meet those of the text, and how many tokens are between: about, where they are not
 * known to meet.
 */
interface Head {
  readonly end: number;
  readonly index: number;
  readonly tokens: number;
}

/**
 * Rulers that measure by prefix sums. Tokens of a slice are those of the whole pretokens in it, and of the two that it cuts:
 * the last one is counted up to the end of the slice, and from its start pretokens are looked for until one ends where one
 * of the text does; from there on they are the same.
 */
export function pretokenRulers(text: string, { count, pretokensOf }: Counting): (of: Measured) => Ruler {
  const { ends, sums } = pretokensOf(text);

  // Places are asked for that are near the one before, of beginnings, of ends and of sums.
  let nearStart = 0;
  let nearEnd = 0;
  let nearSum = 0;
  let letter: number | undefined;
  const indexOfStart = (start: number): number => (nearStart = firstAtLeast(ends, start, nearStart));
  const indexOfEnd = (end: number): number => (nearEnd = firstAtLeast(ends, end, nearEnd));
  const indexOfSum = (sum: number): number => (nearSum = firstAtLeast(sums, sum, nearSum));
  const sumBefore = (start: number): number => interpolated(start, ends, sums, indexOfStart(start));
  const sumUpTo = (end: number): number => interpolated(end, ends, sums, indexOfEnd(end));

  function upTo(end: number): number {
    const index = indexOfEnd(end);
    const sum = sums[index] as number;
    const stop = ends[index] as number;
    if (stop <= end) return sum;
    const start = ends[index - 1] as number;
    if (stop - start > LONG) return interpolated(end, ends, sums, index);
    return (sums[index - 1] as number) + count(text.slice(start, end));
  }

  /** Whether there is a pretoken here, and the one behind it ends soon. */
  function isNear(start: number, index: number): boolean {
    return index < ends.length && (ends[Math.min(ends.length - 1, index + 1)] as number) - start <= LONG;
  }

  function findHead(start: number): Head {
    const index = indexOfStart(start);
    const end = ends[index] as number;
    if (end === start) return { end, index, tokens: 0 };
    // The usual case: a word or a mark without the space before it, or a clause without the stop before it.
    if (ends[index - 1] === start - 1) {
      const isKnown = isWordAt(text, start) ? end - start <= LONG : isMarkAt(text, start) && isNear(start, index + 1);
      if (isKnown) return { end, index, tokens: count(text.slice(start, end)) };
    }
    for (const further of HEADS) {
      const stop = ends[Math.min(ends.length - 1, index + further)] as number;
      if (stop - start > LONG) break;
      const head = pretokensOf(text.slice(start, stop));
      // The last ones may go on behind the slice.
      for (let at = 1; at < head.ends.length - 1; at++) {
        const meeting = start + (head.ends[at] as number);
        const same = firstAtLeast(ends, meeting, index);
        if (ends[same] === meeting) return { end: meeting, index: same, tokens: head.sums[at] as number };
      }
    }
    // Behind the text: an end that is no small integer would be compiled for anew.
    return { end: text.length + 1, index, tokens: (sums[index] as number) - sumBefore(start) };
  }

  // Asked for twice in a row: by `before` and by `sizeOf`.
  let recent: { readonly start: number; readonly head: Head } | undefined;
  function headOf(start: number): Head {
    if (recent?.start !== start) recent = { start, head: findHead(start) };
    return recent.head;
  }

  function before(start: number): number {
    const { index, tokens } = headOf(start);
    return (sums[index] as number) - tokens;
  }

  /** Whether the tokens of a slice are those between, and no others where something stands before it. */
  function isExact(start: number, end: number): boolean {
    const first = text.charCodeAt(start);
    // o200k takes a slash to the line end before it.
    if (first === 0x2f || isSpace(first) || isSpace(text.charCodeAt(end - 1))) return false;
    const index = indexOfEnd(end);
    const to = ends[index] as number;
    const from = to <= end ? to : (ends[index - 1] as number);
    return headOf(start).end <= from && to - from <= LONG;
  }

  const positionOf = (sum: number): number => interpolated(sum, sums, ends, indexOfSum(sum));

  /** At the end of a pretoken, which can be measured from at once. */
  function back(end: number, units: number, floor: number): number {
    const sum = Math.max(0, sumUpTo(end) - units);
    const index = indexOfSum(sum);
    const to = ends[index] as number;
    const from = index === 0 ? 0 : (ends[index - 1] as number);
    return Math.max(floor, to - from <= LONG ? to : interpolated(sum, sums, ends, index));
  }

  const restart = (position: number): number => ends[Math.max(0, firstAtLeast(ends, position + 1) - 1)] as number;
  const settled = (position: number): boolean => position <= (ends[Math.max(0, ends.length - 3)] as number);

  /** As it counts before text: at the end white space is cut otherwise. */
  function frameTokens(around: Surroundings): number {
    letter ??= count("a");
    return count(indexedText({ ...around, text: "a" })) - letter;
  }

  return (of) => {
    const { size, room, around } = of;
    const { measure, units, extent } = countedBy(text, of, count);
    const frame = frameLength(around) === 0 ? 0 : frameTokens(around);

    function sizeOf(start: number, end: number, tokens: number): number {
      return isExact(start, end) ? frame + tokens : measure(start, end);
    }

    function wholeSize(start: number, end: number): number {
      if (sumUpTo(end) - sumBefore(start) > 2 * room) return Infinity;
      return sizeOf(start, end, upTo(end) - before(start));
    }

    function mayFit(start: number, end: number): boolean {
      const about = sumUpTo(end) - sumBefore(start);
      return Math.abs(about - room) > NEAR ? about < room : upTo(end) - before(start) <= room;
    }

    // Written out: spreading takes longer than the measuring of a short text.
    return {
      extent,
      units,
      measure,
      size,
      room,
      tokens: true,
      reach: (start) => positionOf(sumBefore(start) + room + 1),
      upTo,
      before,
      sizeOf,
      back,
      fits: (start, end) => wholeSize(start, end) <= size,
      wholeSize,
      mayFit,
      restart,
      settled,
    };
  };
}

/** Of scripts that no version of Unicode adds letters to: an engine and a tokenizer may go by different ones. */
const letter =
  /(?=[\u00c0-\u052f\u05d0-\u064a\u0904-\u0939\u0e01-\u0e46\u1e00-\u1fff\u3041-\u9fa5\uac00-\ud7a3])\p{L}/u;

/** Whether a word begins here behind a space or wide punctuation, which a pretoken has before its letters or not. */
function isWordAt(text: string, position: number): boolean {
  const [before, unit] = [text.charCodeAt(position - 1), text.charCodeAt(position)];
  const isWide = (before >= 0x3001 && before <= 0x3003) || (before >= 0xff01 && before <= 0xff0f);
  if (before !== 0x20 && !isWide) return false;
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
