import { parseArgs } from "node:util";
import { ConfigError, RetrievalError } from "../../errors.ts";

/** A command line: what a command is told, its help, and its errors as one line. */

export interface Flag {
  /** What the value is called in the help; without one it is a switch. */
  readonly value?: string;
  readonly about: string;
  readonly default?: string;
}

export interface Command<F extends string> {
  /** As it is typed, e.g. "npx groundline eval". */
  readonly name: string;
  readonly about: string;
  /** What stands besides the flags, e.g. "FOLDER"; "" for nothing. */
  readonly operand: string;
  readonly flags: Readonly<Record<F, Flag>>;
}

export interface Arguments<F extends string> {
  readonly operand: string;
  /** The flag as given, or its default; undefined where there is neither. */
  value(flag: F): string | undefined;
  on(flag: F): boolean;
  /** A flag of one number from `least`, or of several between commas where its value is called so. */
  numbers(flag: F, least: number): readonly number[];
}

export function readArguments<F extends string>(command: Command<F>, given: readonly string[]): Arguments<F> {
  const flags = Object.entries<Flag>(command.flags);
  const options = Object.fromEntries(
    flags.map(([name, { value }]) => [name, { type: value === undefined ? "boolean" : "string" } as const]),
  );
  const takesFolder = command.operand === "FOLDER";
  const { values, positionals } = parsed(given, { ...options, ...(takesFolder && { data: { type: "string" } }) });
  // `--data FOLDER` says the same as FOLDER.
  const { data } = values;
  const operands = [...positionals, ...(typeof data === "string" ? [data] : [])];
  const expected = command.operand === "" ? "no operand" : `one ${command.operand}`;
  if (operands.length !== (command.operand === "" ? 0 : 1)) {
    throw new ConfigError(`expected ${expected}, received ${operands.length}`);
  }
  const [operand = ""] = operands;
  const value = (flag: F): string | undefined => {
    const raw = values[flag];
    return typeof raw === "string" ? raw : command.flags[flag].default;
  };
  return {
    operand,
    value,
    on: (flag) => values[flag] === true,
    numbers(flag, least) {
      const list = (value(flag) ?? "").split(",").filter((part) => part !== "");
      const one = command.flags[flag].value?.includes(",") !== true;
      if (one && list.length > 1) throw new ConfigError(`--${flag}: expected one number, received ${list.join(",")}`);
      return list.map((part) => {
        const number = Number(part);
        if (Number.isFinite(number) && number >= least) return number;
        const wanted = one ? `a number from ${least}` : `numbers from ${least} between commas`;
        throw new ConfigError(`--${flag}: expected ${wanted}, received ${part}`);
      });
    },
  };
}

function parsed(
  given: readonly string[],
  options: Readonly<Record<string, { readonly type: "boolean" | "string" }>>,
): { readonly values: Readonly<Record<string, unknown>>; readonly positionals: readonly string[] } {
  try {
    return parseArgs({ args: [...given], options, allowPositionals: true });
  } catch (cause) {
    throw new ConfigError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

export function helpOf({ name, about, operand, flags }: Command<string>): string {
  const rows = Object.entries(flags).map(([flag, { value, ...rest }]) => ({
    left: `  --${flag}${value === undefined ? "" : ` ${value}`}`,
    right: rest.about + (rest.default === undefined ? "" : ` (default ${rest.default})`),
  }));
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  return [
    `${name} ${operand === "" ? "" : `${operand} `}[flags]`,
    "",
    about,
    "",
    ...rows.map(({ left, right }) => left.padEnd(width) + right),
  ].join("\n");
}

/**
 * Runs a command: help where it is asked for, and what is wrong as one line, without a stack. Only of what nobody foresaw,
 * such as an error of a user's module, the stack is shown. All of it exits with 2: 1 is an answer of the command's own.
 */
export async function runCommand<F extends string>(
  command: Command<F>,
  run: (given: Arguments<F>) => Promise<void>,
  given: readonly string[],
): Promise<void> {
  if (given.includes("--help") || given.includes("-h")) {
    console.log(helpOf(command));
    return;
  }
  try {
    await run(readArguments(command, given));
  } catch (error) {
    process.exitCode = 2;
    if (!(error instanceof RetrievalError)) {
      console.error(error);
      return;
    }
    console.error(`${command.name}: ${error.message}`);
    if (error instanceof ConfigError) console.error(`See ${command.name} --help`);
  }
}
