import { codeTerms, ConfigError, english, lucene, unicode } from "../src/index.ts";
import type { Analyzer } from "../src/types.ts";
import type { Arguments } from "./arguments.ts";

type Load = () => Promise<() => Analyzer>;

/** By the name that a benchmark is given: those of the core, and the language packs. */
const analyzers: Readonly<Record<string, Load>> = {
  english: async () => english,
  unicode: async () => unicode,
  lucene: async () => lucene,
  code: async () => codeTerms,
  ar: async () => (await import("../adapters/analyzers/ar.ts")).arabic,
  de: async () => (await import("../adapters/analyzers/de.ts")).german,
  el: async () => (await import("../adapters/analyzers/el.ts")).greek,
  es: async () => (await import("../adapters/analyzers/es.ts")).spanish,
  fr: async () => (await import("../adapters/analyzers/fr.ts")).french,
  hi: async () => (await import("../adapters/analyzers/hi.ts")).hindi,
  it: async () => (await import("../adapters/analyzers/it.ts")).italian,
  nl: async () => (await import("../adapters/analyzers/nl.ts")).dutch,
  pt: async () => (await import("../adapters/analyzers/pt.ts")).portuguese,
  ro: async () => (await import("../adapters/analyzers/ro.ts")).romanian,
  ru: async () => (await import("../adapters/analyzers/ru.ts")).russian,
  sv: async () => (await import("../adapters/analyzers/sv.ts")).swedish,
  tr: async () => (await import("../adapters/analyzers/tr.ts")).turkish,
  vi: async () => (await import("../src/lexical/analyzers/languages/vi.ts")).vietnamese,
};

export const analyzerFlag = {
  value: "NAME",
  about: "english, unicode, lucene, code, or a language: ar, de, el, es, fr, hi, it, nl, pt, ro, ru, sv, tr, vi",
  default: "english",
} as const;

export async function analyzerNamed(name: string): Promise<Analyzer> {
  return (await loaded(name))();
}

/** What makes it, and where that is imported from. */
export async function analyzerImport(name: string): Promise<{ readonly made: string; readonly from: string }> {
  const { name: made } = await loaded(name);
  return { made, from: name.length === 2 ? `groundline/analyzers/${name}` : "groundline" };
}

function loaded(name: string): ReturnType<Load> {
  const load = Object.hasOwn(analyzers, name) ? analyzers[name] : undefined;
  if (load !== undefined) return load();
  throw new ConfigError(`--analyzer: expected one of ${Object.keys(analyzers).join(", ")}, received ${name}`);
}

/** Where it is another one than the package's default. */
export async function analyzerAsked(given: Arguments<"analyzer">): Promise<Analyzer | undefined> {
  const name = given.value("analyzer") ?? analyzerFlag.default;
  return name === analyzerFlag.default ? undefined : analyzerNamed(name);
}
