import { describe, expect, test, vi } from "vitest";
import { AdapterError, createRetriever } from "../../src/index.ts";
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
