import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Bm25Index, bm25, bm25FromBytes } from "../src/lexical/bm25.ts";
import type { Analyzer } from "../src/types.ts";

/** Engines that search words in memory, all behind one face. The others are no dependency: they are taken from a folder. */
export interface TextEngine {
  add(id: string, text: string): void;
  /** After the last document. */
  ready(): void;
  search(query: string, topK: number): number;
  save(): Uint8Array | string;
}

export interface TextPeer {
  readonly name: string;
  create(analyzer: Analyzer): TextEngine;
  load(saved: Uint8Array | string, analyzer: Analyzer): TextEngine;
}

function ourEngine(index: Bm25Index): TextEngine {
  return {
    add: (id, text) => index.add(id, text),
    ready: () => undefined,
    search: (query, topK) => index.search(query, { topK }).length,
    save: () => index.toBytes(),
  };
}

export const ours: TextPeer = {
  name: "groundline/bm25",
  create: (analyzer) => ourEngine(bm25({ analyzer })),
  load: (saved, analyzer) => ourEngine(bm25FromBytes(saved as Uint8Array, { analyzer })),
};

interface WinkEngine {
  defineConfig(config: object): void;
  definePrepTasks(tasks: readonly ((text: string) => unknown)[]): void;
  addDoc(document: object, id: string): void;
  consolidate(): void;
  search(query: string, limit: number): readonly unknown[];
  exportJSON(): string;
  importJSON(json: string): void;
}

function winkPeer(create: () => WinkEngine): TextPeer {
  const engineOf = (wink: WinkEngine): TextEngine => ({
    add: (id, text) => wink.addDoc({ text }, id),
    ready: () => wink.consolidate(),
    search: (query, topK) => wink.search(query, topK).length,
    save: () => wink.exportJSON(),
  });
  return {
    name: "wink-bm25-text-search",
    create(analyzer) {
      const wink = create();
      wink.defineConfig({ fldWeights: { text: 1 } });
      wink.definePrepTasks([(text) => analyzer.terms(text)]);
      return engineOf(wink);
    },
    load(saved, analyzer) {
      const wink = create();
      wink.importJSON(saved as string);
      wink.definePrepTasks([(text) => analyzer.terms(text)]);
      return engineOf(wink);
    },
  };
}

interface MiniSearchIndex {
  add(document: object): void;
  search(query: string): readonly unknown[];
}

interface MiniSearchClass {
  new (options: object): MiniSearchIndex;
  loadJSON(json: string, options: object): MiniSearchIndex;
}

function miniSearchPeer(MiniSearch: MiniSearchClass): TextPeer {
  const engineOf = (mini: MiniSearchIndex): TextEngine => ({
    add: (id, text) => mini.add({ id, text }),
    ready: () => undefined,
    // It has no limit of its own.
    search: (query, topK) => mini.search(query).slice(0, topK).length,
    save: () => JSON.stringify(mini),
  });
  const optionsOf = (analyzer: Analyzer): object => ({
    fields: ["text"],
    tokenize: (text: string) => analyzer.terms(text),
    processTerm: (term: string) => term,
  });
  return {
    name: "minisearch",
    create: (analyzer) => engineOf(new MiniSearch(optionsOf(analyzer))),
    load: (saved, analyzer) => engineOf(MiniSearch.loadJSON(saved as string, optionsOf(analyzer))),
  };
}

const packages: readonly { readonly specifier: string; readonly peer: (loaded: { default: unknown }) => TextPeer }[] = [
  { specifier: "wink-bm25-text-search", peer: (loaded) => winkPeer(loaded.default as () => WinkEngine) },
  { specifier: "minisearch", peer: (loaded) => miniSearchPeer(loaded.default as MiniSearchClass) },
];

/** Those that are installed in the folder; of the others a line says how to. */
export async function textPeersIn(folder: string): Promise<readonly TextPeer[]> {
  const { resolve } = createRequire(join(folder, "package.json"));
  const peers: TextPeer[] = [];
  for (const { specifier, peer } of packages) {
    try {
      peers.push(peer((await import(pathToFileURL(resolve(specifier)).href)) as { default: unknown }));
    } catch {
      console.error(
        `${specifier} is not in ${folder} and not compared with: npm install --prefix ${folder} ${specifier}`,
      );
    }
  }
  return peers;
}
