import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { recordRollover } from "./rollover.js";

describe("a recorder of a series", () => {
  // A tenth of `npm run soak -- rollover`, and three times as fast. The seed stands in the name.
  const seed = randomBytes(4).toString("hex");

  it(`records every market of fifteen minutes from before its opening until its book is wiped, over one connection without a gap: ${seed}`, async () => {
    const { markets, okReplies, gaps, connections, books, frames } = await recordRollover({
      seed,
      hours: 2.4,
      speed: 60,
    });
    expect(markets).toBeGreaterThanOrEqual(8);
    expect(books).toBe(3 * markets);
    expect({ gaps, connections }).toEqual({ gaps: 0, connections: 1 });
    // Markets join and leave the subscriptions by commands whose replies take a number among the frames.
    expect(okReplies).toBeGreaterThan(markets);
    expect(frames).toBeGreaterThan(50_000);
  }, 600_000);
});
