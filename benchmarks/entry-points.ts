import { readFileSync } from "node:fs";

/** What users can import, and the source behind it. */
export interface EntryPoint {
  /** `groundline/openai` */
  readonly specifier: string;
  /** `adapters/embedders/openai.ts` */
  readonly source: string;
}

/** Read from the exports map of package.json, in the folder that the process runs in. */
export function entryPoints(): readonly EntryPoint[] {
  const { name, exports } = JSON.parse(readFileSync("package.json", "utf8")) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, string>>;
  };
  return Object.entries(exports)
    .filter(([, target]) => target.endsWith(".js"))
    .map(([subpath, target]) => ({
      specifier: name + subpath.slice(1),
      source: target.replace(/^\.\/dist\//, "").replace(/\.js$/, ".ts"),
    }));
}
