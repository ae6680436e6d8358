import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { version } from "../src/node/cli/version.ts";

/** What a figure depends on besides the code: machine, versions and data. */

export interface Setting {
  readonly machine: string;
  readonly load: number;
  readonly versions: Readonly<Record<string, string>>;
  /** Absent where all data is made up. */
  readonly data?: { readonly folder: string; readonly sha256: string };
}

function machineOf(): string {
  const [cpu] = cpus();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model ?? "unknown"}, ${gibibytes} GiB, ${process.platform} ${process.arch}`;
}

/** Of a collection in BEIR's layout. */
export async function settingOf(folder: string, split: string): Promise<Required<Setting>> {
  const data = { folder, sha256: await hashOf(folder, split) };
  return { ...settingWith(data), data };
}

export function settingWith(data?: Setting["data"]): Setting {
  return {
    machine: machineOf(),
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
    versions: { groundline: version, node: process.version },
    ...(data && { data }),
  };
}

/** One after the other. */
export function sha256Of(parts: Iterable<string | Uint8Array>): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** Of what is read from the folder, in the order of the names. */
async function hashOf(folder: string, split: string): Promise<string> {
  const read = ["corpus.jsonl", "queries.jsonl", "spans.jsonl"];
  const there = await readdir(folder);
  const files = [...read.filter((file) => there.includes(file)), join("qrels", `${split}.tsv`)];
  const hash = createHash("sha256");
  for (const file of files)
    for await (const bytes of createReadStream(join(folder, file))) hash.update(bytes as Buffer);
  return hash.digest("hex");
}

export function settingLines({ machine, load, versions, data }: Setting): string {
  const named = Object.entries(versions).map(([name, which]) => `${name} ${which}`);
  const read = data === undefined ? "" : `; ${data.folder}, sha256 ${data.sha256.slice(0, 16)}`;
  return `${machine}, load ${load}; ${named.join(", ")}${read}`;
}

export function countsOf(collection: {
  readonly documents: number;
  readonly queries: number;
  readonly missing: number;
}): string {
  const { documents, queries, missing } = collection;
  return `${documents} documents, ${queries} queries${missing === 0 ? "" : `; ${missing} judged documents are missing`}`;
}
