import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { ConfigError, DocumentError, unexpected, type AdapterError } from "../errors.ts";
import { checkOptions, expectType } from "../options.ts";
import { checkCallOptions } from "../signal.ts";
import { checkPath, errorCode, fileError } from "./disk.ts";

/** Never worth searching: what others installed, what was built, what version control keeps. */
const skipped: ReadonlySet<string> = new Set(["node_modules", "dist", "coverage"]);

/**
 * The text files of a folder and its subfolders as documents, in the order of their ids; the id is the path with `/`.
 * Folders and files that start with a dot, `node_modules`, `dist` and `coverage` are passed over, links are not followed.
 *
 * @param options.extensions Default `.md` and `.txt`.
 * @param options.onRefused Gets each file that is not in UTF-8 or cannot be read, and the others go on; `sync` takes it for gone.
 *   Default: the first one is thrown.
 */
export async function* readFolder(
  folder: string,
  options: {
    readonly extensions?: readonly string[];
    readonly onRefused?: (error: DocumentError | AdapterError) => unknown;
    readonly signal?: AbortSignal;
  } = {},
): AsyncGenerator<{ readonly id: string; readonly text: string }, void, undefined> {
  checkOptions("readFolder", options, ["extensions", "onRefused", "signal"]);
  const { extensions = [".md", ".txt"], onRefused, signal } = options;
  checkPath("readFolder", folder);
  if (!Array.isArray(extensions) || !extensions.every((extension) => typeof extension === "string")) {
    throw unexpected("extensions", "an array of strings", extensions);
  }
  expectType("onRefused", onRefused, "function");
  checkCallOptions(options);
  const files = (await filesOf(folder, extensions)).map((path) => {
    return { id: relative(folder, path).split(sep).join("/"), path };
  });
  for (const { id, path } of files.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    signal?.throwIfAborted();
    const bytes = await readFile(path, signal === undefined ? {} : { signal }).catch((cause: unknown) => {
      // Node.js tells of an abort, and not why.
      signal?.throwIfAborted();
      return fileError("read", path, cause);
    });
    const text = bytes instanceof Uint8Array ? decode(bytes, { id, path }) : bytes;
    if (typeof text === "string") yield { id, text };
    else if (onRefused === undefined) throw text;
    else await onRefused(text);
  }
}

async function filesOf(folder: string, extensions: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    const code = errorCode(cause);
    if (code !== "ENOENT" && code !== "ENOTDIR") throw fileError("read", folder, cause);
    throw new ConfigError(`readFolder: ${folder} cannot be read as a folder`, { cause });
  });
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !skipped.has(entry.name)) {
      // Not spread: a call takes a hundred thousand arguments, a folder more files.
      for (const inner of await filesOf(path, extensions)) found.push(inner);
    } else if (
      entry.isFile() &&
      extensions.some((extension) => entry.name.toLowerCase().endsWith(extension.toLowerCase()))
    )
      found.push(path);
  }
  return found;
}

/** Replacing bytes that are no UTF-8 would change the text that citations point into. */
function decode(
  bytes: Uint8Array,
  { id, path }: { readonly id: string; readonly path: string },
): string | DocumentError {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    return new DocumentError(id, `${path}: expected a file in UTF-8, received other bytes`, { cause });
  }
}
