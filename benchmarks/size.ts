import { relative } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build, version } from "esbuild";
import { outputFlags, runCommand } from "./arguments.ts";
import { entryPoints } from "./entry-points.ts";
import { settingLines, settingWith } from "./setting.ts";
import { table } from "./table.ts";

/** What an import costs a bundle: esbuild, minified, for any platform, packages left out. Bytes. */
export interface ImportSize {
  /** `{ createRetriever } from "groundline"`; `*` is everything. */
  readonly imported: string;
  readonly minified: number;
  /** Gzipped, with all that may be loaded later. */
  readonly gzipped: number;
  /** Gzipped, what is loaded at once: parts behind an `import()` come when an index needs them. */
  readonly atOnce: number;
  /** Gzipped, what it adds to a bundle that has `createRetriever` already. */
  readonly added: number;
  /** What it leaves to be imported: packages and node: modules. */
  readonly imports: readonly string[];
}

/** `createRetriever` alone, then every entry point whole. */
export async function importSizes(): Promise<readonly ImportSize[]> {
  const entries = entryPoints();
  const face = entries.find(({ specifier }) => specifier === "groundline");
  if (face === undefined) throw new Error(`package.json exports no "groundline"`);
  const names = "{ createRetriever }";
  const retriever = await bundle([[names, face.source]]);
  const whole = async ({ specifier, source }: typeof face): Promise<ImportSize> => {
    const [alone, beside] = await Promise.all([
      bundle([["*", source]]),
      bundle([
        [names, face.source],
        ["*", source],
      ]),
    ]);
    return { imported: `* from "${specifier}"`, ...alone, added: beside.gzipped - retriever.gzipped };
  };
  return [
    { imported: `${names} from "groundline"`, ...retriever, added: 0 },
    ...(await Promise.all(entries.map(whole))),
  ];
}

async function bundle(
  exported: readonly (readonly [names: string, source: string])[],
): Promise<Pick<ImportSize, "minified" | "gzipped" | "atOnce" | "imports">> {
  const contents = exported.map(([names, source]) => `export ${names} from "./${source}";`).join("\n");
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    splitting: true,
    outdir: "bundle",
    minify: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    packages: "external",
    legalComments: "none",
    metafile: true,
    write: false,
  });
  const sizes = outputFiles.map(({ path, contents: bytes }) => ({
    path: relative(process.cwd(), path),
    minified: bytes.length,
    gzipped: gzipSync(bytes, { level: 9 }).length,
  }));
  const { outputs } = metafile;
  const entry = Object.keys(outputs).find((path) => outputs[path]?.entryPoint === "<stdin>") ?? "";
  const reachedBy = (kinds: readonly string[]): ReadonlySet<string> => {
    const reached = new Set([entry]);
    for (const path of reached) {
      for (const { path: next, kind, external } of outputs[path]?.imports ?? []) {
        if (kinds.includes(kind) && external !== true) reached.add(next);
      }
    }
    return reached;
  };
  const first = reachedBy(["import-statement"]);
  // esbuild writes a file for every `import()` that it reads, also for those that nothing is left of.
  const reached = reachedBy(["import-statement", "dynamic-import"]);
  const all = sizes.filter(({ path }) => reached.has(path));
  const imports = [...reached].flatMap((path) =>
    (outputs[path]?.imports ?? []).filter(({ external }) => external).map(({ path: name }) => packageOf(name)),
  );
  return {
    minified: sum(all.map(({ minified }) => minified)),
    gzipped: sum(all.map(({ gzipped }) => gzipped)),
    atOnce: sum(sizes.filter(({ path }) => first.has(path)).map(({ gzipped }) => gzipped)),
    imports: [...new Set(imports)].toSorted(),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** "tiktoken" of "tiktoken/encoders/cl100k_base"; a node: module as it is. */
function packageOf(path: string): string {
  if (path.startsWith("node:")) return path;
  return path
    .split("/")
    .slice(0, path.startsWith("@") ? 2 : 1)
    .join("/");
}

function sizeTable(sizes: readonly ImportSize[]): string {
  const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
  return table(
    ["import", "minified", "gzipped", "of it at once", "gzipped, beside createRetriever", "needs"],
    sizes.map(({ imported, minified, gzipped, atOnce, added, imports }) => [
      `\`${imported}\``,
      ...[minified, gzipped, atOnce, added].map(kilobytes),
      imports.join(", ") || "nothing",
    ]),
  );
}

const command = {
  name: "size",
  about: "What an import costs a bundle: esbuild, minified, packages left out.",
  operand: "",
  flags: outputFlags,
} as const;

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await runCommand(command, async (given) => {
    const { versions, ...where } = settingWith();
    const setting = { ...where, versions: { ...versions, esbuild: version } };
    const imports = await importSizes();
    if (given.on("json")) console.log(JSON.stringify({ benchmark: "size", setting, imports }, undefined, 2));
    else console.log(`${settingLines(setting)}\n\n${sizeTable(imports)}`);
  });
}
