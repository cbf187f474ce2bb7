import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { walkKillPoints } from "./kill-points.js";

const WALKS = 5;
const KILLS = 4;

describe("a download that is killed", () => {
  // The seed stands in the name: `npm run soak -- --seed SEED --walks 1` walks the same way again.
  const seeds = Array.from({ length: WALKS }, () => randomBytes(4).toString("hex"));

  it.each(seeds)(
    `at ${KILLS} random places, with refusals, broken answers, rows that come again and a moving cutoff, ends with exactly the right rows: %s`,
    async (seed) => {
      const walk = await walkKillPoints(seed, KILLS);
      expect(walk.kills).toHaveLength(KILLS);
      expect(walk.faults.cutoff).toBeGreaterThan(0);
    },
    180_000,
  );
});
