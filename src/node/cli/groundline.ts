#!/usr/bin/env node
import { runGroundline } from "./run.ts";

await runGroundline(process.argv.slice(2));
// Once all is printed, and not when the caller's retriever gives its timers and connections free.
process.stdout.write("", () => process.exit());
