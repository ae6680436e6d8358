import { get_encoding } from "tiktoken";
import { encoding, type EncodingName } from "../adapters/tokens.ts";
import { indexedText } from "../src/chunkers/text/indexed-text.ts";
import { code, html, markdown, recursive, sentences } from "../src/index.ts";
import type { Chunker, Piece } from "../src/types.ts";
import { chunkingPeers, type Splitter } from "./chunking-peers.ts";

export type Kind = "counting" | "tokens" | "characters";

export interface Given {
  readonly kind: Kind;
  readonly encoding: EncodingName;
  /** Folder of other packages. */
  readonly peers: string;
  /** Is told of packages that are not there. */
  readonly missing: (line: string) => void;
}

export interface Runner {
  readonly name: string;
  /** What a text costs is measured. A promise only where there is no answer without one. */
  run(text: string): unknown;
  /** The chunks that came of it as they are indexed; none where tokens are only counted. */
  chunks(result: unknown, text: string): readonly string[];
}

/** Sizes of chunks. */
export const limits: Readonly<Record<Kind, number>> = { counting: Infinity, tokens: 200, characters: 800 };

/** All that are compared with each other, the first being what the others are a multiple of. */
export async function runners({ kind, encoding: name, peers, missing }: Given): Promise<readonly Runner[]> {
  const encoder = get_encoding(name);
  const decoder = new TextDecoder();
  const count = (text: string): number => encoder.encode_ordinary(text).length;
  const { characters, tokens } = limits;
  const others = await chunkingPeers(
    peers,
    {
      characters,
      tokens,
      count,
      parts: (text) =>
        Array.from(encoder.encode_ordinary(text), (token) => decoder.decode(encoder.decode(Uint32Array.of(token)))),
    },
    missing,
  );
  const tiktoken = counter("tiktoken encode_ordinary", count);
  if (kind === "counting") {
    const tokenizer = await encoding(name);
    return [tiktoken, counter("groundline count", (text) => tokenizer.count(text))];
  }
  if (kind === "tokens") {
    const options = { size: tokens, overlap: 0, tokenizer: await encoding(name) };
    return [
      tiktoken,
      ours("recursive", recursive(options)),
      ours("sentences", sentences(options)),
      ours("markdown", markdown(options)),
      ...others.byTokens.map(theirs),
    ];
  }
  const options = { size: characters, overlap: 0 };
  return [
    ...others.byCharacters.map(theirs),
    ours("recursive", recursive(options)),
    ours("sentences", sentences(options)),
    ours("markdown", markdown(options)),
    ours("html", html(options)),
    ours("code", code({ ...options, language: "ts" })),
  ];
}

function counter(name: string, count: (text: string) => number): Runner {
  return { name, run: count, chunks: () => [] };
}

function ours(label: string, chunker: Chunker): Runner {
  return {
    name: `groundline ${label}`,
    run: (text) => chunker({ text }),
    chunks: (result, text) =>
      (result as readonly Piece[]).map(({ start, end, context }) =>
        indexedText({ title: undefined, context, text: text.slice(start, end) }),
      ),
  };
}

function theirs({ name, cut }: Splitter): Runner {
  return { name, run: cut, chunks: (result) => result as readonly string[] };
}
