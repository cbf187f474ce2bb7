import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startSandboxProcess } from "../../src/lab/sandbox-process.js";
import { BULK_STRADDLING } from "../../src/sandbox/world/series/bulk-series.js";
import type { Taken } from "./memory-child.js";

/**
 * What the trades of the sandbox's largest market took to be downloaded to Parquet, both it and the download in processes of their own.
 * The cache, when it is on, is an empty one that is filled on the way.
 */
export async function takenToDownload(trades: number, cache: "on" | "off"): Promise<Taken> {
  const folder = mkdtempSync(join(tmpdir(), "kalshi-lab-memory-"));
  const sandbox = await startSandboxProcess(["--tier", "prestige", "--bulk-trades", String(trades)]);
  try {
    const child = fileURLToPath(new URL("memory-child.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", child, BULK_STRADDLING, join(folder, "trades.parquet")],
      {
        env: {
          ...process.env,
          KALSHI_ENV: "sandbox",
          KALSHI_REST_URL: sandbox.rest_url,
          KALSHI_WS_URL: sandbox.ws_url,
          KALSHI_API_KEY_ID: sandbox.key_id,
          KALSHI_PRIVATE_KEY_PATH: sandbox.private_key_path,
          KALSHI_PRIVATE_KEY: "",
          KALSHI_CACHE: cache,
          KALSHI_CACHE_DIR: join(folder, "cache"),
        },
      },
    );
    return JSON.parse(stdout) as Taken;
  } finally {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prints it, without and with the cache. */
export async function reportMemory(trades: number): Promise<void> {
  for (const cache of ["off", "on"] as const) {
    const { rows, seconds, writing, start, downloading, peak } = await takenToDownload(trades, cache);
    const [pages, file] = [downloading, peak].map((most) => Math.round(most - start));
    console.log(
      `${rows} trades, cache ${cache}: ${seconds.toFixed(0)} s, ${writing.toFixed(0)} of them for the file; ${pages} MB above the start until the last page, ${file} MB altogether`,
    );
  }
}
