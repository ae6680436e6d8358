import type { FoundRows, RowQuery, VectorRows } from "../dense/rows.ts";
import { fitLatent, type LatentModel } from "../latent/model.ts";
import { abortable, breather } from "../signal.ts";
import type { Terms } from "../types.ts";
import type { LatentOptions } from "./latent-options.ts";

/** The dense leg of one partition that is fitted on the partition's own terms. */
export interface LatentLeg {
  /** To be told of each row whose terms are other ones now, or gone. */
  changed(row: number): void;
  /**
   * Fits the model where that is due.
   *
   * Due is the first fit, and another one when half of the rows are newer than the last, as when their number doubled.
   * Meanwhile new rows are folded in. A fit goes on when the search that waits for it is aborted: the next one needs it.
   */
  ready(documents: number, signal: AbortSignal): Promise<void>;
  /** Why it cannot take part in a search at this moment, if it cannot. */
  absence(documents: number): string | undefined;
  /** What it was fitted to. */
  readonly model: LatentModel | undefined;
  /** Takes a model that was fitted elsewhere, before there are rows. */
  restore(model: LatentModel): void;
  isFitted(row: number): boolean;
  /** The row was there when the model was fitted. */
  fitted(row: number): void;
  /** By cosine. Like `VectorRows.search`. */
  search(query: Terms, options: RowQuery): Generator<void, FoundRows, undefined>;
}

interface Fitted {
  readonly model: LatentModel;
  readonly vectors: VectorRows;
}

export function latentLeg(
  options: Required<LatentOptions> & {
    /** As they are at this moment. */
    readonly termsOf: (row: number) => Terms | undefined;
    readonly vectorRows: (dimensions: number) => VectorRows;
  },
): LatentLeg {
  const { dimensions, minDocuments, termsOf, vectorRows } = options;
  const rows = new Set<number>();
  /** Rows that the last fit did not see. */
  const unseen = new Set<number>();
  let fitted: Fitted | undefined;
  let fitting: Promise<void> | undefined;
  /** While the vectors of a new model are made: rows without theirs. */
  let stale: Set<number> | undefined;

  const place = ({ model, vectors }: Fitted, row: number): void => {
    const terms = termsOf(row);
    const vector = terms && model.project(terms);
    if (vector === undefined) vectors.delete(row);
    else vectors.set(row, vector);
  };
  function* texts(): Generator<Terms, void, undefined> {
    for (const row of rows) {
      const terms = termsOf(row);
      if (terms !== undefined) yield terms;
    }
  }
  const over = (model: LatentModel): Fitted => ({ model, vectors: vectorRows(Math.max(model.dimensions, 1)) });
  const fit = async (): Promise<void> => {
    const due = [...unseen];
    unseen.clear();
    try {
      const breathe = breather(new AbortController().signal);
      const model = await fitLatent(texts(), { dimensions, breathe });
      const next = over(model);
      stale = new Set(rows);
      for (const row of stale) {
        stale.delete(row);
        place(next, row);
        await breathe();
      }
      // Nothing is stale at this moment, and nobody has run since.
      fitted = next;
    } catch (error) {
      // Still due: the next search tries again, not only one after the rows have doubled once more.
      for (const row of due) if (rows.has(row)) unseen.add(row);
      throw error;
    } finally {
      stale = undefined;
      fitting = undefined;
    }
  };

  return {
    changed(row) {
      if (termsOf(row) === undefined) {
        rows.delete(row);
        unseen.delete(row);
      } else {
        rows.add(row);
        unseen.add(row);
      }
      stale?.add(row);
      if (fitted !== undefined) place(fitted, row);
    },
    async ready(documents, signal) {
      if (documents < minDocuments) return;
      if (fitted !== undefined && unseen.size * 2 < rows.size) return;
      fitting ??= fit();
      await abortable(fitting, signal);
    },
    absence(documents) {
      if (documents < minDocuments) {
        return `the latent leg needs ${minDocuments} documents to learn from, and there are ${documents}`;
      }
      return fitted === undefined ? "the latent leg was not fitted yet when this search began" : undefined;
    },
    get model() {
      return fitted?.model;
    },
    restore(model) {
      fitted = over(model);
    },
    isFitted: (row) => !unseen.has(row),
    fitted(row) {
      unseen.delete(row);
    },
    *search(query, rowQuery) {
      const vector = fitted?.model.project(query);
      if (fitted === undefined || vector === undefined) return { rows: new Uint32Array(), scores: new Float64Array() };
      return yield* fitted.vectors.search(vector, rowQuery);
    },
  };
}
