import { ConfigError, quoted, unexpected } from "../errors.ts";
import { expectOptions } from "../options.ts";

/** One promise of a port as data, for any runner: `for (const { name, run } of cases) test(name, run)`. */
export interface ConformanceCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** Cases of one concept, by name. Each gets a part of its own. */
export type Checks<Part> = Readonly<Record<string, (part: Part) => Promise<void> | void>>;

export function casesOf<Part>(
  make: () => Promise<Part> | Part,
  groups: readonly Checks<Part>[],
  close?: (part: Part) => Promise<void> | undefined,
): readonly ConformanceCase[] {
  if (typeof make !== "function") {
    throw unexpected("make", "a function that makes the part", make);
  }
  return groups.flatMap((checks) =>
    Object.entries(checks).map(([name, check]) => ({
      name,
      run: async () => {
        const part = await make();
        try {
          await check(part);
        } finally {
          await close?.(part);
        }
      },
    })),
  );
}

/**
 * Turns known gaps into cases that must fail, each with its reason, so that a gap that was mended is noticed.
 *
 * @example expectFailures(storeSuite(make), { "filters: prefixes": "the engine has no prefix search before 1.19" })
 */
export function expectFailures(
  cases: readonly ConformanceCase[],
  gaps: Readonly<Record<string, string>>,
): readonly ConformanceCase[] {
  if (!Array.isArray(cases) || cases.some((one: Partial<ConformanceCase> | null) => typeof one?.run !== "function")) {
    throw unexpected("cases", "what a suite gave", cases);
  }
  expectOptions("gaps", gaps);
  const unknown = Object.keys(gaps).filter((gap) => !cases.some(({ name }) => name === gap));
  if (unknown.length > 0) {
    throw new ConfigError(`gaps: expected names of cases, received ${unknown.map(quoted).join(", ")}`);
  }
  return cases.map(({ name, run }) => {
    const reason = Object.hasOwn(gaps, name) ? gaps[name] : undefined;
    return reason === undefined ? { name, run } : { name, run: () => mustFail(run, reason) };
  });
}

async function mustFail(run: () => Promise<void>, reason: string): Promise<void> {
  try {
    await run();
  } catch {
    return;
  }
  throw new Error(`expected a failure, because: ${reason}; it passes, so take it out of the known gaps`);
}
