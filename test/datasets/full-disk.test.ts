import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "kalshi-lab-full-"));
const mount = `mount -t tmpfs -o size=2m tmpfs ${folder}`;
// A mount of one's own needs root or user namespaces; it ends with the process.
const possible = spawnSync("unshare", ["-rm", "sh", "-c", mount]).status === 0;
const whyNot = possible ? null : "skipped: no small file system can be mounted here";
if (whyNot !== null && process.env.CI === "true") throw new Error(whyNot);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(whyNot !== null)(`a full disk (${whyNot ?? "two megabytes"})`, () => {
  it("is reported as such, and leaves the older file, its manifest and nothing else", async () => {
    const script = fileURLToPath(new URL("full-disk.ts", import.meta.url));
    const command = `${mount} && exec "$0" --import tsx ${script} ${folder}`;
    const { stdout } = await promisify(execFile)("unshare", ["-rm", "sh", "-c", command, process.execPath]);
    expect(JSON.parse(stdout)).toEqual({
      codes: ["DISK_FULL", "DISK_FULL"],
      untouched: true,
      files: ["trades.csv", "trades.csv.manifest.json"],
    });
  });
});
