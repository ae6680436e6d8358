import type { TuneOptions } from "./tuning-types.ts";

/** How far a tuning is, and how long it will take: a unit is a document to index or a query to search. */
export interface Pace {
  next(chunks: string): {
    readonly update: (phase: "index" | "search", done: number) => unknown;
    readonly end: () => unknown;
  };
}

export function paced(steps: number, documents: number, queries: number, report: TuneOptions["onProgress"]): Pace {
  const each = documents + queries;
  const total = steps * each;
  const started = performance.now();
  let finished = 0;
  // What comes from the cache takes no time and says nothing about the rest.
  let free = 0;
  const tell = (done: number, phase: "index" | "search" | "score", chunks: string): unknown => {
    const worked = done - free;
    const seconds = (performance.now() - started) / 1000;
    return report?.(done, total, {
      phase,
      chunks,
      ...(worked > 0 && { left: (seconds / worked) * (total - done) }),
    });
  };
  return {
    next(chunks) {
      let worked = false;
      return {
        update(phase, done) {
          worked = true;
          return tell(finished + (phase === "index" ? done : documents + done), phase, chunks);
        },
        end() {
          finished += each;
          if (!worked) free += each;
          return tell(finished, finished === total ? "score" : "search", chunks);
        },
      };
    },
  };
}
