import { defineConfig } from "vitest/config";

export default defineConfig({
  // Generous on purpose: a bound on time is for benchmarks, this one only ends what hangs.
  test: { include: ["test/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 300_000 },
});
