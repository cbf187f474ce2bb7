import { describe, expect, it } from "vitest";
import { takenToDownload } from "../soak/memory.js";

const whyNot = process.platform === "linux" ? null : "only Linux tells the memory that a process ever held";

describe.skipIf(whyNot !== null)(
  `a download of a million trades${whyNot === null ? "" : ` (skipped: ${whyNot})`}`,
  () => {
    it("to Parquet, with the cache to fill as well, never takes 300 MB above the start", async () => {
      const { rows, start, peak } = await takenToDownload(1_000_000, "on");
      expect(rows).toBe(1_000_000);
      expect(peak - start).toBeLessThan(300);
    }, 240_000);
  },
);
