import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { entryPoints } from "./entry-points.ts";
import type { EntryPoint } from "./entry-points.ts";

/** What an import adds to a bundle: esbuild, minified, for any platform, packages left out. */
export interface ImportSize {
  /** `{ createRetriever } from "groundline"` */
  readonly imported: string;
  /** Bytes. */
  readonly minified: number;
  readonly gzipped: number;
  /** What the bundle itself imports: vendor packages and node: modules. */
  readonly imports: readonly string[];
}

/** `createRetriever` alone, then every entry point whole. */
export function importSizes(): Promise<readonly ImportSize[]> {
  const entries = entryPoints();
  const face = entries.filter(({ specifier }) => specifier === "groundline");
  return Promise.all([
    ...face.map((entry) => importSize(entry, "{ createRetriever }")),
    ...entries.map((entry) => importSize(entry, "*")),
  ]);
}

async function importSize({ specifier, source }: EntryPoint, names: string): Promise<ImportSize> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export ${names} from "./${source}"`, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    packages: "external",
    legalComments: "none",
    metafile: true,
    write: false,
  });
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new Error(`esbuild made no bundle of ${specifier}`);
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  return {
    imported: `${names} from "${specifier}"`,
    minified: bundle.contents.length,
    gzipped: gzipSync(bundle.contents, { level: 9 }).length,
    imports: [...new Set(imports)].toSorted(),
  };
}

function table(sizes: readonly ImportSize[]): string {
  const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
  const rows = sizes.map(({ imported, minified, gzipped, imports }) =>
    [`\`${imported}\``, kilobytes(minified), kilobytes(gzipped), imports.join(", ") || "nothing"].join(" | "),
  );
  return ["import | minified | gzipped | needs", "--- | ---: | ---: | ---", ...rows].map((row) => `| ${row} |`).join("\n");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.log(table(await importSizes()));
