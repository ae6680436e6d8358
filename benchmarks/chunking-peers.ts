import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Other things that cut text. They are no dependency: they are taken from a folder where they are installed. */
export interface Splitter {
  readonly name: string;
  readonly cut: (text: string) => Promise<readonly string[]>;
}

export interface Sizes {
  readonly characters: number;
  readonly tokens: number;
  /** tiktoken's. */
  readonly count: (text: string) => number;
  readonly parts: (text: string) => string[];
}

export interface Peers {
  readonly byCharacters: readonly Splitter[];
  readonly byTokens: readonly Splitter[];
}

interface LangChain {
  readonly RecursiveCharacterTextSplitter: new (options: object) => { splitText(text: string): Promise<string[]> };
  readonly MarkdownTextSplitter: new (options: object) => { splitText(text: string): Promise<string[]> };
}
interface Chonkie {
  readonly RecursiveChunker: {
    create(options: object): Promise<{ chunk(text: string): Promise<readonly { readonly text: string }[]> }>;
  };
}
interface LlmSplitter {
  readonly split: (text: string, options: object) => readonly { readonly start: number; readonly end: number }[];
}

function langchain({ RecursiveCharacterTextSplitter, MarkdownTextSplitter }: LangChain, sizes: Sizes): Peers {
  const options = { chunkSize: sizes.characters, chunkOverlap: 0 };
  const recursive = new RecursiveCharacterTextSplitter(options);
  const markdown = new MarkdownTextSplitter(options);
  const tokens = new RecursiveCharacterTextSplitter({
    chunkSize: sizes.tokens,
    chunkOverlap: 0,
    lengthFunction: sizes.count,
  });
  return {
    byCharacters: [
      { name: "LangChain recursive", cut: (text) => recursive.splitText(text) },
      { name: "LangChain markdown", cut: (text) => markdown.splitText(text) },
    ],
    byTokens: [{ name: "LangChain recursive with tiktoken", cut: (text) => tokens.splitText(text) }],
  };
}

async function chonkie({ RecursiveChunker }: Chonkie, { characters }: Sizes): Promise<Peers> {
  const chunker = await RecursiveChunker.create({ chunkSize: characters });
  const cut = async (text: string): Promise<readonly string[]> => (await chunker.chunk(text)).map((one) => one.text);
  return { byCharacters: [{ name: "Chonkie recursive", cut }], byTokens: [] };
}

function llmSplitter({ split }: LlmSplitter, sizes: Sizes): Peers {
  const cutBy = (options: object) => async (text: string) =>
    split(text, { chunkOverlap: 0, ...options }).map(({ start, end }) => text.slice(start, end));
  return {
    byCharacters: [{ name: "llm-splitter", cut: cutBy({ chunkSize: sizes.characters }) }],
    byTokens: [{ name: "llm-splitter with tiktoken", cut: cutBy({ chunkSize: sizes.tokens, splitter: sizes.parts }) }],
  };
}

const packages: readonly {
  readonly specifier: string;
  readonly peers: (loaded: unknown, sizes: Sizes) => Promise<Peers>;
}[] = [
  { specifier: "@langchain/textsplitters", peers: async (loaded, sizes) => langchain(loaded as LangChain, sizes) },
  { specifier: "@chonkiejs/core", peers: (loaded, sizes) => chonkie(loaded as Chonkie, sizes) },
  { specifier: "llm-splitter", peers: async (loaded, sizes) => llmSplitter(loaded as LlmSplitter, sizes) },
];

/** Those that are installed in the folder; of the others a line tells how to. */
export async function chunkingPeers(folder: string, sizes: Sizes, missing: (line: string) => void): Promise<Peers> {
  const found: Peers[] = [];
  for (const { specifier, peers } of packages) {
    try {
      found.push(await peers(await load(folder, specifier), sizes));
    } catch {
      missing(`${specifier} is not in ${folder} and not compared with: npm install --prefix ${folder} ${specifier}`);
    }
  }
  return { byCharacters: found.flatMap((one) => one.byCharacters), byTokens: found.flatMap((one) => one.byTokens) };
}

/** Some packages have no entry for `require`, so their module file is named too. */
async function load(folder: string, specifier: string): Promise<unknown> {
  const { resolve } = createRequire(join(folder, "package.json"));
  try {
    return await import(pathToFileURL(resolve(specifier)).href);
  } catch {
    return import(pathToFileURL(join(folder, "node_modules", specifier, "dist/index.js")).href);
  }
}
