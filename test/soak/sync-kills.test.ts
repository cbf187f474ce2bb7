import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { walkSyncKills } from "./sync-kills.js";

const KILLS = 10;

describe("a library whose syncs and compactions are killed", () => {
  // The seed stands in the name: `npm run soak -- sync --seed SEED --kills 10` walks the same way again.
  it.each([randomBytes(4).toString("hex")])(
    `at ${KILLS} random moments verifies after each, and ends complete and as a library that was not killed, row by row: %s`,
    async (seed) => {
      const walk = await walkSyncKills(seed, KILLS);
      expect(walk.kills).toHaveLength(KILLS);
      expect(walk.rows).toBeGreaterThan(3_000);
    },
    240_000,
  );
});
