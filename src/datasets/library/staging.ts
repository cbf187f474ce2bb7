import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { KalshiError } from "../../errors.js";
import { syncFolder, writeFileAtomic } from "../../store/atomic-file.js";
import { endDrop } from "./ended-drop.js";
import { libraryKinds } from "./kinds.js";
import { readJson } from "./library-file.js";
import { type Partition, partitionPath } from "./partition.js";
import { ASK_FILE, leftQuestionPath, ownFolder, ROWS_FILE, stagingFolder } from "./staging-folder.js";

/** A partition's folder that is about to take the place of the one there is. */
interface Swap extends Partition {
  /** Names in the staging folder: the library may be moved, or come from elsewhere, before it is ended. */
  readonly made: string;
  readonly old: string;
}

function swapPath(library: string): string {
  return join(stagingFolder(library), "swap.json");
}

/** Whether a folder is about to take the place of another: what it is made of is not to be removed. */
export function isSwapping(library: string): boolean {
  return existsSync(swapPath(library));
}

/**
 * Puts a finished folder of data files in the place of a partition's. Between the two renames the partition is not there, for as long as they
 * take; {@link recover} ends what was stopped right there. When it fails the old folder is in its place again.
 *
 * @param made - a folder in the staging folder
 */
export async function swapFolder(library: string, partition: Partition, made: string): Promise<void> {
  const { kind, series, date } = partition;
  const dir = ownFolder(library, partitionPath(partition));
  const old = `${made}-old`;
  const swap: Swap = { kind, series, date, made: basename(made), old: basename(old) };
  for (const one of [made, dirname(made)]) await syncFolder(one);
  await writeFileAtomic(swapPath(library), JSON.stringify(swap));
  try {
    await rename(dir, old);
    await rename(made, dir);
  } catch (error) {
    // Where this fails too, the note stays, and whoever comes next ends it.
    if (!existsSync(dir)) await rename(old, dir).catch(() => undefined);
    if (existsSync(dir)) await rm(swapPath(library), { force: true });
    throw error;
  }
  await endSwap(library, dir, swap);
}

/**
 * Ends what a stopped process has left half-way, and removes what it has left over. For whoever holds the library's lock. Whatever the library
 * says, nothing outside of it is touched.
 *
 * @param keep - names in the staging folder that somebody still goes on with
 * @throws KalshiError `FILE_UNREADABLE` for a note that no version of this library has written, or a folder that is a link to elsewhere
 */
export async function recover(library: string, keep: readonly string[] = []): Promise<void> {
  const staging = ownFolder(library, "_staging");
  await endDrop(library);
  const swap = readSwap(library);
  if (swap !== null) {
    const dir = ownFolder(library, partitionPath(swap));
    for (const name of [swap.made, swap.old])
      if (!existsSync(dir) && existsSync(join(staging, name))) await rename(join(staging, name), dir);
    await endSwap(library, dir, swap);
  }
  for (const name of await readdir(staging).catch(() => []))
    if (!keep.some((kept) => name.startsWith(kept))) await rm(join(staging, name), { recursive: true, force: true });
}

async function endSwap(library: string, dir: string, { made, old }: Swap): Promise<void> {
  if (existsSync(dirname(dir))) await syncFolder(dirname(dir));
  for (const rest of [old, made]) await rm(join(stagingFolder(library), rest), { recursive: true, force: true });
  await rm(swapPath(library), { force: true });
}

/** The swap that was noted; null when there is none. */
function readSwap(library: string): Swap | null {
  const found = readJson(swapPath(library));
  if (found === null) return null;
  const { kind, series, date, made } = found as Record<string, unknown>;
  const isPartition =
    typeof kind === "string" &&
    Object.hasOwn(libraryKinds, kind) &&
    (series === null || typeof series === "string") &&
    (date === null || (typeof date === "string" && /^\d{4}-\d\d-\d\d$/.test(date)));
  // An earlier version wrote the whole path; the folder itself was in the staging folder then too.
  const name = typeof made === "string" ? made.split(/[\\/]/).at(-1)! : "";
  if (isPartition && /^compact\.[\w-]+\.tmp$/.test(name)) return { kind, series, date, made: name, old: `${name}-old` };
  throw new KalshiError("FILE_UNREADABLE", `${swapPath(library)} names no partition of this library`, {
    hint: "no version of kalshi-lab writes such a note: if you trust the library, remove the note and run verify",
    context: { path: swapPath(library) },
  });
}

/** What of the staging folder a stopped sync will go on with. */
export function keptStaging(library: string): readonly string[] {
  return existsSync(leftQuestionPath(library)) ? [ASK_FILE, ROWS_FILE] : [];
}

/** Makes the staging folder. */
export async function makeStaging(library: string): Promise<string> {
  const dir = ownFolder(library, "_staging");
  await mkdir(dir, { recursive: true });
  return dir;
}
