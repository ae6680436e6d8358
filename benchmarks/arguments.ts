import { runCommand as run, type Arguments, type Command, type Flag } from "../src/node/cli/command.ts";

export type { Arguments, Command, Flag } from "../src/node/cli/command.ts";
export { helpOf, readArguments } from "../src/node/cli/command.ts";

export const outputFlags = { json: { about: "print JSON" }, help: { about: "print this" } } as const;

export function seedFlag(of: string): Flag {
  return { value: "N", about: `of ${of}`, default: "1" };
}

/** Of a collection in BEIR's layout. */
export const splitFlag: Flag = { value: "NAME", about: "which of qrels/NAME.tsv", default: "test" };

/** Runs a benchmark by its name. */
export function runCommand<F extends string>(
  command: Command<F>,
  main: (given: Arguments<F>) => Promise<void>,
  given: readonly string[] = process.argv.slice(2),
): Promise<void> {
  return run({ ...command, name: `npm run bench -- ${command.name}` }, main, given);
}
