import type { SavedSegment, Segment } from "./segment.ts";
import type { Shape } from "./shape.ts";
import type { Slots } from "./slots.ts";

/** What codes are held in, for who saves them and brings them back. */
export interface Codes {
  readonly shape: Shape;
  readonly slots: Slots;
  readonly segments: Segment[];
  /** For each segment how many rows were written since its centre was taken, and of how many it was taken. */
  readonly written: { since: number; of: number }[];
  readonly make: (saved?: SavedSegment) => Segment;
}
