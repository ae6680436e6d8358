import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { lstat, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, join, relative } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { AdapterError } from "../../src/errors.ts";
import { readFileAt, writeAtomically } from "../../src/node/atomic-file.ts";
import { thisProcess } from "../../src/node/running.ts";
import { rejection } from "../rejection.ts";
import { faultyDisk } from "./faulty-disk.ts";
import { emptyFolder } from "./folders.ts";

const before = new TextEncoder().encode("as it was");
const after = [new TextEncoder().encode("as it "), new TextEncoder().encode("will be")];

describe("a file written atomically", () => {
  test("holds all parts, and nothing is left beside it", async () => {
    const folder = await emptyFolder();
    const path = join(folder, "file");
    await writeAtomically(path, [before]);
    await writeAtomically(path, after);
    expect(new TextDecoder().decode(await readFileAt(path))).toBe("as it will be");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  test("lies where a path says that begins at the working directory", async () => {
    const folder = await emptyFolder();
    await writeAtomically(relative(process.cwd(), join(folder, "file")), [before]);
    expect(await readdir(folder)).toEqual(["file"]);
  });

  test.each(["ENOSPC", "EIO"] as const)("%s at any call: the old bytes, a typed error, no rest", async (fault) => {
    const healthy = faultyDisk();
    await writeAtomically(join(await emptyFolder(), "file"), after, { files: healthy });
    for (const failing of healthy.calls.keys()) {
      const folder = await emptyFolder();
      const path = join(folder, "file");
      await writeAtomically(path, [before]);
      const files = faultyDisk({ failing: (_, call) => (call === failing ? fault : undefined) });
      const error: unknown = await writeAtomically(path, after, { files }).catch((reason: unknown) => reason);
      const call = healthy.calls[failing];
      // What others left is swept where that can be done.
      if (call === "names") expect(error, call).toBeUndefined();
      else expect(error, call).toBeInstanceOf(AdapterError);
      const replaced = call === "names" || call === "sync folder";
      expect(await readFile(path, "utf8"), call).toBe(replaced ? "as it will be" : "as it was");
      expect(await readdir(folder), call).toEqual(["file"]);
    }
  });

  test("a symbolic link stays one, and what it leads to is written, there already or not", async () => {
    const [folder, links] = [await emptyFolder(), await emptyFolder()];
    const link = join(links, "link");
    await symlink(join("..", basename(folder), "file"), link);
    for (const parts of [[before], after]) {
      await writeAtomically(link, parts);
      expect((await lstat(link)).isSymbolicLink()).toBe(true);
      expect(await readFile(join(folder, "file"))).toEqual(Buffer.concat(parts));
    }
    expect([await readdir(folder), await readdir(links)]).toEqual([["file"], ["link"]]);
  });

  test("a short write goes on", async () => {
    const path = join(await emptyFolder(), "file");
    await writeAtomically(path, after, { files: faultyDisk({ failing: () => "short write" }) });
    expect(await readFile(path, "utf8")).toBe("as it will be");
  });

  test("an abort between parts leaves the old bytes", async () => {
    const folder = await emptyFolder();
    const path = join(folder, "file");
    await writeAtomically(path, [before]);
    const controller = new AbortController();
    const reason = new Error("enough");
    function* parts(): Generator<Uint8Array> {
      yield* after;
      controller.abort(reason);
      yield before;
    }
    await expect(writeAtomically(path, parts(), { signal: controller.signal })).rejects.toBe(reason);
    expect(await readFile(path, "utf8")).toBe("as it was");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  test("what a process that is gone left behind is swept, what others work on stays", async () => {
    const folder = await emptyFolder();
    const path = join(folder, "file");
    await writeAtomically(path, [before]);
    const other = await readdir(folder);
    const { pid } = await thisProcess();
    const { pid: gone } = spawnSync(process.execPath, ["-e", ""]);
    let mine = "";
    async function* parts(): AsyncGenerator<Uint8Array> {
      mine = (await readdir(folder)).find((name) => name.endsWith(".tmp")) ?? "";
      yield before;
    }
    await writeAtomically(path, parts());
    const stale = mine.replace(`-${pid}-`, `-${gone}-`);
    await writeFile(join(folder, stale), "half");
    await writeFile(join(folder, mine), "half");
    await writeFile(join(folder, "file.other.tmp"), "another's");
    await readFileAt(path);
    expect((await readdir(folder)).toSorted()).toEqual([...other, "file.other.tmp", mine].toSorted());
  });

  test("what is there and is no regular file stays, and nothing is written beside it", async () => {
    const folder = await emptyFolder();
    const socket = join(folder, "socket");
    const server = createServer().listen(socket);
    await once(server, "listening");
    try {
      await symlink("socket", join(folder, "link"));
      await mkdir(join(folder, "folder"));
      const written = vi.fn<() => void>();
      const parts = (function* () {
        written();
        yield* after;
      })();
      for (const name of ["socket", "link", "folder"]) {
        const error = await rejection(writeAtomically(join(folder, name), parts));
        expect(error).toBeInstanceOf(AdapterError);
        expect(String(error)).toContain(
          `could not write ${JSON.stringify(join(folder, name))}: it is there, and no regular file`,
        );
      }
      expect(written).not.toHaveBeenCalled();
      expect((await lstat(socket)).isSocket()).toBe(true);
      expect(await readdir(folder)).toEqual(["folder", "link", "socket"]);
    } finally {
      server.close();
    }
  });
});
