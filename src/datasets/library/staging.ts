import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder, writeFileAtomic } from "../../store/atomic-file.js";
import { readJson } from "./library-file.js";
import { type Partition, partitionPath } from "./partition.js";

/** Where what is not finished lies; nothing below it is data of the library. */
export function stagingFolder(library: string): string {
  return join(library, "_staging");
}

/** A partition's folder that is about to take the place of the one there is. */
interface Swap extends Partition {
  readonly made: string;
  readonly old: string;
}

function swapPath(library: string): string {
  return join(stagingFolder(library), "swap.json");
}

/**
 * Puts a finished folder of data files in the place of a partition's. Between the two renames the partition is not there, for as long as they
 * take; {@link recover} ends what was stopped right there.
 */
export async function swapFolder(library: string, partition: Partition, made: string): Promise<void> {
  const { kind, series, date } = partition;
  const swap: Swap = { kind, series, date, made, old: `${made}-old` };
  for (const dir of [made, dirname(made)]) await syncFolder(dir);
  await writeFileAtomic(swapPath(library), JSON.stringify(swap));
  const dir = join(library, partitionPath(partition));
  await rename(dir, swap.old);
  await rename(made, dir);
  await endSwap(library, dir, swap);
}

/**
 * Ends what a stopped process has left half-way, and removes what it has left over. For whoever holds the library's lock.
 *
 * @param keep - names in the staging folder that somebody still goes on with
 */
export async function recover(library: string, keep: readonly string[] = []): Promise<void> {
  const swap = readJson(swapPath(library)) as Swap | null;
  if (swap !== null) {
    const dir = join(library, partitionPath(swap));
    if (!existsSync(dir) && existsSync(swap.made)) await rename(swap.made, dir);
    await endSwap(library, dir, swap);
  }
  const staging = stagingFolder(library);
  for (const name of await readdir(staging).catch(() => []))
    if (!keep.some((kept) => name.startsWith(kept))) await rm(join(staging, name), { recursive: true, force: true });
}

async function endSwap(library: string, dir: string, { made, old }: Swap): Promise<void> {
  await syncFolder(dirname(dir));
  for (const rest of [old, made]) await rm(rest, { recursive: true, force: true });
  await rm(swapPath(library), { force: true });
}

/** Names in the staging folder of a question that is being answered. */
export const ASK_FILE = "ask.json";
export const ROWS_FILE = "rows.parquet";

/** What of the staging folder a stopped sync will go on with. */
export function keptStaging(library: string): readonly string[] {
  return existsSync(join(stagingFolder(library), ASK_FILE)) ? [ASK_FILE, ROWS_FILE] : [];
}

/** Makes the staging folder. */
export async function makeStaging(library: string): Promise<string> {
  const dir = stagingFolder(library);
  await mkdir(dir, { recursive: true });
  return dir;
}
