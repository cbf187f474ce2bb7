import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

/** Where a shell cannot set how many files may be open there is nothing to see. */
it.skipIf(process.platform === "win32")(
  "a cache of more files than may be open is found whole, also while none can be opened for a moment",
  async () => {
    const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-many-"));
    const words = ["--import", "tsx", "test/support/many-kept-files.ts", dir, "400"];
    const script = 'ulimit -n 120; exec "$0" "$@"';
    const { stdout } = await promisify(execFile)("sh", ["-c", script, process.execPath, ...words]);
    const whole = { files: 400, rows: 400 };
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([whole, whole]);
    rmSync(dir, { recursive: true });
  },
  30_000,
);
