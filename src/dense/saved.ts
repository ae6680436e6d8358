import type { Place } from "./kernels/checksum.ts";
import type { Unread } from "./unread-values.ts";

/** What was saved, to be read from the front. */
export interface SavedBytes {
  readonly length: number;
  /** Fills `into` with the next ones; `place` tells of the memory it is a view of, where kernels can look at them too. */
  next(into: Uint8Array, place?: Place): void;
  /** Where they can be read as long as it is wanted: what leaves them there. */
  readonly unread: Unread | undefined;
  /** Passes so many over, to be read when they are wanted. */
  later(length: number): (from: number, into: Uint8Array) => void;
}

/** Little-endian, as every platform that runs JavaScript is. */
export interface Saved {
  /** As they were given, or as codes. */
  readonly plain: boolean;
  readonly size: number;
  /** One after the other they are the bytes. Of several, each is a multiple of 128 long. */
  readonly parts: readonly Uint8Array[];
}
