import { createRequire } from "node:module";

const stored = createRequire(import.meta.url)("groundline/package.json") as { readonly version: string };

/** By the package's own name: its package.json stands at another distance from the sources than from what is built. */
export const version: string = stored.version;
