import type { Terms } from "../types.ts";
import type { LogEntropy } from "./log-entropy.ts";
import { type Breathe, matrix, type Matrix } from "./matrix.ts";

/** Texts as rows of weighted terms, each of unit length: sparse, A in what follows. */
export interface TermMatrix {
  readonly rows: number;
  readonly columns: number;
  /** AX */
  times(right: Matrix): Promise<Matrix>;
  /** AᵀQ, written to `into`. */
  transposedTimes(right: Matrix, into: Matrix): Promise<void>;
}

/** A megabyte, of the hundreds that a large vocabulary takes. */
const clearedAtOnce = 2 ** 18;

export async function termMatrix(texts: readonly Terms[], weights: LogEntropy, breathe: Breathe): Promise<TermMatrix> {
  const starts = new Uint32Array(texts.length + 1);
  texts.forEach(({ ids }, row) => {
    starts[row + 1] = (starts[row] ?? 0) + ids.length;
  });
  const columns = new Uint32Array(starts[texts.length] ?? 0);
  const values = new Float32Array(columns.length);
  for (const [row, terms] of texts.entries()) {
    const start = starts[row] ?? 0;
    let squares = 0;
    const weighted = Array.from(terms.ids, (id, i) => {
      const column = weights.columnOf(id);
      const weight = weights.weightAt(column, terms.counts[i] ?? 0);
      columns[start + i] = column;
      squares += weight * weight;
      return weight;
    });
    // A text of terms that tell nothing stays zero.
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    for (const [i, weight] of weighted.entries()) values[start + i] = weight * scale;
    await breathe();
  }

  /** Row by row: adds `value` times a row of one matrix to a row of the other. */
  const eachEntry = async (width: number, add: (row: number, column: number, value: number) => void): Promise<void> => {
    for (let row = 0; row < texts.length; row++) {
      for (let entry = starts[row] ?? 0; entry < (starts[row + 1] ?? 0); entry++) {
        add(row * width, (columns[entry] ?? 0) * width, values[entry] ?? 0);
      }
      await breathe();
    }
  };

  return {
    rows: texts.length,
    columns: weights.terms,
    async times(right) {
      const product = matrix(texts.length, right.columns);
      await eachEntry(right.columns, (row, column, value) =>
        addScaled(product.values, row, right.values, column, value, right.columns),
      );
      return product;
    },
    async transposedTimes(right, into) {
      for (let at = 0; at < into.values.length; at += clearedAtOnce) {
        into.values.fill(0, at, at + clearedAtOnce);
        await breathe();
      }
      await eachEntry(right.columns, (row, column, value) =>
        addScaled(into.values, column, right.values, row, value, right.columns),
      );
    },
  };
}

/** target[at + i] += factor × source[from + i]: where most of the fit's time goes. */
function addScaled(
  target: Float32Array,
  at: number,
  source: Float32Array,
  from: number,
  factor: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) target[at + i] = (target[at + i] ?? 0) + factor * (source[from + i] ?? 0);
}
