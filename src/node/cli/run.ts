import { quoted } from "../../errors.ts";
import { runCommand } from "./command.ts";
import { evalCommand, runEval } from "./eval.ts";
import { version } from "./version.ts";

const help = `npx groundline COMMAND [--help] [flags]

  eval FOLDER  measures retrieval on a labelled collection, and fails when it became worse than its baseline
  --version    print the version
  --help       print this`;

/** The command that is named; what nobody knows exits with 2. */
export async function runGroundline([name, ...given]: readonly string[]): Promise<void> {
  if (name === "eval") return runCommand(evalCommand, runEval, given);
  const alone = given.length === 0;
  if (alone && name === "--version") console.log(version);
  else if (alone && (name === "--help" || name === "-h")) console.log(help);
  else {
    const wrong = alone || name === undefined || !name.startsWith("-") ? name : [name, ...given].join(" ");
    console.error(
      `npx groundline: expected a command, received ${wrong === undefined ? "none" : quoted(wrong)}\n\n${help}`,
    );
    process.exitCode = 2;
  }
}
