import type { IndexSpec, Store } from "../types.ts";
import type { Checks } from "./conformance.ts";
import { expectEqual, expectRejection, expectThat } from "./expectation.ts";
import { idsOf, open, row, rows, spec, terms, vector } from "./store-rows.ts";

/** Opening an index, and building a new one beside it. */
export const storeGenerations: Checks<Store> = {
  async "prepare opens one live index, again and again"(store) {
    const index = await open(store);
    await index.write(row("guide", 0));
    const again = await open(store);
    expectEqual(again.scope, index.scope, "scope of the second prepare");
    expectEqual(await again.count(), { documents: 1, chunks: 1 }, "count after the second prepare");
  },

  async "two prepares at once open one index"(store) {
    const [first, second] = await Promise.all([open(store), open(store)]);
    expectEqual(second.scope, first.scope, "scope of the other prepare");
  },

  async "prepare answers with the spec as stored"(store) {
    expectEqual((await open(store)).spec, spec, "spec when it is created");
    const guessed = { ...spec, lexical: { k1: 1.2, b: 0.75, averageLength: 99 } };
    expectEqual((await open(store, guessed)).spec, spec, "spec when it is opened with another average length");
  },

  async "opening without creating makes nothing"(store) {
    const options = { signal: new AbortController().signal, create: false };
    expectEqual(await store.prepare(spec, options), undefined, "answer where nothing is");
    await open(store, spec, true);
    expectEqual(await store.prepare(spec, options), undefined, "answer where nothing is published");
    const live = await open(store);
    const found = await store.prepare(spec, options);
    expectEqual(found?.generation, live.scope.generation, "generation that was found");
    const other = { ...spec, fingerprint: { ...spec.fingerprint, model: "other" } };
    const error = await expectRejection(store.prepare(other, options), "prepare with another fingerprint");
    expectThat(error instanceof Error && error.name === "FingerprintError", "a FingerprintError", error);
  },

  async "a leg that the spec lacks is refused"(store) {
    const { dense, lexical, ...neither } = spec;
    expectThat(dense !== undefined && lexical !== undefined, "a spec of both legs", spec);
    const index = await open(store, { ...neither, lexical });
    await index.write(row("guide", 0, { legs: { terms: terms({ 5: 1 }) } }));
    const answer = await index.search({ limit: 10, lexical: terms({ 5: 1 }) });
    expectEqual(idsOf(answer.lexical), [row("guide", 0).id], "lexical candidates");
    const search = index.search({ limit: 10, dense: { vector: vector(1, 0, 0, 0) } });
    expectUnsupported(await expectRejection(search, "a dense search without a dense leg"));

    const other = await open(store, { ...neither, dense }, true);
    await other.write(row("guide", 0, { legs: { vector: vector(1, 0, 0, 0) } }));
    const found = await other.search({ limit: 10, dense: { vector: vector(1, 0, 0, 0) } });
    expectEqual(idsOf(found.dense), [row("guide", 0).id], "dense candidates");
    const lexicalSearch = other.search({ limit: 10, lexical: terms({ 5: 1 }) });
    expectUnsupported(await expectRejection(lexicalSearch, "a lexical search without a lexical leg"));
  },

  async "a new field may appear"(store) {
    const { year, ...fewer } = spec.fields;
    expectThat(year !== undefined, "a field to leave out", spec.fields);
    const index = await open(store, { ...spec, fields: fewer });
    await index.write(row("old", 0));
    const again = await open(store);
    expectEqual([again.scope, again.spec], [index.scope, spec], "scope and spec");
    await again.write(row("new", 0, { metadata: { year: 2024 } }));
    const filter = { op: "range", field: "year", kind: "number", gt: 2000 } as const;
    expectEqual(idsOf(await again.list({ filter, limit: 10 })), ["new"], "documents by the new field");
  },

  async "another fingerprint is refused, naming both sides"(store) {
    await open(store);
    const { model, ...others } = spec.fingerprint;
    await expectRefusal(store, { ...spec, fingerprint: { ...others, model: "other" } }, model, "other");
    await expectRefusal(store, { ...spec, fingerprint: { ...spec.fingerprint, normalized: false } }, true, false);
  },

  async "a fingerprint with one key more or less is refused"(store) {
    await open(store);
    const { model, ...others } = spec.fingerprint;
    await expectRefusal(store, { ...spec, fingerprint: others }, model, undefined);
    await expectRefusal(store, { ...spec, fingerprint: { ...spec.fingerprint, prompt: "p" } }, undefined, "p");
  },

  async "another vector size, metric or tenancy is refused"(store) {
    await open(store);
    await expectRefusal(store, { ...spec, dense: { dimensions: 8, metric: "cosine" } }, 4, 8);
    await expectRefusal(store, { ...spec, dense: { dimensions: 4, metric: "dot" } }, "cosine", "dot");
    await expectRefusal(store, { ...spec, tenancy: true }, false, true);
  },

  async "other BM25 settings are refused"(store) {
    await open(store);
    await expectRefusal(store, { ...spec, lexical: { k1: 0.9, b: 0.75, averageLength: 6 } }, 1.2, 0.9);
    await expectRefusal(store, { ...spec, lexical: { k1: 1.2, b: 0.4, averageLength: 6 } }, 0.75, 0.4);
  },

  async "a field of another kind is refused"(store) {
    await open(store);
    const fields = { ...spec.fields, year: { kind: "string", array: false } } as const;
    await expectRefusal(store, { ...spec, fields }, "number", "string");
    const arrays = { ...spec.fields, product: { kind: "string", array: true } } as const;
    await expectRefusal(store, { ...spec, fields: arrays }, "string", "string[]");
  },

  async "a refused prepare leaves the index as it was"(store) {
    const index = await open(store);
    await index.write(row("guide", 0));
    await expectRefusal(store, { ...spec, dense: { dimensions: 8, metric: "cosine" } }, 4, 8);
    const again = await open(store);
    expectEqual([again.scope, again.spec], [index.scope, spec], "scope and spec");
    expectEqual(await index.count(), { documents: 1, chunks: 1 }, "count");
  },

  async "a fresh generation stands beside the live one"(store) {
    const live = await open(store);
    await live.write(row("guide", 0), row("old", 0));
    const fresh = await open(store, successor, true);
    expectThat(fresh.scope.generation !== live.scope.generation, "another generation", fresh.scope.generation);
    expectEqual(await fresh.count(), { documents: 0, chunks: 0 }, "count in the fresh generation");
    await fresh.write(
      row("guide", 0, { text: "rewritten", legs: successorLegs }),
      row("new", 0, { legs: successorLegs }),
    );

    expectEqual(await live.list({ limit: 10 }), listed("guide", "old"), "documents of the live generation");
    expectEqual((await live.read("guide"))[0]?.text, row("guide", 0).text, "text in the live generation");
    expectEqual((await fresh.read("guide"))[0]?.text, "rewritten", "text in the fresh generation");
    const answer = await live.search({ limit: 10, dense: { vector: vector(1, 0, 0, 0) }, lexical: terms({ 9: 1 }) });
    expectEqual(answer.dense?.length, 2, "dense candidates of the live generation");
    expectEqual(answer.lexical, [], "lexical candidates of the live generation");
    expectEqual((await open(store)).scope, live.scope, "live scope before publish");
  },

  async "publish switches, and the previous generation stays whole"(store) {
    const old = await open(store);
    await old.write(...rows("guide", 3));
    const fresh = await open(store, successor, true);
    await fresh.write(row("guide", 0, { legs: successorLegs }));
    await store.publish(fresh.scope.generation, old.options);

    const now = await open(store, successor);
    expectEqual([now.scope, now.spec], [fresh.scope, successor], "live scope and spec after publish");
    await expectRefusal(store, spec, "successor", spec.fingerprint["model"]);
    expectEqual(await fresh.count(), { documents: 1, chunks: 1 }, "count in the new generation");
    expectEqual(await old.count(), { documents: 1, chunks: 3 }, "count in the previous generation");
    const answer = await old.search({ limit: 10, dense: { vector: vector(1, 0, 0, 0) }, lexical: terms({ 1: 1 }) });
    expectEqual([answer.dense?.length, answer.lexical?.length], [3, 3], "candidates in the previous generation");
    await old.write(row("late", 0));
    expectEqual((await fresh.read("late")).length, 0, "rows of a late writer in the new generation");
  },

  async "whoever opens during publish gets one generation, whole"(store) {
    const old = await open(store);
    await old.write(...rows("guide", 2));
    const fresh = await open(store, spec, true);
    await fresh.write(...rows("guide", 3));
    const chunksOf = new Map([
      [old.scope.generation, 2],
      [fresh.scope.generation, 3],
    ]);
    const publishing = store.publish(fresh.scope.generation, old.options);
    const opened = Array.from({ length: 8 }, async () => {
      const now = await open(store);
      const { generation } = now.scope;
      expectEqual(await now.count(), { documents: 1, chunks: chunksOf.get(generation) }, `count of ${generation}`);
    });
    await Promise.all([publishing, ...opened]);
    expectEqual((await open(store)).scope.generation, fresh.scope.generation, "live generation afterwards");
  },

  async "publish names what it lets go of, where it names anything"(store) {
    const first = await open(store);
    await first.write(row("guide", 0));
    const answers: unknown[] = [];
    for (let round = 0; round < 2; round++) {
      const { scope, options } = await open(store, spec, true);
      answers.push(await store.publish(scope.generation, options));
      if (round > 0) answers.push(await store.publish(scope.generation, options));
    }
    if (answers.every((answer) => answer === undefined)) return;
    const isThere = await first.count().then(
      ({ chunks }) => chunks > 0,
      () => false,
    );
    expectEqual(answers, [[], isThere ? [] : [first.scope.generation], []], "generations that three calls let go of");
  },

  async "a first generation may be published"(store) {
    const fresh = await open(store, spec, true);
    await fresh.write(row("guide", 0));
    await store.publish(fresh.scope.generation, fresh.options);
    expectEqual((await open(store)).scope.generation, fresh.scope.generation, "live generation");
  },

  async "retire removes that generation alone"(store) {
    const old = await open(store);
    await old.write(...rows("guide", 2));
    const fresh = await open(store, spec, true);
    await fresh.write(...rows("guide", 3));
    await store.publish(fresh.scope.generation, old.options);
    await store.retire(old.scope.generation, old.options);
    expectEqual(await fresh.count(), { documents: 1, chunks: 3 }, "count in the live generation");
    expectEqual((await fresh.read("guide")).length, 3, "rows in the live generation");
    const rest = await old.count().catch(() => ({ documents: 0, chunks: 0 }));
    expectEqual(rest, { documents: 0, chunks: 0 }, "count in the retired generation, unless it rejects");
  },

  async "retiring an unpublished generation leaves the live one"(store) {
    const live = await open(store);
    await live.write(row("guide", 0));
    const fresh = await open(store, successor, true);
    await fresh.write(row("guide", 0, { legs: successorLegs }));
    await store.retire(fresh.scope.generation, live.options);
    expectEqual((await open(store)).scope.generation, live.scope.generation, "live generation");
    expectEqual(await live.count(), { documents: 1, chunks: 1 }, "count in the live generation");
  },
};

