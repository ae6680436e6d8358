import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openaiEmbedder } from "../adapters/embedders/openai.ts";
import { indexedText } from "../src/chunkers/text/indexed-text.ts";
import type { EvalQuery } from "../src/eval/index.ts";
import { ConfigError, type Chunker, type Embedder, type SourceDocument } from "../src/index.ts";
import type { Arguments, Flag } from "./arguments.ts";

/** The embedders that a benchmark can use: an endpoint, or vectors that lie beside the collection. */

export type ModelFlag = "embedder-url" | "embedder-model" | "embedder-dimensions" | "embedder-key-env";

export const modelFlags: Readonly<Record<ModelFlag, Flag>> = {
  "embedder-url": { value: "URL", about: "endpoint of OpenAI's embeddings API, e.g. http://localhost:11434/v1" },
  "embedder-model": { value: "NAME", about: "its model" },
  "embedder-dimensions": { value: "N", about: "of its vectors, for a model that groundline does not know" },
  "embedder-key-env": { value: "VARIABLE", about: "environment variable that holds its key" },
};

export function endpointEmbedder(given: Arguments<ModelFlag>): Embedder | undefined {
  const model = given.value("embedder-model");
  const baseUrl = given.value("embedder-url");
  if (model === undefined) {
    const other = (Object.keys(modelFlags) as ModelFlag[]).find((flag) => given.value(flag) !== undefined);
    if (other !== undefined) throw new ConfigError(`--${other}: expected --embedder-model too`);
    return undefined;
  }
  const variable = given.value("embedder-key-env");
  const apiKey = variable === undefined ? undefined : process.env[variable];
  if (variable !== undefined && apiKey === undefined)
    throw new ConfigError(`--embedder-key-env: ${variable} is not set`);
  const [dimensions] = given.numbers("embedder-dimensions", 1);
  return openaiEmbedder({
    model,
    ...(baseUrl !== undefined && { baseUrl }),
    ...(apiKey !== undefined && { apiKey }),
    ...(dimensions !== undefined && { dimensions }),
  });
}

/** The document in one piece. */
export const wholeDocument: Chunker = Object.assign(
  ({ text }: { readonly text: string }) => (text === "" ? [] : [{ start: 0, end: text.length }]),
  { fingerprint: "whole" },
);

/**
 * Vectors of whole documents and of queries, computed beforehand: `minilm-docs.f32` and `minilm-queries.f32`, raw
 * little-endian float32 rows, each with the ids of its rows in `….ids.json`.
 */
export async function storedEmbedder(
  folder: string,
  documents: readonly SourceDocument[],
  queries: readonly EvalQuery[],
): Promise<Embedder | undefined> {
  if (!existsSync(join(folder, "minilm-docs.f32"))) return undefined;
  const ofDocuments = await readRows(folder, "minilm-docs");
  const ofQueries = await readRows(folder, "minilm-queries");
  const document = new Map(documents.map((each) => [indexedText(each), ofDocuments.get(each.id)]));
  const query = new Map(queries.map(({ id, text }) => [text, ofQueries.get(id)]));
  const [first] = ofDocuments.values();
  return {
    fingerprint: { provider: "stored", model: "all-MiniLM-L6-v2", dimensions: first?.length ?? 0 },
    embed: async (texts, { role }) =>
      texts.map((text) => {
        const row = (role === "query" ? query : document).get(text);
        if (row === undefined)
          throw new ConfigError(`No vector is stored for the ${role} ${JSON.stringify(text.slice(0, 80))}`);
        return row;
      }),
  };
}

async function readRows(folder: string, name: string): Promise<ReadonlyMap<string, Float32Array>> {
  const ids = JSON.parse(await readFile(join(folder, `${name}.ids.json`), "utf8")) as readonly string[];
  const bytes = await readFile(join(folder, `${name}.f32`));
  // A copy: a Buffer may start anywhere in its memory, floats may not.
  const values = new Float32Array(new Uint8Array(bytes).buffer);
  const dimensions = values.length / ids.length;
  if (!Number.isInteger(dimensions))
    throw new ConfigError(`${name}.f32 has ${values.length} numbers for ${ids.length} rows`);
  return new Map(ids.map((id, row) => [id, values.subarray(row * dimensions, (row + 1) * dimensions)]));
}
