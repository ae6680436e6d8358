import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { unread } from "../dense/unread-values.ts";
import type { ByteSource } from "../dense/vectors-snapshot.ts";
import { SnapshotError } from "../errors.ts";
import { fileError } from "./disk.ts";

/** The bytes of a file, read where they are wanted, until it is closed. A file that takes its place changes nothing. */
export interface FileBytes extends ByteSource {
  close(): void;
}

export function fileBytes(path: string): FileBytes {
  const attempt = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      throw fileError("read", path, error);
    }
  };
  const file = attempt(() => openSync(path, "r"));
  return {
    length: attempt(() => fstatSync(file).size),
    unread,
    read(at, into) {
      for (let end = 0; end < into.length;) {
        const read = attempt(() => readSync(file, into, end, into.length - end, at + end));
        if (read === 0) throw new SnapshotError(`${JSON.stringify(path)} ends before byte ${at + into.length}.`);
        end += read;
      }
    },
    close: () => closeSync(file),
  };
}
