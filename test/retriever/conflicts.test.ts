import { describe, expect, test, vi } from "vitest";
import { wink } from "../../adapters/lexical/wink.ts";
import { AdapterError, createRetriever, type Retriever } from "../../src/index.ts";
import type { Store } from "../../src/types.ts";
import { wrapped } from "../testing/wrapped-store.ts";

describe("a document that other writers change all the time", () => {
  /** Refuses every write of it, so often. */
  const contended = (id: string, times: number, onConflict = (): void => undefined): Store =>
    wrapped((store) => ({
      async replace(change, options) {
        if (change.documents.some((document) => document.id === id) && times-- > 0) {
          onConflict();
          throw new AdapterError("test", "another writer", { code: "conflict", retryable: true });
        }
        return store.replace(change, options);
      },
    }));
  const documents = ["a", "b", "c", "d", "e"].map((id) => ({ id, text: `text ${id}` }));

  test("fails alone", async () => {
    const docs = createRetriever({ store: contended("c", Number.POSITIVE_INFINITY) });
    const report = await docs.index(documents, { onFailure: "collect" });
    expect(report.failed.map(({ documentId }) => documentId)).toEqual(["c"]);
    expect((await docs.list()).documentIds).toEqual(["a", "b", "d", "e"]);
  });

  test("is tried again after a while, so that two in step with each other do not meet again", async () => {
    const random = vi.spyOn(Math, "random").mockReturnValue(1);
    let others = 0;
    const seen: number[] = [];
    const onConflict = (): void => {
      seen.push(others);
      setTimeout(() => others++, 1);
    };
    const docs = createRetriever({ store: contended("a", 3, onConflict) });
    expect((await docs.index(documents.slice(0, 1))).documents.added).toBe(1);
    expect(seen).toEqual([0, 1, 2]);
    random.mockRestore();
  });
});

describe("a document that another call changes while those that match a filter are deleted", () => {
  const numbered = (year: number) =>
    Array.from({ length: 5 }, (_, n) => ({ id: `${n}`, text: "key", metadata: { year } }));
  const calls = {
    delete: (docs: Retriever) => docs.delete({ filter: { year: 2020 } }),
    sync: (docs: Retriever) => docs.sync([], { filter: { year: 2020 }, allowEmpty: true }),
  };

  test.each(
    (["delete", "sync"] as const).flatMap((call) => (["list", "read"] as const).map((after) => [call, after] as const)),
  )("stays, and is found, where it matches no more: %s, changed after %s", async (call, after) => {
    let meanwhile: (() => Promise<unknown>) | undefined;
    const store = wrapped((inner) => ({
      async [after](...given: never[]): Promise<unknown> {
        const answer = await (inner[after] as (...all: never[]) => Promise<unknown>)(...given);
        const change = meanwhile;
        meanwhile = undefined;
        await change?.();
        return answer;
      },
    }));
    const docs = createRetriever({ store, lexical: wink() });
    await docs.index([...numbered(2020), { id: "other", text: "key", metadata: { year: 2024 } }]);
    expect((await docs.search("key")).hits).toHaveLength(6);
    meanwhile = () => docs.index(numbered(2024).slice(1, 3));
    const result = await calls[call](docs);
    const { documents } = result;
    expect(typeof documents === "number" ? documents : documents.deleted).toBe(3);
    expect((await docs.list()).documentIds).toEqual(["1", "2", "other"]);
    const hits = async () => (await docs.search("key")).hits.map(({ chunk }) => chunk.documentId).toSorted();
    expect(await hits()).toEqual(["1", "2", "other"]);
    expect(await docs.delete({ filter: { year: 2024 } })).toEqual({ documents: 3, chunks: 3 });
    expect(await hits()).toEqual([]);
  });
});
