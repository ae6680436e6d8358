import { tmpdir } from "node:os";
import { join } from "node:path";
import { get_encoding } from "tiktoken";
import { cl100k } from "../adapters/tokens.ts";
import { indexedText } from "../src/chunkers/indexed-text.ts";
import { code, fixed, html, markdown, recursive, sentences, smallToBig } from "../src/index.ts";
import { readFolder } from "../src/node/folder.ts";
import type { Chunker, Piece } from "../src/types.ts";
import { outputFlags, runCommand, seedFlag } from "./arguments.ts";
import { chunkingPeers, type Splitter } from "./chunking-peers.ts";
import { timed } from "./cost.ts";
import { progress } from "./progress.ts";
import { settingWith, sha256Of } from "./setting.ts";
import { sheets, type Sheets } from "./sheets.ts";
import { chineseTexts, englishTexts, shapes } from "./chunking-texts.ts";

const characters = 800;
const tokens = 200;

const command = {
  name: "chunking",
  about: "CPU of counting and cutting beside tiktoken and other packages, in one run, each text seen once.",
  operand: "FOLDER|generated",
  flags: {
    peers: { value: "FOLDER", about: "where other packages are installed", default: join(tmpdir(), "chunking-peers") },
    megabytes: { value: "N", about: "of each text", default: "2" },
    linear: { about: "also 1 MB of each unbroken shape through every chunker, and half of it" },
    seed: seedFlag("generated texts"),
    ...outputFlags,
  },
} as const;

interface Runner {
  readonly name: string;
  /** What a text costs is measured; what comes of it is looked at afterwards. */
  run(text: string): Promise<unknown>;
  /** The largest size of a chunk in units of the limit. */
  readonly sizesOf?: (result: unknown, text: string) => readonly number[];
  readonly limit?: number;
}

interface Measured {
  readonly name: string;
  microseconds: number;
  chunks: number;
  over: number;
}

/** How often the first tenth is cut beforehand, for all to be compiled before it is measured. */
const WARM_UP = 10;

/** Text by text, each runner in turn, so that what else the machine does falls on all alike. The first tenth warms up. */
async function interleaved(
  title: string,
  runners: readonly Runner[],
  texts: readonly string[],
): Promise<readonly Measured[]> {
  const step = progress(title);
  const measured = runners.map(({ name }): Measured => ({ name, microseconds: 0, chunks: 0, over: 0 }));
  const warm = Math.ceil(texts.length / 10);
  for (let round = 0; round < WARM_UP; round++) {
    for (const text of texts.slice(0, warm)) for (const runner of runners) await runner.run(text);
  }
  for (const [number, text] of texts.entries()) {
    if (number < warm) continue;
    step.update(number, texts.length);
    for (let turn = 0; turn < runners.length; turn++) {
      const index = (number + turn) % runners.length;
      const [runner, mine] = [runners[index] as Runner, measured[index] as Measured];
      const [result, milliseconds] = await timed(() => runner.run(text));
      mine.microseconds += milliseconds * 1000;
      const sizes = runner.sizesOf?.(result, text) ?? [];
      mine.chunks += sizes.length;
      mine.over += sizes.filter((size) => size > (runner.limit ?? Infinity)).length;
    }
  }
  step.end();
  return measured;
}

function print(out: Sheets, title: string, measured: readonly Measured[], bytes: number): void {
  const first = measured[0]?.microseconds ?? Number.NaN;
  out.add(
    `## ${title}`,
    ["", "MB/s", `× ${measured[0]?.name ?? ""}`, "chunks", "over the limit"],
    measured.map(({ name, microseconds, chunks, over }) => [
      name,
      (bytes / microseconds).toFixed(2),
      (first / microseconds).toFixed(2),
      chunks > 0 ? chunks : "",
      chunks > 0 ? over : "",
    ]),
  );
}

