import { runCommand as run, type Arguments, type Command } from "../src/node/cli/command.ts";

export type { Arguments, Command, Flag } from "../src/node/cli/command.ts";
export { helpOf, readArguments } from "../src/node/cli/command.ts";

/** Runs a benchmark by its name. */
export function runCommand<F extends string>(
  command: Command<F>,
  main: (given: Arguments<F>) => Promise<void>,
  given: readonly string[] = process.argv.slice(2),
): Promise<void> {
  return run({ ...command, name: `npm run bench -- ${command.name}` }, main, given);
}
