#!/usr/bin/env node
import { runCommand } from "./command.ts";
import { evalCommand, runEval } from "./eval.ts";

const [, , name, ...given] = process.argv;
if (name === "eval") await runCommand(evalCommand, runEval, given);
else {
  console.error("npx groundline eval FOLDER [--help] [flags]: measures retrieval, and fails when it became worse");
  process.exitCode = name === undefined || name === "--help" ? 0 : 2;
}
