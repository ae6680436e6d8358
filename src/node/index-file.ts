import { unexpected } from "../errors.ts";
import { type VectorIndex, vectorsFrom } from "../dense/vector-index.ts";
import { type Bm25Index, bm25FromBytes } from "../lexical/bm25.ts";
import { callOptions, checkOptions } from "../options.ts";
import { breather, finishedSlowly, pause, withDeadline } from "../signal.ts";
import type { Analyzer, CallOptions } from "../types.ts";
import { checkPath } from "./disk.ts";
import { readFileAt, writeAtomically } from "./atomic-file.ts";
import { type FileBytes, fileBytes } from "./file-bytes.ts";

/**
 * Writes an index of `bm25` or `vectors` into a file: the path holds what it held, or all of the new index, whenever the
 * process ends or the disk fails.
 *
 * @example await saveIndex(index, "index.bm25");
 */
export async function saveIndex(
  index: Pick<Bm25Index | VectorIndex, "toBytes">,
  path: string,
  options?: CallOptions,
): Promise<void> {
  checkOptions("saveIndex", options, callOptions);
  checkPath("saveIndex", path);
  // From untyped code anything may come.
  if (typeof (index as Partial<VectorIndex> | undefined)?.toBytes !== "function") {
    throw unexpected("saveIndex", "an index with toBytes()", index);
  }
  await withDeadline("saveIndex", options, (signal) => writeAtomically(path, [index.toBytes()], { signal }));
}

/** The index of `bm25` that `saveIndex` wrote; see `bm25FromBytes`. */
export async function openBm25(
  path: string,
  options: CallOptions & { /** The one it was made with. Default `english()`. */ readonly analyzer?: Analyzer } = {},
): Promise<Bm25Index> {
  checkOptions("openBm25", options, [...callOptions, "analyzer"]);
  checkPath("openBm25", path);
  const { analyzer, ...call } = options;
  const bytes = await withDeadline("openBm25", call, () => readFileAt(path));
  return bm25FromBytes(bytes, analyzer === undefined ? {} : { analyzer });
}

/**
 * The index of `vectors` that `saveIndex` wrote; see `vectorsFromBytes`.
 *
 * All of the file is checked, and the codes that a search goes through are in memory when the promise resolves. The values,
 * which decide among the best, follow within moments, or when something is written; until then a search reads those it needs,
 * and the file is kept open.
 */
export async function openVectors(path: string, options?: CallOptions): Promise<VectorIndex> {
  checkOptions("openVectors", options, callOptions);
  checkPath("openVectors", path);
  return withDeadline("openVectors", options, async (signal) => {
    signal.throwIfAborted();
    const file = fileBytes(path);
    try {
      const { index, rest } = await finishedSlowly(vectorsFrom(file), breather(signal));
      // Where the file can be read no more, a search that needs what is missing says so.
      void complete(rest, file).catch(() => undefined);
      return index;
    } catch (error) {
      file.close();
      throw error;
    }
  });
}

async function complete(rest: readonly (() => void)[], file: FileBytes): Promise<void> {
  const { signal } = new AbortController();
  await pause(0, signal);
  const breathe = breather(signal);
  for (const step of rest) {
    step();
    await breathe();
  }
  file.close();
}
