import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import type { Taken } from "../support/export-child.js";
import { writeDeltas } from "../support/many-deltas.js";

const whyNot = process.platform === "linux" ? null : "only Linux tells the memory that a process ever held";

it.skipIf(whyNot !== null)(
  `a recording goes to Parquet and Arrow in memory that does not grow with it${whyNot === null ? "" : ` (skipped: ${whyNot})`}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "kalshi-lab-export-"));
    const child = fileURLToPath(new URL("../support/export-child.ts", import.meta.url));
    const taken = async (dir: string, file: string): Promise<Taken> => {
      const args = ["--import", "tsx", child, join(folder, dir), join(folder, file)];
      return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout) as Taken;
    };
    try {
      await writeDeltas(join(folder, "large"), 200_000);
      for (const file of ["large.parquet", "large.arrow"]) {
        const { rows, seconds, start, peak } = await taken("large", file);
        console.log(
          `${rows} rows to ${file}: ${seconds.toFixed(1)} s, ${Math.round(peak - start)} MB above ${Math.round(start)} MB`,
        );
        expect(rows).toBeGreaterThan(1_000_000);
        // As a table the rows alone would be larger than this.
        expect(peak - start).toBeLessThan(400);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  240_000,
);
