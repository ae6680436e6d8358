import { spawn } from "node:child_process";
import { join } from "node:path";

/** npm run bench -- NAME [arguments]: runs one benchmark in a process of its own, so that none warms up another. */

const benchmarks: Readonly<Record<string, string>> = {
  quality: "nDCG@10 and recall@100 of BM25, dense, latent and hybrid search on a collection",
  tune: "chunk size, overlap, topK and fusion weight for a collection, inside a context budget",
  fusion: "fusion kinds and weights on a collection, from one set of candidate lists",
  trials: "whether tune keeps its word: chosen by a few queries many times over, looked at on the others",
  lexical: "speed, memory and snapshots of groundline/bm25 beside other packages",
  chroma: "Chroma's precision omega by chunker, beside the figures that Chroma published",
  vectors: "recall, speed, memory and ingest of groundline/vectors beside other packages",
  persistence: "memory, snapshots and acknowledged calls of the in-memory store",
  report: "one HTML page about a collection: budgets, sizes, topK, misses, tuning",
  stores: "ingest and searches of every store that can run here, beside LangChain's",
  chunking: "CPU of counting and cutting beside tiktoken and other packages",
  size: "what an import adds to a bundle",
};

const [name = "", ...rest] = process.argv.slice(2);
if (Object.hasOwn(benchmarks, name)) {
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.js`), ...rest], { stdio: "inherit" });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 1;
    if (signal !== null) console.error(`${name} was ended by ${signal}`);
  });
} else {
  console.error("npm run bench -- NAME [--help] [arguments]\n");
  for (const [known, about] of Object.entries(benchmarks)) console.error(`  ${known.padEnd(12)}${about}`);
  process.exitCode = name === "" || name === "--help" ? 0 : 2;
}
