import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { entryPoints } from "../../benchmarks/entry-points.ts";
import { compile } from "../compile.ts";
import { programsOf } from "../docs/programs.ts";
import { exportedNames } from "./exported-names.ts";

/** The built package as its users get it: the tarball, unpacked into an empty project. */
const entries = entryPoints();
const { peerDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
  readonly peerDependencies: Readonly<Record<string, string>>;
};
const peers = Object.keys(peerDependencies);
const programs = programsOf("README.md", readFileSync("README.md", "utf8"));
const fileOf = (index: number): string => `readme-${index + 1}.ts`;
let folder: string;
let bare: string;
let project: string;
let packed: readonly string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "groundline-packed-"));
  const answer = execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [tarball] = JSON.parse(answer) as readonly { filename: string; files: readonly { path: string }[] }[];
  if (tarball === undefined) throw new Error(`npm pack made no tarball: ${answer}`);
  packed = tarball.files.map(({ path }) => path);
  bare = unpack("bare", tarball.filename, []);
  project = unpack("project", tarball.filename, [...peers, "@types/node", "undici-types"]);
  for (const [index, { source }] of programs.entries()) writeFileSync(join(project, fileOf(index)), source);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A project with the package and these of our own dependencies, found where they are installed here. */
function unpack(name: string, tarball: string, dependencies: readonly string[]): string {
  const modules = join(folder, name, "node_modules");
  mkdirSync(modules, { recursive: true });
  writeFileSync(join(folder, name, "package.json"), JSON.stringify({ private: true, type: "module" }));
  execFileSync("tar", ["-xzf", join(folder, tarball), "-C", modules]);
  renameSync(join(modules, "package"), join(modules, "groundline"));
  for (const dependency of dependencies) {
    mkdirSync(dirname(join(modules, dependency)), { recursive: true });
    symlinkSync(resolve("node_modules", dependency), join(modules, dependency), "junction");
  }
  return join(folder, name);
}

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}\n${stderr}${stdout}`);
  return stdout;
}

/** A program that imports these and prints the names of their values. */
function importing(imported: typeof entries): string {
  return `
    const names = {};
    for (const specifier of ${JSON.stringify(imported.map(({ specifier }) => specifier))}) {
      names[specifier] = Object.keys(await import(specifier)).toSorted();
    }
    console.log(JSON.stringify(names));
  `;
}

function valuesOf(imported: typeof entries): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    imported.map(({ specifier, source }) => [
      specifier,
      exportedNames(source, readFileSync(source, "utf8")).filter((name) => !name.startsWith("type ")),
    ]),
  );
}

describe("the tarball", () => {
  test("holds what an entry point needs: code, types and the source that they map to", () => {
    const wanted = entries.flatMap(({ source }) => {
      const built = `dist/${source.replace(/\.ts$/, "")}`;
      return [`${built}.js`, `${built}.d.ts`, `${built}.js.map`, `${built}.d.ts.map`, source];
    });
    expect(wanted.filter((path) => !packed.includes(path))).toEqual([]);
  });

  test("holds nothing else", () => {
    const places =
      /^(dist\/(src|adapters)\/|src\/|adapters\/|docs\/|(README|ARCHITECTURE|CONTRIBUTING|CHANGELOG)\.md$|LICENSE$|package\.json$)/;
    expect(packed.filter((path) => !places.test(path))).toEqual([]);
  });

  test("holds no file that the build no longer makes", () => {
    const stale = packed
      .filter((path) => path.startsWith("dist/") && path.endsWith(".js"))
      .filter((path) => !existsSync(path.replace(/^dist\//, "").replace(/\.js$/, ".ts")));
    expect(stale).toEqual([]);
  });
});

describe("with nothing else installed", () => {
  // A language pack is made of its package's stemmer, which must be there when it is imported.
  const alone = entries.filter(({ source }) => !source.startsWith("adapters/analyzers/"));

  test("every entry point but the language packs imports, with the names of its source", () => {
    const names = run(process.execPath, ["--input-type=module", "--eval", importing(alone)], bare);
    expect(JSON.parse(names)).toEqual(valuesOf(alone));
  });

  test("CommonJS can require it", () => {
    const kind = run(process.execPath, ["--eval", "console.log(typeof require('groundline').createRetriever)"], bare);
    expect(kind.trim()).toBe("function");
  });
});

describe("in a project of TypeScript", () => {
  const strict = {
    strict: true,
    exactOptionalPropertyTypes: true,
    outDir: "out",
    target: "es2022",
    skipLibCheck: false,
  };
  const node = { ...strict, module: "nodenext", types: ["node"], lib: ["es2023"] };
  const bundler = {
    ...strict,
    module: "preserve",
    moduleResolution: "bundler",
    types: [],
    lib: ["es2022", "dom"],
    noEmit: true,
  };
  const compilers = ["typescript", "typescript-5.9"];

  test.each(compilers)("%s compiles the README with nodenext", (typescript) => {
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: node, include: ["readme-*.ts"] }));
    expect(compile("tsconfig.json", { folder: project, typescript })).toEqual([]);
  });

  const platformless = { ...bundler, lib: ["es2022"] };
  test.each(
    compilers.flatMap((typescript) => [
      [typescript, "those of the DOM", bundler] as const,
      [typescript, "none", platformless] as const,
    ]),
  )(
    "%s compiles every entry point for a bundler; types of a platform: %s",
    (typescript, _platform, compilerOptions) => {
      const imports = entries.map(({ specifier }, index) => `import * as entry${index} from "${specifier}";`);
      const used = `export const all = [${entries.map((_, index) => `entry${index}`).join(", ")}];`;
      writeFileSync(join(project, "browser.ts"), [...imports, used, ""].join("\n"));
      writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["browser.ts"] }));
      expect(compile("tsconfig.json", { folder: project, typescript })).toEqual([]);
    },
  );

  const running = programs.map(({ name, runs }, index) => ({ name, runs, built: `out/readme-${index + 1}.js` }));
  describe.each(["this Node.js", "22", "24"])("on %s", (version) => {
    test("every entry point imports and the README runs", ({ skip }) => {
      const [command, ...prefix] = version === "this Node.js" ? [process.execPath] : onNode(version);
      if (command === undefined) return skip(`Node.js ${version} cannot be had from the registry here`);
      const names = run(command, [...prefix, "--input-type=module", "--eval", importing(entries)], project);
      expect(JSON.parse(names)).toEqual(valuesOf(entries));
      for (const { built } of running.filter(({ runs }) => runs)) run(command, [...prefix, built], project);
    });
  });
});

/** The command that runs another Node.js, by the npm package that carries its binary; none where there is no such package. */
function onNode(version: string): readonly string[] {
  const command = ["npx", "--yes", "-p", `node@${version}`, "node"] as const;
  const { status, stdout } = spawnSync(command[0], [...command.slice(1), "--version"], { encoding: "utf8" });
  return status === 0 && stdout.startsWith(`v${version}.`) ? command : [];
}
