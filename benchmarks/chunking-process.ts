import { type ChildProcess, fork } from "node:child_process";
import { computed } from "./cost.ts";
import { type Given, type Runner, runners } from "./chunking-runners.ts";

/** A runner in a process of its own: what others leave in caches, on the heap and in compiled code is not its own. */
export interface RunnerProcess {
  /** Runs the texts again and again for so many milliseconds of CPU, at least once. */
  warmUp(texts: readonly string[], milliseconds: number): Promise<void>;
  run(texts: readonly string[]): Promise<{ readonly milliseconds: number; readonly chunks: readonly string[] }>;
  end(): void;
}

type About = Omit<Given, "missing"> & { readonly name: string };
interface Request {
  readonly texts: readonly string[];
  /** Present where it is to warm up. */
  readonly milliseconds?: number;
}
type Reply = { readonly milliseconds: number; readonly chunks: readonly string[] } | { readonly thrown: string };

export function runnerProcess(about: About): RunnerProcess {
  const child = fork(import.meta.filename, [JSON.stringify(about)], { execArgv: ["--expose-gc"] });
  return {
    warmUp: async (texts, milliseconds) => void (await ask(child, { texts, milliseconds })),
    run: (texts) => ask(child, { texts }),
    end: () => child.disconnect(),
  };
}

async function ask(child: ChildProcess, request: Request): Promise<Exclude<Reply, { readonly thrown: string }>> {
  const reply = await new Promise<Reply>((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`its process ended with ${code ?? "a signal"}`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message as Reply);
    });
    child.send(request);
  });
  if ("thrown" in reply) throw new Error(reply.thrown);
  return reply;
}

async function answer(runner: Runner, { texts, milliseconds }: Request): Promise<Reply> {
  // What has come and gone as messages is garbage of the measuring.
  globalThis.gc?.({ type: "minor" });
  const before = computed();
  if (milliseconds !== undefined) {
    do await runAll(runner, texts, 1);
    while (computed() - before < milliseconds / 2);
    // Now, not while something is measured that takes less time than this; code that is thrown away with it comes again.
    globalThis.gc?.();
    do await runAll(runner, texts, 1);
    while (computed() - before < milliseconds);
    // Without the chunks: so many at once are garbage that code is thrown away with.
    return { milliseconds: computed() - before, chunks: [] };
  }
  const results = await runAll(runner, texts, texts.length);
  const spent = computed() - before;
  return { milliseconds: spent, chunks: results.flatMap((result, index) => runner.chunks(result, texts[index] ?? "")) };
}

/**
 * In one place, for it to be compiled by what warms up. Of that no results are kept: what lives longer than the young
 * generation is marked and swept while something is measured.
 */
async function runAll(runner: Runner, texts: readonly string[], kept: number): Promise<readonly unknown[]> {
  const results: unknown[] = [];
  for (const [index, text] of texts.entries()) results[index % kept] = await runner.run(text);
  return results;
}

if (process.send !== undefined) {
  const { name, ...given } = JSON.parse(process.argv[2] ?? "") as About;
  const found = (await runners({ ...given, missing: () => {} })).find((runner) => runner.name === name);
  if (found === undefined) throw new Error(`There is no runner ${name}.`);
  process.on("message", (request: Request) => {
    void answer(found, request)
      .catch((error: unknown): Reply => ({ thrown: error instanceof Error ? error.message : String(error) }))
      .then((reply) => process.send?.(reply));
  });
}
