import { ConfigError, shown } from "../errors.ts";
import { vectorsFromBytes, type VectorIndex } from "../dense/vectors.ts";
import { type Bm25Index, bm25FromBytes } from "../lexical/bm25.ts";
import { callOptions, checkOptions } from "../options.ts";
import { withDeadline } from "../signal.ts";
import type { Analyzer, CallOptions } from "../types.ts";
import { readFileAt, writeAtomically } from "./atomic-file.ts";
import { checkPath } from "./snapshot-file.ts";

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
    throw new ConfigError(`saveIndex: expected an index with toBytes(), received ${shown(index)}`);
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

/** The index of `vectors` that `saveIndex` wrote; see `vectorsFromBytes`. */
export async function openVectors(path: string, options?: CallOptions): Promise<VectorIndex> {
  checkOptions("openVectors", options, callOptions);
  checkPath("openVectors", path);
  return vectorsFromBytes(await withDeadline("openVectors", options, () => readFileAt(path)));
}
