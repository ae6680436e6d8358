import { numberTable } from "../lexical/number-table.ts";
import type { Terms } from "../types.ts";

/**
 * How much a term tells about a text, ln(1 + tf) × (1 + Σ p ln p / ln n), with p = tf / (how often the term stands
 * anywhere) over n texts (Dumais 1991): 1 for a term that stands in one text alone, 0 for one that is spread evenly.
 */
export interface LogEntropy {
  /** Terms known. */
  readonly terms: number;
  /** Of the term's column, or -1. Columns are counted in the order in which the terms were first seen. */
  columnOf(termId: number): number;
  idAt(column: number): number;
  /** By column: of these two it can be made again. */
  readonly ids: Uint32Array;
  readonly global: Float64Array;
  weightAt(column: number, count: number): number;
}

/** Counts texts, one after the other. */
export interface LogEntropyCounts {
  add(terms: Terms): void;
  weights(): LogEntropy;
}

/** Even spread comes to 0 only up to rounding, and what is scaled to unit length later must not be rounding. */
const negligible = 1e-12;

export function logEntropyCounts(): LogEntropyCounts {
  const columns = numberTable();
  const ids: number[] = [];
  const totals: number[] = [];
  /** Σ tf ln tf of each term: with it, Σ p ln p = Σ tf ln tf / total - ln total. */
  const sums: number[] = [];
  let texts = 0;

  return {
    add(terms) {
      texts++;
      for (let i = 0; i < terms.ids.length; i++) {
        const id = terms.ids[i] ?? 0;
        const count = terms.counts[i] ?? 0;
        let column = columns.get(id);
        if (column === -1) {
          column = ids.push(id) - 1;
          columns.set(id, column);
          totals.push(0);
          sums.push(0);
        }
        totals[column] = (totals[column] ?? 0) + count;
        sums[column] = (sums[column] ?? 0) + count * Math.log(count);
      }
    },
    weights() {
      const spread = Math.log(Math.max(texts, 2));
      const global = Float64Array.from(totals, (total, column) => {
        const weight = 1 + ((sums[column] ?? 0) / total - Math.log(total)) / spread;
        return weight > negligible ? weight : 0;
      });
      return logEntropy(Uint32Array.from(ids), global);
    },
  };
}

export function logEntropy(ids: Uint32Array, global: Float64Array): LogEntropy {
  const columns = numberTable();
  ids.forEach((id, column) => columns.set(id, column));
  return {
    terms: ids.length,
    ids,
    global,
    columnOf: (termId) => columns.get(termId),
    idAt: (column) => ids[column] ?? 0,
    weightAt: (column, count) => Math.log(1 + count) * (global[column] ?? 0),
  };
}
