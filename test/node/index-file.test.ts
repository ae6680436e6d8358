import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { vectors, vectorsFromBytes } from "../../src/dense/vectors.ts";
import { AdapterError, ConfigError, FingerprintError, SnapshotError } from "../../src/errors.ts";
import { unicode } from "../../src/index.ts";
import { bm25 } from "../../src/lexical/bm25.ts";
import { openBm25, openVectors, saveIndex } from "../../src/node/index.ts";
import { untyped } from "../untyped.ts";
import { emptyFolder } from "./folders.ts";

const texts = (): ReturnType<typeof bm25> => {
  const index = bm25();
  index.add("a", "the quick brown fox");
  index.add("b", "a lazy dog");
  return index;
};

describe("an index in a file", () => {
  test("of texts: searched and written to like the one that was saved", async () => {
    const path = join(await emptyFolder(), "index");
    await saveIndex(texts(), path);
    const opened = await openBm25(path);
    expect(opened.search("foxes")).toEqual(texts().search("foxes"));
    opened.update("b", "a fox too");
    await saveIndex(opened, path);
    expect((await openBm25(path)).search("foxes")).toEqual(opened.search("foxes"));
  });

  test("of vectors", async () => {
    const path = join(await emptyFolder(), "index");
    const index = vectors({ dimensions: 3 });
    index.add("a", Float32Array.of(1, 0, 0));
    index.add("b", Float32Array.of(0, 1, 0));
    await saveIndex(index, path);
    const query = Float32Array.of(1, 2, 0);
    expect((await openVectors(path)).search(query)).toEqual(index.search(query));
  });

  test("of many vectors: every damage is found when it is opened, and a file that takes its place changes nothing", async () => {
    const path = join(await emptyFolder(), "index");
    const index = vectors({ dimensions: 16 });
    const vectorOf = (seed: number): Float32Array =>
      Float32Array.from({ length: 16 }, (_, i) => Math.sin(seed * 7 + i * i));
    for (let i = 0; i < 2000; i++) index.add(`id ${i}`, vectorOf(i));
    await saveIndex(index, path);
    const opened = await openVectors(path);
    const whole = await readFile(path);
    await saveIndex(vectors({ dimensions: 16 }), path);
    for (let i = 0; i < 20; i++) expect(opened.search(vectorOf(i))).toEqual(index.search(vectorOf(i)));
    for (let at = 5; at < whole.length; at += 9973) {
      await writeFile(
        path,
        Uint8Array.from(whole, (byte, i) => (i === at ? byte ^ 64 : byte)),
      );
      await expect(openVectors(path)).rejects.toThrow(SnapshotError);
      await writeFile(path, whole.subarray(0, at));
      await expect(openVectors(path)).rejects.toThrow(SnapshotError);
    }
    for (let i = 0; i < 20; i++) expect(opened.search(vectorOf(i))).toEqual(index.search(vectorOf(i)));
    opened.add("new", vectorOf(3));
    expect(opened.search(vectorOf(3), { topK: 2 }).map(({ id }) => id)).toEqual(["id 3", "new"]);
  });

  test("an abort leaves the old file and nothing else", async () => {
    const folder = await emptyFolder();
    const path = join(folder, "index");
    await writeFile(path, "as it was");
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(saveIndex(texts(), path, { signal })).rejects.toThrow("enough");
    expect(await readdir(folder)).toEqual(["index"]);
    expect(await readFile(path, "utf8")).toBe("as it was");
    await expect(openBm25(path, { signal })).rejects.toThrow("enough");
    await expect(openVectors(path, { signal })).rejects.toThrow("enough");
  });

  test("another version is refused by its number, whatever it ends in", async () => {
    const path = join(await emptyFolder(), "index");
    const index = vectors({ dimensions: 2 });
    index.add("a", Float32Array.of(1, 2));
    const bytes = index.toBytes();
    const at = new TextEncoder().encode("groundline vectors\0").length;
    bytes[at] = (bytes[at] ?? 0) - 1;
    const padded = new Uint8Array(bytes.length + 4);
    padded.set(bytes);
    for (const other of [bytes, bytes.subarray(0, at + 1), padded]) {
      await writeFile(path, other);
      const named = `is of version ${bytes[at]}; this release of groundline reads version ${(bytes[at] ?? 0) + 1}.`;
      await expect(openVectors(path)).rejects.toThrow(named);
      expect(() => vectorsFromBytes(other)).toThrow(named);
    }
  });

  test("what cannot be is refused by its name", async () => {
    const folder = await emptyFolder();
    const path = join(folder, "index");
    await saveIndex(texts(), path);
    await expect(openBm25(path, { analyzer: unicode() })).rejects.toThrow(FingerprintError);
    await expect(openVectors(path)).rejects.toThrow(SnapshotError);
    await expect(openBm25(join(folder, "none"))).rejects.toThrow(AdapterError);
    await expect(saveIndex(texts(), "")).rejects.toThrow(ConfigError);
    await expect(saveIndex(untyped({}), path)).rejects.toThrow("saveIndex: expected an index with toBytes()");
    await expect(saveIndex(texts(), path, untyped({ fsync: false }))).rejects.toThrow('unknown option "fsync"');
    await expect(openBm25(path, untyped({ k1: 1 }))).rejects.toThrow('unknown option "k1"');
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 1));
    await expect(openBm25(path)).rejects.toThrow(SnapshotError);
  });
});