/** What an index is rebuilt for: another model, and vectors of another size. */
const successor: IndexSpec = {
  ...spec,
  fingerprint: { ...spec.fingerprint, model: "successor", dimensions: 3 },
  dense: { dimensions: 3, metric: "dot" },
};
const successorLegs = { vector: vector(0, 1, 0), terms: terms({ 9: 2 }) };

function listed(...documentIds: readonly string[]): readonly { id: string; hash: string }[] {
  return documentIds.map((id) => ({ id, hash: row(id, 0).documentHash }));
}

async function expectRefusal(store: Store, given: IndexSpec, stored: unknown, here: unknown): Promise<void> {
  const options = { signal: new AbortController().signal };
  const error = await expectRejection(store.prepare(given, options), "prepare with another spec");
  expectThat(error instanceof Error && error.name === "FingerprintError", "a FingerprintError", error);
  const differences = "differences" in error && Array.isArray(error.differences) ? error.differences : [];
  const named = differences.some(
    (difference: { stored?: unknown; given?: unknown }) =>
      mentions(difference.stored, stored) && mentions(difference.given, here),
  );
  expectThat(named, `a difference between ${String(stored)} stored and ${String(here)} given`, differences);
}

function expectUnsupported(error: unknown): void {
  expectThat(error instanceof Error && error.name === "UnsupportedError", "an UnsupportedError", error);
}

/** A difference may be told as the value alone or as the object that it stands in. */
function mentions(side: unknown, value: unknown): boolean {
  if (value === undefined) return side === undefined;
  return (JSON.stringify(side) ?? "").includes(JSON.stringify(value));
}
