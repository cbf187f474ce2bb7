import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { labAndSandbox } from "../support/lab.js";
import { expectFresh } from "../support/library-rows.js";
import { folder, whyNot } from "../support/real-data.js";

describe.skipIf(whyNot !== null)(`a library of real records (${whyNot ?? "kxhighny"})`, () => {
  it("has every row of a fresh download, and asks next to nothing the second time", async () => {
    const root = mkdtempSync(join(tmpdir(), "sync-real-"));
    const { lab, close } = await labAndSandbox({ data: folder, speed: 0 });
    const library = join(root, "datasets");
    try {
      const first = await lab.sync({ library, series: "KXHIGHNY" });
      expect(first.subjects.find(({ kind }) => kind === "trades")?.added).toBeGreaterThan(10_000);
      const second = await lab.sync({ library });
      expect(second.files).toBe(0);
      expect([second.amendments, second.vanished]).toEqual([[], []]);
      expect(second.requests).toBeLessThanOrEqual(10);
      await expectFresh(lab, library, "KXHIGHNY");
      expect((await lab.verify(library)).faults).toEqual([]);
    } finally {
      await close();
      rmSync(root, { recursive: true, force: true });
    }
  }, 240_000);
});
