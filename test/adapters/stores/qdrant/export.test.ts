import { QdrantClient } from "@qdrant/js-client-rest";
import { expect, test } from "vitest";
import type { QdrantApiClient } from "../../../../adapters/stores/qdrant.ts";
import { open, rows } from "../../../../src/testing/store-rows.ts";
import { openEmulator } from "./engines.ts";

test("a document that goes while a page is read does not end the export", async () => {
  const { url, emptyStore, close } = await openEmulator();
  const real = new QdrantClient({ url, checkCompatibility: false });
  let before: (() => Promise<void>) | undefined;
  const client: QdrantApiClient = {
    api() {
      const calls = real.api();
      return {
        ...calls,
        async scrollPoints(payload: never) {
          const run = "with_vector" in payload ? before : undefined;
          if (run !== undefined) before = undefined;
          await run?.();
          return calls.scrollPoints(payload);
        },
      };
    },
  };
  const store = emptyStore({ client });
  const index = await open(store);
  const ids = Array.from({ length: 40 }, (_, number) => `guide ${number + 10}`);
  await index.write(...ids.flatMap((id) => rows(id, 1)));
  before = () => index.erase("guide 12");
  const exported: string[] = [];
  for (let after: string | undefined; ;) {
    const page = { limit: 8, ...(after !== undefined && { after }) };
    const answer = await store.export?.(index.scope, page, index.options);
    exported.push(...(answer?.chunks ?? []).map(({ documentId }) => documentId));
    after = answer?.next;
    if (after === undefined) break;
  }
  expect(exported).toEqual(ids.filter((id) => id !== "guide 12"));
  await close();
});
