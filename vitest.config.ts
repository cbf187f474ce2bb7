import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** They run the whole program, or a browser or JupyterLab beside it: one at a time, when the others are done. */
const whole = [
  "test/browser/**/*.test.ts",
  "test/cli/interruption.test.ts",
  "test/notebooks/**/*.test.ts",
  "test/soak/**/*.test.ts",
];

export default defineConfig({
  test: {
    // A machine with twenty jobs takes three times as long; what hangs is found all the same.
    testTimeout: 150_000,
    hookTimeout: 150_000,
    pool: "forks",
    // Nobody's own cache is read or written, and no test finds what another has left; those of the cache name a folder of their own.
    env: { KALSHI_CACHE: "off", KALSHI_CACHE_DIR: join(tmpdir(), `kalshi-lab-test-cache-${process.pid}`) },
    setupFiles: ["./test/support/properties.ts"],
    reporters: ["default", "./test/support/skipped-reporter.ts"],
    projects: [
      {
        extends: true,
        // Two cores, and several tests start processes of their own.
        test: {
          name: "floors",
          include: ["test/**/*.test.ts"],
          exclude: whole,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: "whole", include: whole, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
