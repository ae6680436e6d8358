import { ConfigError, quoted } from "../../errors.ts";
import { frameLength, indexedText } from "../text/indexed-text.ts";
import type { Ruler, Surroundings } from "./ruler.ts";
import type { Settings } from "./settings.ts";

/** The units that title and context leave for text; below 1 there are none. */
export function roomOf({ size, count }: Settings, around: Surroundings): number {
  if (!count) return size - frameLength(around);
  const none = count("");
  if (frameLength(around) === 0) return size - none;
  return size - Math.max(count(indexedText({ ...around, text: "" })), none);
}

/** The overlap of pieces in so much room: title and context take their share of it, so that every piece goes on. */
export function overlapOf({ size, overlap }: Settings, { room }: Ruler): number {
  return Math.floor((overlap * room) / size);
}

export type Rulers = (around: Surroundings, from?: number, room?: number) => Ruler;

/**
 * Rulers of one text, which is looked through once. Throws where title and context leave no room. What is before `from` is
 * not asked for; `room` is what `roomOf` answers.
 */
export function rulersOf(name: string, text: string, settings: Settings): Rulers {
  const { size, tokenRulers } = settings;
  let inTokens: ReturnType<NonNullable<typeof tokenRulers>> | undefined;
  return (around, from = 0, room = roomOf(settings, around)) => {
    if (room < 1) {
      const taken = `${size - room} ${tokenRulers ? "tokens" : "characters"}`;
      const what = around.title ? `the title ${quoted(around.title)} takes ${taken}` : `an empty text takes ${taken}`;
      throw new ConfigError(`${name}: size ${size} leaves no room for text: ${what}.`);
    }
    if (!tokenRulers) return characterRuler(size, room);
    inTokens ??= tokenRulers(text);
    return inTokens({ from, size, room, around });
  };
}

function characterRuler(size: number, room: number): Ruler {
  return {
    size,
    room,
    extent: room,
    tokens: false,
    reach,
    back,
    upTo: here,
    before: here,
    sizeOf: measure,
    fits,
    wholeSize: measure,
    mayFit: fits,
    units,
    measure,
    restart: here,
    settled,
  };
}

// Functions of all rulers: what an engine has compiled for one of a single text is thrown away with it.

function reach(this: Ruler, start: number): number {
  return start + this.room;
}

function fits(this: Ruler, start: number, end: number): boolean {
  return end - start <= this.room;
}

function measure(this: Ruler, start: number, end: number): number {
  return this.size - this.room + end - start;
}

const here = (position: number): number => position;
const back = (end: number, distance: number, floor: number): number => Math.max(floor, end - distance);
const units = (start: number, end: number): number => end - start;
const settled = (): boolean => true;
