import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AdapterError, ConfigError, DocumentError } from "../../src/errors.ts";
import { readFolder } from "../../src/node/folder.ts";
import { rejection } from "../rejection.ts";
import { untyped } from "../untyped.ts";
import { emptyFolder } from "./folders.ts";

test("the text files of a folder are documents, in the order of their paths", async () => {
  const folder = await emptyFolder();
  await mkdir(join(folder, "b", "node_modules"), { recursive: true });
  await writeFile(join(folder, "b", "two.TXT"), "two");
  await writeFile(join(folder, "b", "node_modules", "no.md"), "no");
  await writeFile(join(folder, "a.md"), "one");
  await writeFile(join(folder, ".hidden.md"), "no");
  await writeFile(join(folder, "c.json"), "no");
  const documents: unknown[] = [];
  for await (const document of readFolder(folder)) documents.push(document);
  expect(documents).toEqual([
    { id: "a.md", text: "one" },
    { id: "b/two.TXT", text: "two" },
  ]);
});

test.each([
  ["no path", () => untyped<string>(undefined), "expected a path, received undefined"],
  ["a folder that is not there", (folder: string) => join(folder, "none"), "none cannot be read as a folder"],
  ["a file", (folder: string) => join(folder, "a.md"), "a.md cannot be read as a folder"],
])("%s is a ConfigError", async (_, place, message) => {
  const folder = await emptyFolder();
  await writeFile(join(folder, "a.md"), "one");
  const reading = readFolder(place(folder)).next();
  await expect(reading).rejects.toThrow(ConfigError);
  await expect(reading).rejects.toThrow(message);
});

test("documents come in the order of their ids, folders among files", async () => {
  const folder = await emptyFolder();
  await mkdir(join(folder, "a"));
  for (const name of ["a.md", "a/x.md", "a-b.md", "b.md"]) await writeFile(join(folder, name), name);
  const ids: string[] = [];
  for await (const { id } of readFolder(folder)) ids.push(id);
  expect(ids).toEqual(["a-b.md", "a.md", "a/x.md", "b.md"]);
});

test("a file that cannot be read is an AdapterError, an abort its reason", async () => {
  const folder = await emptyFolder();
  for (const name of ["a.md", "b.md"]) await writeFile(join(folder, name), "one");
  const controller = new AbortController();
  const aborted = readFolder(folder, { signal: controller.signal });
  await aborted.next();
  const next = rejection(aborted.next());
  controller.abort("stop");
  expect(await next).toBe("stop");
  const documents = readFolder(folder);
  await documents.next();
  await rm(join(folder, "b.md"));
  const error = await rejection(documents.next());
  expect(error).toBeInstanceOf(AdapterError);
  expect(error).toHaveProperty(
    "message",
    expect.stringContaining(`could not read ${JSON.stringify(join(folder, "b.md"))}`),
  );
});

test("files that are refused are thrown, or handed over while the others go on", async () => {
  const folder = await emptyFolder();
  for (const name of ["a.md", "c.md", "d.md"]) await writeFile(join(folder, name), name);
  await writeFile(join(folder, "b.md"), new Uint8Array([0x43, 0xe9]));
  const thrown = readFolder(folder);
  expect(await thrown.next()).toMatchObject({ value: { id: "a.md" } });
  expect(await rejection(thrown.next())).toBeInstanceOf(DocumentError);
  const refused: unknown[] = [];
  const found: string[] = [];
  for await (const { id } of readFolder(folder, { onRefused: async (error) => refused.push(error) })) {
    if (id === "a.md") await rm(join(folder, "d.md"));
    found.push(id);
  }
  expect(found).toEqual(["a.md", "c.md"]);
  expect(refused).toMatchObject([
    { name: "DocumentError", documentId: "b.md", message: expect.stringMatching(/b\.md: expected a file in UTF-8/) },
    { name: "AdapterError", message: expect.stringMatching(/could not read .*d\.md/) },
  ]);
});

test.each([
  [{ extensions: [".md", 7] }, "extensions: expected an array of strings"],
  [{ onRefused: true }, "onRefused: expected a function, received true"],
  [{ signal: {} }, "signal: expected an AbortSignal, received an object"],
])("%j is refused", async (options, message) => {
  const reading = readFolder(await emptyFolder(), untyped(options)).next();
  await expect(reading).rejects.toThrow(ConfigError);
  await expect(reading).rejects.toThrow(message);
});
