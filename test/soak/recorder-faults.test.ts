import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { whyNoSmallDisk } from "../support/small-disk.js";
import { faultKinds } from "./fault-plan.js";
import { walkFaults } from "./recorder-faults.js";

const WALKS = 2;

describe("a recorder that everything goes wrong around", () => {
  // The seed stands in the name: `npm run soak -- recorder --seed SEED --walks 1` takes the same steps again.
  const seeds = Array.from({ length: WALKS }, () => randomBytes(4).toString("hex"));

  it.each(seeds)(
    "records what was sent but for the gaps it tells of, and calls no book ok that is not the sandbox's: %s",
    async (seed) => {
      const walk = await walkFaults(seed);
      const kinds = faultKinds.filter((kind) => whyNoSmallDisk === null || !kind.startsWith("fill"));
      expect([...new Set(walk.steps)].sort()).toEqual([...kinds].sort());
      expect(walk.missing).toBeGreaterThan(0);
      expect(walk.ok).toBeGreaterThan(40);
      expect(walk.unknown).toBeGreaterThan(40);
      expect(walk.connections).toBeGreaterThan(5);
      // What readers of such frames have been known to get wrong has been among them.
      expect(Object.keys(walk.met).sort()).toEqual(
        expect.arrayContaining([
          "absent side",
          "close that wipes a full book",
          "fractional size",
          "snapshot in the middle of the stream",
          "sub-penny price",
          "time with trimmed zeros",
        ]),
      );
    },
    400_000,
  );
});
