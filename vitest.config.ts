import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores, and several tests start processes of their own.
    maxWorkers: 2,
    pool: "forks",
  },
});
