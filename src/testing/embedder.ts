import type { Embedder } from "../types.ts";
import { casesOf, type Checks, type ConformanceCase } from "./conformance.ts";
import { expectAbort, expectEqual, expectThat } from "./expectation.ts";
import { hostileTexts } from "./texts.ts";

/** The whole `Embedder` port: a vector belongs to its text, whatever stands beside it. */
export function embedderSuite(make: () => Embedder): readonly ConformanceCase[] {
  return casesOf(make, [checks]);
}

const texts = [
  "Keys are rotated every ninety days.",
  "The harbor closes at dusk.",
  "A recipe for bread with rye and caraway.",
  "Quarterly revenue rose by four percent.",
  "The telescope was moved to the southern ridge.",
];
const roles = ["document", "query"] as const;
type Role = (typeof roles)[number];

const checks: Checks<Embedder> = {
  "the fingerprint and the limits are complete"({ fingerprint, limits, fusionWeight = 0.5 }) {
    const { provider, model, dimensions } = fingerprint;
    expectThat(provider !== "" && model !== "", "a provider and a model", fingerprint);
    expectThat(Number.isInteger(dimensions) && dimensions > 0, "a positive number of dimensions", dimensions);
    for (const [name, limit] of Object.entries(limits ?? {})) {
      expectThat(limit === undefined || limit > 0, `a positive limit of ${name}`, limit);
    }
    expectThat(fusionWeight >= 0 && fusionWeight <= 1, "a fusion weight between 0 and 1", fusionWeight);
  },

  async "each text has one vector of the declared size"(embedder) {
    for (const role of roles) {
      const given = batch(embedder);
      const vectors = await embedder.embed(given, { role });
      expectEqual(vectors.length, given.length, `number of vectors for the role ${role}`);
      for (const vector of vectors) {
        expectThat(vector instanceof Float32Array, "a Float32Array", vector);
        expectEqual(vector.length, embedder.fingerprint.dimensions, "size of a vector");
      }
    }
  },

  async "every number is finite, and a vector for cosines is not zero"(embedder) {
    for (const role of roles) {
      for (const vector of await embedder.embed(batch(embedder), { role })) {
        expectThat(vector.every(Number.isFinite), "finite numbers", vector);
        const metric = embedder.metric ?? "cosine";
        expectThat(metric !== "cosine" || vector.some((value) => value !== 0), "a vector with a direction", vector);
      }
    }
  },

  async "a text has the same vector alone and in a batch"(embedder) {
    for (const role of roles) {
      const together = await embedder.embed(batch(embedder), { role });
      for (const [index, text] of batch(embedder).entries()) {
        expectSameVector(together[index], await alone(embedder, text, role), `vector of text ${index} as a ${role}`);
      }
    }
  },

  async "the order of a batch is the order of the vectors"(embedder) {
    const given = batch(embedder);
    const vectors = await embedder.embed(given, { role: "document" });
    const reversed = await embedder.embed(given.toReversed(), { role: "document" });
    given.forEach((_, index) => {
      expectSameVector(reversed[given.length - 1 - index], vectors[index], `vector of text ${index} in another order`);
    });
  },

  async "different texts have different vectors"(embedder) {
    const vectors = await embedder.embed(batch(embedder), { role: "document" });
    vectors.forEach((vector, index) => {
      const same = vectors.findIndex((other) => distance(vector, other) <= tolerance(other));
      expectEqual(same, index, `first text with the vector of text ${index}`);
    });
  },

  async "the vectors of one call outlive the next"(embedder) {
    const [first = ""] = texts;
    const vector = await alone(embedder, first, "document");
    const before = Float32Array.from(vector);
    await embedder.embed(batch(embedder).toReversed(), { role: "document" });
    expectEqual(vector, before, "vector after another call");
  },

  async "a text given twice has two equal vectors"(embedder) {
    const twice = ["The harbor closes at dusk.", "The harbor closes at dusk."].slice(0, embedder.limits?.items);
    const vectors = await embedder.embed(twice, { role: "document" });
    expectEqual(vectors.length, twice.length, "number of vectors");
    expectSameVector(vectors.at(-1), vectors[0], "vector of the second");
  },

  async "no texts have no vectors"(embedder) {
    for (const role of roles) expectEqual(await embedder.embed([], { role }), [], "vectors");
  },

  async "hostile text is embedded like any other"(embedder) {
    for (const [name, text] of Object.entries(hostileTexts)) {
      // Shorter than the input limit of every model.
      const vector = await alone(embedder, text.slice(0, 300), "document");
      expectThat(vector.every(Number.isFinite), `finite numbers for the text of ${name}`, vector);
    }
  },

  async "the input is left as it was"(embedder) {
    const given = Object.freeze([...batch(embedder)]);
    await embedder.embed(given, Object.freeze({ role: "document" } as const));
    expectEqual(given, batch(embedder), "texts after the call");
  },

  async "an aborted call rejects with the caller's reason"(embedder) {
    for (const role of roles) {
      await expectAbort((signal) => embedder.embed(batch(embedder), { role, signal }), `embed as a ${role}`);
    }
  },
};

/** As many texts as the embedder takes at once: cutting batches is the core's business. */
function batch({ limits }: Embedder): readonly string[] {
  return texts.slice(0, limits?.items);
}

async function alone(embedder: Embedder, text: string, role: Role): Promise<Float32Array> {
  const vectors = await embedder.embed([text], { role });
  const [vector] = vectors;
  expectThat(vector !== undefined && vectors.length === 1, "one vector for one text", vectors.length);
  return vector;
}

function expectSameVector(received: Float32Array | undefined, expected: Float32Array | undefined, what: string): void {
  expectThat(received !== undefined && expected !== undefined, `${what} to be there`, received);
  const apart = distance(received, expected);
  if (!(apart <= tolerance(expected))) throw new Error(`${what}: expected the same vector, received one ${apart} away`);
}

function distance(a: Float32Array, b: Float32Array): number {
  return Math.hypot(...a.map((value, index) => value - (b[index] ?? Number.NaN)));
}

/** 1e-5 of the vector's length. */
function tolerance(vector: Float32Array): number {
  return 1e-5 * Math.hypot(...vector);
}
