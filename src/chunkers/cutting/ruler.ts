/** Measures stretches of one text against the size, with the title and context that they are indexed with. */
export interface Ruler {
  /** How far a piece from `start` can go at most. Exact in characters, else about. */
  reach(start: number): number;
  /** About where the last `units` before `end` begin, at least `floor`. */
  back(end: number, units: number, floor: number): number;
  /** About how many characters a full piece has. */
  readonly extent: number;
  /** Units of a stretch are `upTo(end) - before(start)`: exactly in characters, else about. */
  upTo(end: number): number;
  before(start: number): number;
  /** What `measure` counts, where a stretch is known to have these units by `upTo` and `before`. */
  sizeOf(start: number, end: number, units: number): number;
  /** Exactly whether a piece may be this stretch. */
  fits(start: number, end: number): boolean;
  /** What `measure` counts of a stretch that fits; of one that does not, more than the size. */
  wholeSize(start: number, end: number): number;
  /** The same, but what is well within the size is not counted again. */
  mayFit(start: number, end: number): boolean;
  /** The units of this stretch alone. */
  units(start: number, end: number): number;
  /** Exactly what counts: the units of the indexed text. */
  measure(start: number, end: number): number;
  /** The last place up to a position from which the rest of the text measures alike by itself. */
  restart(position: number): number;
  /** Whether what is measured up to a position is the same whatever comes behind the text. */
  settled(position: number): boolean;
  readonly size: number;
  /** Units for text. */
  readonly room: number;
  /** Whether `measure` counts tokens. */
  readonly tokens: boolean;
}

export interface Surroundings {
  readonly title?: string | undefined;
  readonly context?: string | undefined;
}

/** How a text is to be measured. */
export interface Measured {
  /** Nothing before is asked for. */
  readonly from: number;
  readonly size: number;
  /** Units for text. */
  readonly room: number;
  readonly around: Surroundings;
}
