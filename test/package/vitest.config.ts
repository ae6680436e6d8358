import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** The checks of the packed tarball: minutes rather than seconds, so `npm run package` runs them and `npm test` does not. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    include: ["test/package/*.check.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
