import { expect, test } from "vitest";
import { checkTitles } from "../../benchmarks/collection.ts";

test("a title that no chunk has room for is told by the id of its document, before any work", async () => {
  const documents = [
    { id: "a", text: "one", title: "short" },
    { id: "b", text: "one", title: "long ".repeat(200) },
    { id: "c", text: "one" },
  ];
  await expect(checkTitles(documents, "folder")).rejects.toThrow(
    /^folder: a document has a title as long as a chunk; shorten or leave out that of "b": .*size 600 leaves no room/,
  );
  await checkTitles(
    [documents[0], documents[2]].flatMap((one) => one ?? []),
    "folder",
  );
});
