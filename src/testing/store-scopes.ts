import type { Store } from "../types.ts";
import type { Checks } from "./conformance.ts";
import { expectEqual, expectRejection, expectThat } from "./expectation.ts";
import { any, exists, not } from "./filter-rows.ts";
import { idsOf, open, row, type ScopedStore, spec, storedPart, terms, uuid, vector } from "./store-rows.ts";

/** Tenants: nothing is read, written, counted or learned across them, and `null` is a scope like any other. */
export const storeScopes: Checks<Store> = {
  async "tenants hold a document of the same id apart"(store) {
    const { acme, rival, unscoped } = await threeScopes(store);
    expectEqual(await acme.read("guide"), [storedPart(of("acme", "guide"))], "the document of one tenant");
    expectEqual(await rival.read("guide"), [storedPart(of("rival", "guide"))], "the document of the other");
    expectEqual(await unscoped.read("guide"), [storedPart(of("", "guide"))], "the document of no tenant");
  },

  async "no call reads across tenants"(store) {
    const { acme, rival, unscoped } = await threeScopes(store);
    const foreign = [of("rival", "guide").id, of("", "guide").id];
    expectEqual(await acme.readChunks(...foreign), [], "foreign chunks by id");
    expectEqual(await acme.read("rival only"), [], "foreign document by id");
    for (const [scope, ids] of [
      [acme, ["guide"]],
      [rival, ["guide", "rival only"]],
      [unscoped, ["guide"]],
      [acme.forTenant("nobody"), []],
    ] as const) {
      expectEqual(await scope.count(), { documents: ids.length, chunks: ids.length }, "count");
      expectEqual(idsOf(await scope.list({ limit: 1 })), ids, "listed documents");
      const answer = await scope.search({
        limit: 100,
        dense: { vector: vector(1, 0, 0, 0) },
        lexical: terms({ 1: 1 }),
      });
      const tenants = new Set(Array.from(answer.chunks.values(), ({ context }) => context));
      expectEqual([answer.dense?.length, answer.lexical?.length], [ids.length, ids.length], "candidates");
      expectEqual([...tenants], ids.length === 0 ? [] : [scope.scope.tenant ?? ""], "tenants of the rows");
    }
  },

  async "no filter reaches across tenants"(store) {
    const { acme } = await threeScopes(store);
    const wide = [{ op: "always" }, not({ op: "never" }), any(exists("product"), not(exists("product")))] as const;
    for (const filter of wide) {
      expectEqual(await acme.count(filter), { documents: 1, chunks: 1 }, "count");
      expectEqual(idsOf(await acme.list({ filter, limit: 10 })), ["guide"], "listed documents");
      const query = { limit: 10, filter, dense: { vector: vector(1, 0, 0, 0) }, lexical: terms({ 1: 1 }) };
      const answer = await acme.search(query);
      const ids = [of("acme", "guide").id];
      expectEqual([idsOf(answer.dense), idsOf(answer.lexical)], [ids, ids], "candidates");
    }
  },

  async "no write reaches across tenants"(store) {
    const { acme, rival, unscoped } = await threeScopes(store);
    await acme.erase("guide", "rival only");
    expectEqual(await acme.count(), { documents: 0, chunks: 0 }, "count of the tenant that deleted");
    await unscoped.write(row("guide", 0, { id: uuid("another of no tenant") }));
    expectEqual(await rival.count(), { documents: 2, chunks: 2 }, "count of the other tenant");
    expectEqual(await rival.read("guide"), [storedPart(of("rival", "guide"))], "the document of the other tenant");
  },

  async "kept legs of a foreign row are a conflict"(store) {
    const { acme, rival } = await threeScopes(store);
    const stolen = { ...of("rival", "rival only"), text: "stolen", legs: "kept" } as const;
    const error = await expectRejection(acme.write(stolen), "kept legs of another tenant's row");
    expectThat(error instanceof Error && "code" in error && error.code === "conflict", "a conflict", error);
    expectEqual(await rival.read("rival only"), [storedPart(of("rival", "rival only"))], "the foreign row");
    const fresh = await open(store, spec, true);
    const kept = fresh.forTenant("acme").write({ ...of("acme", "guide"), legs: "kept" });
    const other = await expectRejection(kept, "kept legs of another generation's row");
    expectThat(other instanceof Error && "code" in other && other.code === "conflict", "a conflict", other);
  },

  async "statistics and idf are those of the tenant"(store) {
    const { acme, rival } = await threeScopes(store);
    const query = { limit: 10, lexical: terms({ 1: 1, 2: 1 }), statistics: true };
    const before = await acme.search(query);
    expectEqual(before.statistics, { chunks: 1, frequencies: [1, 0] }, "statistics");
    const others = Array.from({ length: 30 }, (_, number) => of("rival", `another ${number}`));
    await rival.write(...others);
    const after = await acme.search(query);
    expectEqual(after.statistics, before.statistics, "statistics after another tenant's writes");
    expectEqual(after.lexical, before.lexical, "scores after another tenant's writes");
  },

  async "names of tenants are taken literally"(store) {
    const root = await open(store);
    const names = [
      "null",
      "undefined",
      "a",
      "A",
      "a ",
      "a%",
      "_",
      "*",
      "a'--",
      '{"a":1}',
      "a\\",
      "__proto__",
      "\u{1f642}",
    ];
    for (const name of names) await root.forTenant(name).write(of(name, "guide"));
    for (const name of names) {
      expectEqual(await root.forTenant(name).read("guide"), [storedPart(of(name, "guide"))], `document of ${name}`);
      expectEqual(await root.forTenant(name).count(), { documents: 1, chunks: 1 }, `count of ${name}`);
    }
    expectEqual(await root.count(), { documents: 0, chunks: 0 }, "count of no tenant");
  },

  async "an index that requires tenants holds them apart"(store) {
    const root = await open(store, { ...spec, tenancy: true });
    await root.forTenant("acme").write(of("acme", "guide"));
    await root.forTenant("rival").write(of("rival", "guide"), of("rival", "rival only"));
    expectEqual(await root.forTenant("acme").count(), { documents: 1, chunks: 1 }, "count of one tenant");
    expectEqual(await root.forTenant("rival").count(), { documents: 2, chunks: 2 }, "count of the other");
  },

  async "export gives the rows of one tenant"(store) {
    if (store.export === undefined) return;
    const { acme } = await threeScopes(store);
    const { chunks } = await store.export(acme.scope, { limit: 100 }, acme.options);
    expectEqual(idsOf(chunks), [of("acme", "guide").id], "exported ids");
  },
};

async function threeScopes(store: Store): Promise<Record<"acme" | "rival" | "unscoped", ScopedStore>> {
  const unscoped = await open(store);
  const [acme, rival] = [unscoped.forTenant("acme"), unscoped.forTenant("rival")];
  await acme.write(of("acme", "guide"));
  await rival.write(of("rival", "guide"), of("rival", "rival only"));
  await unscoped.write(of("", "guide"));
  return { acme, rival, unscoped };
}

/** A tenant's row, told by its context; the core makes chunk ids out of the tenant too. */
function of(tenant: string, documentId: string): ReturnType<typeof row> {
  return row(documentId, 0, { id: uuid(`${tenant} / ${documentId}`), context: tenant });
}