async function compare(out: Sheets, name: string, texts: readonly string[], peersFolder: string): Promise<void> {
  const encoder = get_encoding("cl100k_base");
  const tokenizer = await cl100k();
  const decoder = new TextDecoder();
  const count = (text: string): number => encoder.encode_ordinary(text).length;
  const peers = await chunkingPeers(peersFolder, {
    characters,
    tokens,
    count,
    parts: (text) =>
      Array.from(encoder.encode_ordinary(text), (token) => decoder.decode(encoder.decode(Uint32Array.of(token)))),
  });
  const measuredTexts = texts.slice(Math.ceil(texts.length / 10));
  const bytes = measuredTexts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const tiktoken: Runner = { name: "tiktoken encode_ordinary", run: async (text) => count(text) };

  const counting = [tiktoken, { name: "groundline count", run: async (text: string) => tokenizer.count(text) }];
  const printed = async (what: string, runners: readonly Runner[]): Promise<void> =>
    print(out, `${name}: ${what}`, await interleaved(`${name}: ${what}`, runners, texts), bytes);
  await printed("counting", counting);

  const ours = (label: string, chunker: Chunker, limit: number, measure: (text: string) => number): Runner => ({
    name: `groundline ${label}`,
    run: async (text) => chunker({ text }),
    sizesOf: (result, text) =>
      (result as readonly Piece[]).map(({ start, end, context }) =>
        measure(indexedText({ title: undefined, context, text: text.slice(start, end) })),
      ),
    limit,
  });
  const theirs = ({ name: label, cut }: Splitter, limit: number, measure: (text: string) => number): Runner => ({
    name: label,
    run: cut,
    sizesOf: (result) => (result as readonly string[]).map(measure),
    limit,
  });
  const inTokens = { size: tokens, overlap: 0, tokenizer };
  const byTokens = [
    tiktoken,
    ours("recursive", recursive(inTokens), tokens, count),
    ours("sentences", sentences(inTokens), tokens, count),
    ours("markdown", markdown(inTokens), tokens, count),
    ...peers.byTokens.map((peer) => theirs(peer, tokens, count)),
  ];
  await printed(`chunks of ${tokens} tokens`, byTokens);

  const length = (text: string): number => text.length;
  const inCharacters = { size: characters, overlap: 0 };
  const byCharacters = [
    ...peers.byCharacters.map((peer) => theirs(peer, characters, length)),
    ours("recursive", recursive(inCharacters), characters, length),
    ours("sentences", sentences(inCharacters), characters, length),
    ours("markdown", markdown(inCharacters), characters, length),
    ours("html", html(inCharacters), characters, length),
    ours("code", code({ ...inCharacters, language: "ts" }), characters, length),
  ];
  await printed(`chunks of ${characters} characters`, byCharacters);
  encoder.free();
}

async function cost(chunker: Chunker, text: string): Promise<number> {
  const [, milliseconds] = await timed(() => chunker({ text }));
  return milliseconds / 1000;
}

/** Seconds of CPU for 1 MB of each shape, and how many times as long as for half of it. */
async function linearity(out: Sheets): Promise<void> {
  const tokenizer = await cl100k();
  const chunkers: Readonly<Record<string, Chunker>> = {
    recursive: recursive(),
    "recursive, tokens": recursive({ size: tokens, tokenizer }),
    sentences: sentences(),
    fixed: fixed(),
    markdown: markdown(),
    "markdown, tokens": markdown({ size: tokens, tokenizer }),
    html: html(),
    "html, tokens": html({ size: tokens, tokenizer }),
    code: code({ language: "ts" }),
    "small to big": smallToBig({ parent: recursive({ size: 2000 }), child: sentences({ size: 300 }) }),
  };
  const rows: (readonly [string, ...string[]])[] = [];
  let slowest = 0;
  let steepest = 0;
  const step = progress("unbroken shapes");
  for (const [shape, unit] of Object.entries(shapes)) {
    step.update(rows.length, Object.keys(shapes).length, shape);
    const whole = unit.repeat(Math.ceil(1_000_000 / Buffer.byteLength(unit)));
    const half = unit.repeat(Math.ceil(500_000 / Buffer.byteLength(unit)));
    const cells: string[] = [];
    for (const chunker of Object.values(chunkers)) {
      const times = { half: Infinity, whole: Infinity };
      // The least of some: the compiler and the collector are in the others.
      for (let run = 0; run < 4; run++) {
        times.half = Math.min(times.half, await cost(chunker, half));
        times.whole = Math.min(times.whole, await cost(chunker, whole));
      }
      const seconds = times.whole;
      const ratio = seconds / times.half;
      slowest = Math.max(slowest, seconds);
      // Below a hundredth of a second the clock says more than the text.
      if (seconds > 0.01) steepest = Math.max(steepest, ratio);
      cells.push(`${seconds.toFixed(2)} (${ratio.toFixed(1)})`);
    }
    rows.push([shape, ...cells]);
  }
  step.end();
  out.add(
    "## 1 MB without a boundary: seconds of CPU, and times as long as half of it",
    ["", ...Object.keys(chunkers)],
    rows,
  );
  out.add("### Of all", ["slowest, s", "steepest of those above 0.01 s"], [[slowest.toFixed(2), steepest.toFixed(2)]]);
}

await runCommand(command, async (given) => {
  const [megabytes = 2] = given.numbers("megabytes", 0.1);
  const peers = given.value("peers") ?? "";
  const [seed = 1] = given.numbers("seed", 0);
  const about = { benchmark: "chunking", json: given.on("json"), given: { megabytes, seed } };
  let out: Sheets;
  if (given.operand === "generated") {
    out = sheets({ ...about, setting: settingWith() });
    await compare(out, "English", englishTexts(megabytes * 1e6, seed), peers);
    await compare(out, "Chinese", chineseTexts(megabytes * 1e6, seed), peers);
  } else {
    const texts: string[] = [];
    let bytes = 0;
    for await (const { text } of readFolder(given.operand)) {
      if (bytes > megabytes * 1e6) break;
      texts.push(text);
      bytes += Buffer.byteLength(text);
    }
    out = sheets({ ...about, setting: settingWith({ folder: given.operand, sha256: sha256Of(texts) }) });
    await compare(out, given.operand, texts, peers);
  }
  if (given.on("linear")) await linearity(out);
  out.end();
});
