import { existsSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readJson, type Subject } from "../../datasets/library/library-file.js";
import { makeStaging } from "../../datasets/library/staging.js";
import { ASK_FILE, ROWS_FILE, stagingFolder } from "../../datasets/library/staging-folder.js";
import { manifestPath, readManifest } from "../../datasets/manifest.js";
import { KalshiError } from "../../errors.js";
import type { Frame } from "../../frames/frame.js";
import type { Provenance } from "../../frames/provenance.js";
import { writeFileAtomic } from "../../store/atomic-file.js";
import type { CandlestickAsk, Lab } from "../lab.js";
import type { Query, QueryOptions } from "../query.js";

/** One question of a sync, kept on disk until its rows are in the library: a stopped sync goes on with it. */
export interface Asking {
  readonly subject: Subject;
  readonly ask: { readonly series?: string; readonly tickers?: readonly string[]; readonly from?: string };
  /** The exchange's present before it was asked, RFC 3339: everything older is in the answer. */
  readonly begun: string;
  /** Of which exchange, and whose. */
  readonly exchange: string;
  readonly account: string | null;
}

/** Rows that have come, in a file. */
export interface StagedRows {
  readonly path: string;
  readonly provenance: Provenance;
  /** True when an earlier run had begun it. */
  readonly resumed: boolean;
}

/** The question that a stopped sync has left; null when there is none. */
export function leftAsking(library: string): Asking | null {
  return readJson(join(stagingFolder(library), ASK_FILE)) as Asking | null;
}

/**
 * Asks a question into a file, or goes on with it.
 *
 * @throws KalshiError what the lab's questions throw
 */
export async function fetchRows(lab: Lab, library: string, asking: Asking, options: QueryOptions): Promise<StagedRows> {
  const folder = await makeStaging(library);
  const path = join(folder, ROWS_FILE);
  const done = finished(path);
  if (done !== null) return { path, provenance: done, resumed: true };
  await writeFileAtomic(join(folder, ASK_FILE), JSON.stringify(asking));
  try {
    const { provenance, resumed } = await questionOf(lab, asking, options).save(path);
    return { path, provenance, resumed };
  } catch (error) {
    if (!(error instanceof KalshiError) || !/^CHECKPOINT_/.test(error.code)) throw error;
    // What was begun cannot be gone on with: of a question of ours, so it is put anew.
    await rm(`${path}.partial`, { recursive: true, force: true });
    const { provenance, resumed } = await questionOf(lab, asking, options).save(path);
    return { path, provenance, resumed };
  }
}

/** Forgets a question that was refused before anything of it came: the next sync need not ask it again. */
export async function forgetUnbegun(library: string): Promise<void> {
  if (!existsSync(join(stagingFolder(library), `${ROWS_FILE}.partial`, "checkpoint.json"))) await forget(library);
}

/** Forgets a question whose rows are in the library. */
export async function forget(library: string): Promise<void> {
  const folder = stagingFolder(library);
  await rm(join(folder, ASK_FILE), { force: true });
  for (const name of [ROWS_FILE, manifestPath(ROWS_FILE), `${ROWS_FILE}.partial`])
    await rm(join(folder, name), { recursive: true, force: true });
}

/** Where a file of rows comes from when it was finished; null when it was not. */
function finished(path: string): Provenance | null {
  if (!existsSync(path) || !existsSync(manifestPath(path))) return null;
  const manifest = readManifest(path);
  return manifest !== null && manifest.size === statSync(path).size ? manifest.provenance : null;
}

function questionOf(lab: Lab, { subject, ask }: Asking, options: QueryOptions): Pick<Query<Frame>, "save"> {
  const asked = { ...ask, ...options };
  switch (subject.kind) {
    case "markets":
      return lab.markets(asked);
    case "trades":
      return lab.trades(asked);
    case "candlesticks":
      return lab.candlesticks({ ...asked, period: subject.period as NonNullable<CandlestickAsk["period"]> });
    case "fills":
      return lab.fills(asked);
    default:
      return lab.settlements(asked);
  }
}
