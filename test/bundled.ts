import { spawn, type ChildProcess } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

/** A program of the tests as a process of its own: Node.js 20 runs no TypeScript. */
export interface Program {
  start(args: readonly string[]): ChildProcess;
  remove(): Promise<void>;
}

export async function bundled(entry: string): Promise<Program> {
  // Where the packages are found that it imports, this one too.
  const file = join(".cache", "bundled", `${process.pid}-${Date.now().toString(36)}.mjs`);
  await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "error",
  });
  return {
    start: (args) => spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "inherit"] }),
    remove: () => rm(file),
  };
}
