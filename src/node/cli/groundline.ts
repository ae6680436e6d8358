#!/usr/bin/env node
import { runGroundline } from "./run.ts";

await runGroundline(process.argv.slice(2));
