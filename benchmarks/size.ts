import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { entryPoints } from "./entry-points.ts";
import { table } from "./table.ts";

/** What an import costs a bundle: esbuild, minified, for any platform, packages left out. Bytes. */
export interface ImportSize {
  /** `{ createRetriever } from "groundline"`; `*` is everything. */
  readonly imported: string;
  readonly minified: number;
  readonly gzipped: number;
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
): Promise<Pick<ImportSize, "minified" | "gzipped" | "imports">> {
  const contents = exported.map(([names, source]) => `export ${names} from "./${source}";`).join("\n");
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: process.cwd() },
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
  const bytes = Buffer.concat(outputFiles.map((file) => file.contents));
  const imports = Object.values(metafile.outputs).flatMap((output) =>
    output.imports.map(({ path }) => packageOf(path)),
  );
  return {
    minified: bytes.length,
    gzipped: gzipSync(bytes, { level: 9 }).length,
    imports: [...new Set(imports)].toSorted(),
  };
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
    ["import", "minified", "gzipped", "gzipped, beside createRetriever", "needs"],
    sizes.map(({ imported, minified, gzipped, added, imports }) => [
      `\`${imported}\``,
      ...[minified, gzipped, added].map(kilobytes),
      imports.join(", ") || "nothing",
    ]),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.log(sizeTable(await importSizes()));
