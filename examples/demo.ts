import { fileURLToPath } from "node:url";
import { createRetriever, type IndexReport, markdown, memory, type SearchResult } from "../src/index.ts";
import { readFolder } from "../src/node/folder.ts";

/** npm run demo [-- FOLDER "question" …]: search a folder of Markdown and text, offline. */

const own = fileURLToPath(new URL("../../", import.meta.url));
const ownQuestions = [
  "how does a changed paragraph get embedded again?",
  "what does a filter mean for a field that is missing?",
  "how do I write a store of my own?",
];

const [given, ...asked] = process.argv.slice(2);
if (given !== undefined && (given.startsWith("-") || asked.length === 0)) {
  console.error('npm run demo [-- FOLDER "question" …]');
  process.exit(2);
}
const folder = given ?? own;
const questions = given === undefined ? ownQuestions : asked;
const refused = new Set<string>();
// This project's text files are fixtures of tests.
const source = () =>
  readFolder(folder, {
    ...(given === undefined && { extensions: [".md"] }),
    onRefused: ({ message }) => refused.add(message),
  });

// These documents are few but long: their passages are enough to learn from.
const latent = given === undefined ? { minDocuments: 5 } : true;
const docs = createRetriever({ store: memory({ latent }), chunker: markdown() });
const started = performance.now();
const first = await docs.index(source(), { onFailure: "collect" }).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
console.log(`\n${folder}`);
console.log(`indexed in ${milliseconds(performance.now() - started)}: ${summary(first)}`);
for (const { error } of first.failed) refused.add(error instanceof Error ? error.message : String(error));
for (const message of refused) console.log(`left out: ${message}`);
if (first.chunks.added === 0) {
  console.error(`There is no text in a .md or .txt file below ${folder}.`);
  process.exit(1);
}

const reasons = new Set<string>();
for (const question of questions) print(question, await docs.search(question, { topK: 3 }));
for (const reason of reasons) console.log(`\nBM25 alone: ${reason}`);

const second = await docs.plan(source());
console.log(`\nindexing again would do: ${summary(second)}`);
await docs.close();

function print(question: string, { hits, timings, scoreKind, degraded }: SearchResult): void {
  console.log(`\n? ${question}   (${scoreKind}, ${milliseconds(timings.total)})`);
  for (const { reason } of degraded) reasons.add(reason);
  if (hits.length === 0) console.log("  nothing in these documents shares a term with the question");
  for (const [index, { citation, scores, score, chunk }] of hits.entries()) {
    const legs = Object.entries(scores).map(([leg, value]) =>
      typeof value === "number"
        ? `${leg} ${value.toFixed(3)}`
        : `${leg} ${value.score.toFixed(3)} (rank ${value.rank})`,
    );
    console.log(`  ${index + 1}. ${citation.documentId}:${citation.line}   ${score.toFixed(3)}   ${legs.join(", ")}`);
    console.log(`     ${excerpt(chunk.text)}`);
  }
}

function summary({ documents, chunks, embedded }: IndexReport): string {
  const { added, updated, unchanged } = documents;
  const changes = added + updated === 0 ? "nothing" : `${added} documents added, ${updated} updated`;
  return `${changes}; ${unchanged} unchanged; ${chunks.added} chunks added, ${chunks.kept} kept; ${embedded} embedded`;
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 160 ? `${line.slice(0, 157)}...` : line;
}

function milliseconds(time: number): string {
  return `${time.toFixed(time < 10 ? 1 : 0)} ms`;
}
