import type { EvalQuery } from "../src/eval/index.ts";
import { ConfigError, recursive, type SourceDocument } from "../src/index.ts";
import { readBeir } from "../src/node/beir.ts";
import { seedFlag, splitFlag, type Arguments, type Flag } from "./arguments.ts";
import { countsOf, settingLines, settingOf, type Setting } from "./setting.ts";

/** What most benchmarks of quality are run on: a folder in BEIR's layout. */

export function collectionFlags(seedOf: string): Readonly<Record<"split" | "seed", Flag>> {
  return { split: splitFlag, seed: seedFlag(seedOf) };
}

/** What the figures depend on, for the output. */
export interface About {
  readonly setting: Required<Setting>;
  readonly split: string;
  readonly seed: number;
  readonly collection: { readonly documents: number; readonly queries: number; readonly missing: number };
}

/** The split's queries, or those of them that `choose` leaves. */
export async function collectionOf(
  given: Arguments<"split" | "seed">,
  choose: (queries: readonly EvalQuery[], seed: number) => readonly EvalQuery[] = (queries) => queries,
): Promise<{
  readonly documents: readonly SourceDocument[];
  readonly queries: readonly EvalQuery[];
  readonly seed: number;
  readonly about: About;
}> {
  const split = given.value("split") ?? "test";
  const [seed = 1] = given.numbers("seed", 0);
  const { documents: read, queries: all, missing } = await readBeir(given.operand, { split });
  // Nothing filters by metadata here, and a collection's may be none that a store can hold.
  const documents = read.map(({ id, text, title }) => ({ id, text, ...(title !== undefined && { title }) }));
  const queries = choose(all, seed);
  const setting = await settingOf(given.operand, split);
  const collection = { documents: documents.length, queries: queries.length, missing: missing.length };
  return { documents, queries, seed, about: { setting, split, seed, collection } };
}

/**
 * A title goes with every chunk: one that leaves no room for text in a chunk of the default size would end a measurement
 * after minutes of work, because scores over fewer documents compare unlike things.
 */
export async function checkTitles(documents: readonly SourceDocument[], folder: string): Promise<void> {
  const chunker = recursive();
  const bad: { readonly id: string; readonly cause: string }[] = [];
  for (const { id, title } of documents) {
    try {
      if (title !== undefined) await chunker({ text: "x", title });
    } catch (error) {
      bad.push({ id, cause: error instanceof Error ? error.message : String(error) });
    }
  }
  const [first] = bad;
  if (first === undefined) return;
  const many = bad.length === 1 ? "a document has" : `${bad.length} documents have`;
  throw new ConfigError(
    `${folder}: ${many} a title as long as a chunk; shorten or leave out that of ${JSON.stringify(first.id)}: ${first.cause}`,
  );
}

export function aboutLines({ setting, collection }: About): string {
  return `${settingLines(setting)}\n${countsOf(collection)}`;
}
