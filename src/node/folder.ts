import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { ConfigError, unexpected } from "../errors.ts";
import { checkOptions } from "../options.ts";
import { errorCode, fileError } from "./disk.ts";

/** Never worth searching: what others installed, what was built, what version control keeps. */
const skipped: ReadonlySet<string> = new Set(["node_modules", "dist", "coverage"]);

/**
 * The text files of a folder and its subfolders as documents, in the order of their paths; the id is the path with `/`.
 * Folders and files that start with a dot, `node_modules`, `dist` and `coverage` are passed over, links are not followed.
 *
 * @param options.extensions Default `.md` and `.txt`.
 */
export async function* readFolder(
  folder: string,
  options: { readonly extensions?: readonly string[]; readonly signal?: AbortSignal } = {},
): AsyncGenerator<{ readonly id: string; readonly text: string }, void, undefined> {
  checkOptions("readFolder", options, ["extensions", "signal"]);
  const { extensions = [".md", ".txt"], signal } = options;
  if (typeof folder !== "string" || folder === "") {
    throw unexpected("readFolder", "the path of a folder", folder);
  }
  if (!Array.isArray(extensions)) throw unexpected("extensions", "an array", extensions);
  for (const path of await filesOf(folder, extensions)) {
    signal?.throwIfAborted();
    const bytes = await readFile(path, signal === undefined ? {} : { signal }).catch((cause: unknown) => {
      // Node.js tells of an abort, and not why.
      signal?.throwIfAborted();
      throw fileError("read", path, cause);
    });
    yield { id: relative(folder, path).split(sep).join("/"), text: decode(bytes, path) };
  }
}

async function filesOf(folder: string, extensions: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    const code = errorCode(cause);
    if (code !== "ENOENT" && code !== "ENOTDIR") throw fileError("read", folder, cause);
    throw new ConfigError(`readFolder: ${folder} cannot be read as a folder`, { cause });
  });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !skipped.has(entry.name)) found.push(...(await filesOf(path, extensions)));
    else if (
      entry.isFile() &&
      extensions.some((extension) => entry.name.toLowerCase().endsWith(extension.toLowerCase()))
    )
      found.push(path);
  }
  return found;
}

/** Replacing bytes that are no UTF-8 would change the text that citations point into. */
function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigError(`${path}: expected a file in UTF-8`, { cause });
  }
}
