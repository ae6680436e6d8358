import { tmpdir } from "node:os";
import { join } from "node:path";
import { get_encoding } from "tiktoken";
import { encoding as tokenizerOf, type EncodingName } from "../adapters/tokens.ts";
import { code, ConfigError, fixed, html, markdown, recursive, sentences, smallToBig } from "../src/index.ts";
import { readFolder } from "../src/node/folder.ts";
import { seededRandom } from "../src/testing/random.ts";
import type { Chunker } from "../src/types.ts";
import { outputFlags, runCommand, seedFlag } from "./arguments.ts";
import { runnerProcess } from "./chunking-process.ts";
import { type Given, type Kind, limits, runners } from "./chunking-runners.ts";
import { constructs } from "./chunking-constructs.ts";
import { timed } from "./cost.ts";
import { progress } from "./progress.ts";
import { settingWith, sha256Of } from "./setting.ts";
import { sheets, type Sheets } from "./sheets.ts";
import { chineseTexts, englishTexts, shapes } from "./chunking-texts.ts";

const command = {
  name: "chunking",
  about:
    "CPU of counting and cutting beside tiktoken and other packages, each in a process of its own, each text seen once.",
  operand: "FOLDER|generated",
  flags: {
    peers: { value: "FOLDER", about: "where other packages are installed", default: join(tmpdir(), "chunking-peers") },
    megabytes: { value: "N", about: "of each text, half of which warms up", default: "4" },
    linear: {
      about: "also 1 MB of each unbroken shape through every chunker, by characters and by tokens, and half of it",
    },
    encoding: { value: "NAME", about: "of tiktoken", default: "cl100k_base" },
    seed: seedFlag("generated texts, and of turns"),
    ...outputFlags,
  },
} as const;

interface Measured {
  readonly name: string;
  microseconds: number;
  chunks: number;
  over: number;
  /** Why it could not go on. */
  failure?: string;
}

/** Milliseconds of CPU that each cuts one half for beforehand, at least, for what it needs to be compiled. */
const WARM_UP = 5000;
/** The same shortly before it is measured. Not for longer: who waits for eight seconds is cleared again. */
const WARM_AGAIN = 500;
/**
 * Characters that are cut in one go: so many that little of it is spent on what others left of the caches, some 0.1 ms, and
 * that each collects garbage of its own. Tokens take longer.
 */
const TURNS: Readonly<Record<Kind, number>> = { counting: 2 ** 20, tokens: 2 ** 20, characters: 2 ** 21 };

/**
 * Some texts at a time, each runner in turn in a random order, so that what else the machine does falls on all alike. Each
 * is a process of its own and sees a measured text once.
 */
async function interleaved(
  title: string,
  given: Omit<Given, "missing">,
  { texts, seed }: { readonly texts: readonly string[]; readonly seed: number },
): Promise<readonly Measured[]> {
  const step = progress(title);
  const encoder = get_encoding(given.encoding);
  const sizeOf = (chunk: string): number =>
    given.kind === "tokens" ? encoder.encode_ordinary(chunk).length : chunk.length;
  const found = await runners({ ...given, missing: (line) => console.error(line) });
  const running = found.map(({ name }) => ({
    process: runnerProcess({ ...given, name }),
    mine: { name, microseconds: 0, chunks: 0, over: 0 } as Measured,
  }));
  const random = seededRandom(seed);
  const each = async (run: (one: (typeof running)[number]) => Promise<void>): Promise<void> => {
    const order = running.map((one) => ({ one, place: random.next() })).toSorted((a, b) => a.place - b.place);
    for (const { one } of order) {
      if (one.mine.failure !== undefined) continue;
      await run(one).catch(
        (error: unknown) => (one.mine.failure = error instanceof Error ? error.message : String(error)),
      );
    }
  };

  const length = TURNS[given.kind];
  const [half, measured] = parted(texts);
  const warm = [...constructs(), ...half];
  await each(({ process }) => process.warmUp(warm, WARM_UP));
  // A process that waits while the others warm up is cleared by the engine in its idle time, of compiled code too.
  await each(({ process }) => process.warmUp(turnsOf(warm, length)[0] ?? [], WARM_AGAIN));
  const turns = turnsOf(measured, length);
  for (const [number, turn] of turns.entries()) {
    step.update(number, turns.length);
    await each(async ({ process, mine }) => {
      const { milliseconds, chunks } = await process.run(turn);
      mine.microseconds += milliseconds * 1000;
      mine.chunks += chunks.length;
      mine.over += chunks.filter((chunk) => sizeOf(chunk) > limits[given.kind]).length;
    });
  }
  for (const { process } of running) process.end();
  encoder.free();
  step.end();
  return running.map(({ mine }) => mine);
}

/** Every other one, which warms up, and the rest: neighbours in a folder are alike, and in size too. */
function parted(texts: readonly string[]): readonly [readonly string[], readonly string[]] {
  return [texts.filter((_, index) => index % 2 === 0), texts.filter((_, index) => index % 2 === 1)];
}

