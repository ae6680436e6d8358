import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";

/** What a figure depends on besides the code: machine, versions and data. */

export interface Setting {
  readonly machine: string;
  readonly load: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly data: { readonly folder: string; readonly sha256: string };
}

export async function settingOf(folder: string, split: string): Promise<Setting> {
  const [cpu] = cpus();
  const manifest = JSON.parse(await readFile(join(process.cwd(), "package.json"), "utf8")) as { readonly version: string };
  return {
    machine: `${cpus().length} × ${cpu?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`,
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
    versions: { groundline: manifest.version, node: process.version },
    data: { folder, sha256: await hashOf(folder, split) },
  };
}

/** Of what is read from the folder, in the order of the names. */
async function hashOf(folder: string, split: string): Promise<string> {
  const read = ["corpus.jsonl", "queries.jsonl", "spans.jsonl"];
  const there = await readdir(folder);
  const files = [...read.filter((file) => there.includes(file)), join("qrels", `${split}.tsv`)];
  const hash = createHash("sha256");
  for (const file of files) for await (const bytes of createReadStream(join(folder, file))) hash.update(bytes as Buffer);
  return hash.digest("hex");
}

export function settingLines({ machine, load, versions, data }: Setting): string {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${machine}, load ${load}; ${named.join(", ")}; ${data.folder}, sha256 ${data.sha256.slice(0, 16)}`;
}
