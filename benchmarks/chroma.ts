import { pathToFileURL } from "node:url";
import { get_encoding } from "tiktoken";
import { cl100k, type PretokenTokenizer } from "../adapters/tokens.ts";
import {
  ConfigError,
  recursive,
  sentences,
  split,
  type Chunker,
  type SourceDocument,
  type Span,
} from "../src/index.ts";
import { trueSpans, type EvalQuery } from "../src/eval/judgments.ts";
import { readBeir } from "../src/node/beir.ts";
import { outputFlags, runCommand, splitFlag, type Arguments } from "./arguments.ts";
import { meanOf } from "./averages.ts";
import { placesOf, precisionOmega, recursiveTokenText, tokenText } from "./chroma-splitters.ts";
import { progress } from "./progress.ts";
import { countsOf, settingLines, settingOf } from "./setting.ts";
import { table } from "./table.ts";

/** How much of the text that a perfect search must return is wanted, by chunker: Chroma's precision omega. */

export interface ChromaRow {
  readonly chunker: string;
  readonly chunks: number;
  readonly meanTokens: number;
  /** In per cent, with its standard deviation over the queries. */
  readonly omega: number;
  readonly deviation: number;
  readonly published?: string;
}

/** Published precision omega of the splitters that use no model, for text-embedding-3-large. */
const published: readonly (readonly ["recursive" | "tokens", size: number, overlap: number, figure: string])[] = [
  ["recursive", 800, 400, "6.7 ± 5.2"],
  ["tokens", 800, 400, "4.7 ± 3.1"],
  ["recursive", 400, 200, "13.9 ± 10.4"],
  ["tokens", 400, 200, "8.4 ± 5.1"],
  ["recursive", 400, 0, "17.7 ± 14.0"],
  ["tokens", 400, 0, "12.5 ± 8.1"],
  ["recursive", 200, 0, "29.9 ± 18.4"],
  ["tokens", 200, 0, "21.0 ± 11.9"],
];

type Cut = (document: SourceDocument) => readonly Span[] | Promise<readonly Span[]>;

export async function measureChroma(of: {
  readonly documents: readonly SourceDocument[];
  readonly queries: readonly EvalQuery[];
  readonly sizes: readonly number[];
}): Promise<readonly ChromaRow[]> {
  const { documents, queries, sizes } = of;
  const tokenizer = await cl100k();
  const ends = new Map(documents.map(({ id, text }) => [id, tokenEnds(text)]));
  const rows: ChromaRow[] = [];
  for (const [kind, size, overlap, figure] of published) {
    const cut: Cut = ({ id, text }) =>
      placesOf(
        text,
        kind === "recursive"
          ? recursiveTokenText(text, { size, overlap, tokenizer })
          : tokenText(text, { size, overlap, ends: ends.get(id) ?? [] }),
      );
    const name = `${kind === "recursive" ? "RecursiveToken" : "TokenText"} ${size}/${overlap}`;
    rows.push({ ...(await rowOf(name, cut)), published: figure });
  }
  const own = (name: string, chunker: Chunker): Promise<ChromaRow> =>
    rowOf(name, async ({ text }) => split(text, chunker));
  rows.push(await own("groundline recursive()", recursive()));
  for (const size of sizes) {
    rows.push(await own(`groundline recursive ${size}/0 characters`, recursive({ size, overlap: 0 })));
    rows.push(await own(`groundline sentences ${size}/0 characters`, sentences({ size, overlap: 0 })));
    const tokens = Math.round(size / 4);
    rows.push(await own(`groundline recursive ${tokens}/0 tokens`, recursive({ size: tokens, overlap: 0, tokenizer })));
  }
  return rows;

  async function rowOf(chunker: string, cut: Cut): Promise<ChromaRow> {
    const step = progress(chunker);
    const spans = new Map<string, readonly Span[]>();
    for (const document of documents) spans.set(document.id, await cut(document));
    const tokens = documents.flatMap(({ id, text }) => countsOfChunks(text, spans.get(id) ?? [], tokenizer));
    const scores = queries.map(({ judgments }) => {
      const truth = trueSpans(judgments);
      return precisionOmega(truth, spans.get(truth[0]?.documentId ?? "") ?? []);
    });
    step.end();
    const omega = meanOf(scores);
    const deviation = Math.sqrt(meanOf(scores.map((score) => (score - omega) ** 2)));
    return {
      chunker,
      chunks: tokens.length,
      meanTokens: meanOf(tokens),
      omega: 100 * omega,
      deviation: 100 * deviation,
    };
  }
}

function countsOfChunks(text: string, spans: readonly Span[], tokenizer: PretokenTokenizer): readonly number[] {
  return spans.map(({ start, end }) => tokenizer.count(text.slice(start, end)));
}

/** Offsets behind each token of cl100k; behind the character, where a token ends inside one. */
function tokenEnds(text: string): readonly number[] {
  const encoding = get_encoding("cl100k_base");
  const characters = Array.from(text);
  const ends: number[] = [];
  let [bytes, seen, offset, index] = [0, 0, 0, 0];
  for (const token of encoding.encode_ordinary(text)) {
    bytes += encoding.decode_single_token_bytes(token).length;
    while (seen < bytes && index < characters.length) {
      const character = characters[index++] ?? "";
      seen += Buffer.byteLength(character);
      offset += character.length;
    }
    ends.push(offset);
  }
  encoding.free();
  return ends;
}

const command = {
  name: "chroma",
  about: `Chroma's precision omega, which needs no search and no model: of the characters in all chunks that touch the true
spans of a query, the share that is true. Beside the splitters that Chroma published figures of, written again. Wants the data of
Chroma's chunking evaluation in BEIR's layout, with spans.jsonl; other collections with spans do as well, but the published figures are not of them.`,
  operand: "FOLDER",
  flags: {
    split: splitFlag,
    size: { value: "N,N,…", about: "sizes in characters; in tokens a quarter of that", default: "400,600,720,1200" },
    ...outputFlags,
  },
} as const;

async function main(given: Arguments<keyof typeof command.flags>): Promise<void> {
  const name = given.value("split") ?? "test";
  const { documents, queries: judged, missing } = await readBeir(given.operand, { split: name });
  const queries = judged.filter(({ judgments }) => trueSpans(judgments).length > 0);
  if (queries.length === 0) throw new ConfigError(`${given.operand}: expected spans.jsonl with true spans.`);
  const rows = await measureChroma({ documents, queries, sizes: given.numbers("size", 1) });
  const setting = await settingOf(given.operand, name);
  if (given.on("json")) {
    console.log(JSON.stringify({ benchmark: "chroma", setting, split: name, rows }, null, 2));
    return;
  }
  console.log(
    `${settingLines(setting)}\n${countsOf({ documents: documents.length, queries: queries.length, missing: missing.length })}\n`,
  );
  console.log(
    table(
      ["chunker", "chunks", "mean tokens", "precision omega", "published for Chroma's data"],
      rows.map(({ chunker, chunks, meanTokens, omega, deviation, published: figure }) => [
        chunker,
        chunks,
        meanTokens.toFixed(1),
        `${omega.toFixed(1)} ± ${deviation.toFixed(1)}`,
        figure,
      ]),
    ),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await runCommand(command, main);