/** Texts of so many characters at a time. */
function turnsOf(texts: readonly string[], length: number): readonly (readonly string[])[] {
  const turns: string[][] = [];
  let filled = Infinity;
  for (const text of texts) {
    if (filled >= length) {
      turns.push([]);
      filled = 0;
    }
    turns.at(-1)?.push(text);
    filled += text.length;
  }
  return turns;
}

function print(out: Sheets, title: string, measured: readonly Measured[], bytes: number): void {
  const first = measured[0]?.microseconds ?? Number.NaN;
  out.add(
    `## ${title}`,
    ["", "MB/s", `× ${measured[0]?.name ?? ""}`, "chunks", "over the limit"],
    measured.map(({ name, microseconds, chunks, over, failure }) =>
      failure === undefined
        ? [
            name,
            (bytes / microseconds).toFixed(2),
            (first / microseconds).toFixed(2),
            chunks > 0 ? chunks : "",
            chunks > 0 ? over : "",
          ]
        : [`${name} threw: ${firstLine(failure)}`, "", "", "", ""],
    ),
  );
}

function firstLine(message: string): string {
  return message.slice(0, 60).split("\n", 1)[0] ?? "";
}

async function compare(
  out: Sheets,
  name: string,
  {
    encoding,
    peers,
    seed,
    texts,
  }: Omit<Given, "kind" | "missing"> & { readonly seed: number; readonly texts: readonly string[] },
): Promise<void> {
  const bytes = parted(texts)[1].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  for (const kind of ["counting", "tokens", "characters"] as const) {
    const what = kind === "counting" ? `counting ${encoding}` : `chunks of ${limits[kind]} ${kind}`;
    const title = `${name}: ${what}`;
    print(out, title, await interleaved(title, { kind, encoding, peers }, { texts, seed }), bytes);
  }
}

async function cost(chunker: Chunker, text: string): Promise<number> {
  const [, milliseconds] = await timed(() => chunker({ text }));
  return milliseconds / 1000;
}

/** Seconds of CPU for 1 MB of each shape, and how many times as long as for half of it. */
async function linearity(out: Sheets): Promise<void> {
  const byCharacters = {
    recursive: recursive(),
    sentences: sentences(),
    fixed: fixed(),
    markdown: markdown(),
    html: html(),
    code: code({ language: "ts" }),
    "small to big": smallToBig({ parent: recursive({ size: 2000 }), child: sentences({ size: 300 }) }),
  };
  await unbroken(out, "characters", byCharacters);
  for (const name of ["cl100k_base", "o200k_base"] as const) {
    const options = { size: limits.tokens, tokenizer: await tokenizerOf(name) };
    await unbroken(out, `tokens of ${name}`, {
      recursive: recursive(options),
      sentences: sentences(options),
      fixed: fixed(options),
      markdown: markdown(options),
      html: html(options),
      code: code({ ...options, language: "ts" }),
    });
  }
}

async function unbroken(out: Sheets, measure: string, chunkers: Readonly<Record<string, Chunker>>): Promise<void> {
  const title = `1 MB without a boundary, by ${measure}`;
  const rows: (readonly [string, ...string[]])[] = [];
  let slowest = 0;
  let steepest = 0;
  const step = progress(title);
  const halves = shapes(500_000);
  const wholes = Object.entries(shapes(1_000_000));
  for (const [shape, whole] of wholes) {
    step.update(rows.length, wholes.length, shape);
    const half = halves[shape] ?? "";
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
  out.add(`## ${title}: seconds of CPU, and times as long as half of it`, ["", ...Object.keys(chunkers)], rows);
  out.add("### Of all", ["slowest, s", "steepest of those above 0.01 s"], [[slowest.toFixed(2), steepest.toFixed(2)]]);
}

await runCommand(command, async (given) => {
  const [megabytes = 4] = given.numbers("megabytes", 0.1);
  const peers = given.value("peers") ?? "";
  const encoding = (given.value("encoding") ?? "cl100k_base") as EncodingName;
  const [seed = 1] = given.numbers("seed", 0);
  const about = { benchmark: "chunking", json: given.on("json"), given: { megabytes, encoding, seed } };
  const how = { encoding, peers, seed };
  let out: Sheets;
  if (given.operand === "generated") {
    out = sheets({ ...about, setting: settingWith() });
    await compare(out, "English", { ...how, texts: englishTexts(megabytes * 1e6, seed) });
    await compare(out, "Chinese", { ...how, texts: chineseTexts(megabytes * 1e6, seed) });
  } else {
    const texts: string[] = [];
    let bytes = 0;
    for await (const { text } of readFolder(given.operand)) {
      if (bytes > megabytes * 1e6) break;
      texts.push(text);
      bytes += Buffer.byteLength(text);
    }
    // One would be all warm-up.
    if (texts.length < 2)
      throw new ConfigError(`${given.operand}: expected two .md or .txt files or more, found ${texts.length}.`);
    out = sheets({ ...about, setting: settingWith({ folder: given.operand, sha256: sha256Of(texts) }) });
    await compare(out, given.operand, { ...how, texts });
  }
  if (given.on("linear")) await linearity(out);
  out.end();
});
