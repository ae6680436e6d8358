import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

/** What the compiler says of a project, a line each; paths are relative to `folder`. */
export function compile(
  project: string,
  { folder = ".", typescript = "typescript" }: { readonly folder?: string; readonly typescript?: string } = {},
): readonly string[] {
  const compiler = resolve("node_modules", typescript, "bin/tsc");
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, "-p", project, "--pretty", "false"], {
    cwd: folder,
    encoding: "utf8",
  });
  const lines = stdout.split("\n").filter((line) => line !== "");
  if (status !== 0 && !lines.some((line) => line.includes("error TS"))) {
    throw new Error(`The compiler did not run: ${stderr}${stdout}`);
  }
  return lines;
}
