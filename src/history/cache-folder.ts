import { readdir, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { KalshiError, systemCode } from "../errors.js";
import { type Duration, HOUR, systemClock, type Timestamp } from "../units/time.js";
import { KeptSeries } from "./cache-series.js";
import { DAMAGED, ENDING, type KeptFile, readKeptFile } from "./cache-shelf.js";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Where the cache is: `KALSHI_CACHE_DIR`, else a folder of ours where the system keeps caches. Null where `KALSHI_CACHE` is `off`.
 *
 * @throws KalshiError `BAD_ARGUMENT` for another word
 */
export function cacheFolder(variables: Variables, platform: NodeJS.Platform = process.platform): string | null {
  const {
    KALSHI_CACHE: wish = "",
    KALSHI_CACHE_DIR: own = "",
    XDG_CACHE_HOME: xdg = "",
    LOCALAPPDATA: local = "",
  } = variables;
  if (wish === "off") return null;
  if (wish !== "" && wish !== "on") {
    throw new KalshiError("BAD_ARGUMENT", `KALSHI_CACHE is ${JSON.stringify(wish)}`, {
      hint: "set it to off or on; KALSHI_CACHE_DIR names a folder",
      context: { KALSHI_CACHE: wish },
    });
  }
  if (own !== "") return resolve(own);
  if (platform === "darwin") return join(homedir(), "Library", "Caches", "kalshi-lab");
  if (platform === "win32")
    return join(local === "" ? join(homedir(), "AppData", "Local") : local, "kalshi-lab", "cache");
  return join(xdg === "" ? join(homedir(), ".cache") : resolve(xdg), "kalshi-lab");
}

/** A file of the cache, of whatever exchange. */
export interface CacheFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was last written, for what does not say it itself. */
  readonly written: Timestamp;
  /** Null for one that is damaged or was never finished: it is not used, and takes space until it is cleared. */
  readonly kept: KeptFile | null;
}

/** A file that another process is writing is not looked at; what a killed one has left is, an hour later. */
const STILL_WRITTEN: Duration = HOUR;

/** All files of a cache folder; none when there is no such folder. */
export async function cacheFiles(dir: string): Promise<readonly CacheFile[]> {
  const names = (await listed(dir)).filter((name) => /\.kept(\.|$)/.test(name)).sort();
  const files: CacheFile[] = [];
  for (const name of names) {
    const path = join(dir, name);
    const kept = name.endsWith(ENDING) ? await readKeptFile(path) : null;
    // One that was found damaged just now has another name.
    const found = (await statOf(path)) ?? (await statOf(`${path}${DAMAGED}`));
    if (found === null || (name.endsWith(".tmp") && found.written > systemClock.now() - STILL_WRITTEN)) continue;
    files.push({ ...found, kept });
  }
  return files;
}

/** What to clear; everything given must hold, nothing given is everything. */
export interface Clearing {
  readonly ticker?: string | undefined;
  /** Its market lists, and what is kept of its markets as far as something kept tells which these are. */
  readonly series?: string | undefined;
  readonly exchange?: string | undefined;
  /** Fetched before this. */
  readonly before?: Timestamp | undefined;
}

/** Files that were removed. */
export interface Cleared {
  readonly files: number;
  readonly bytes: number;
  /** Asked by series: files left of which nothing kept tells the series, so that they may be of it. Otherwise 0. */
  readonly unclear: number;
}

/** Removes files of a cache folder. @throws KalshiError `WRITE_FAILED` */
export async function clearCache(dir: string, wanted: Clearing): Promise<Cleared> {
  const all = await cacheFiles(dir);
  const files = all.filter((file) => isWanted(file, wanted));
  const { series } = wanted;
  const { own, unclear } = series === undefined ? { own: files, unclear: 0 } : await sifted(files, series, all);
  for (const { path } of own) await remove(path);
  return { files: own.length, bytes: own.reduce((sum, { bytes }) => sum + bytes, 0), unclear };
}

/** Files of a series, and how many may be of it; all that is kept tells of series, also what is not to be removed. */
async function sifted(
  files: readonly CacheFile[],
  series: string,
  all: readonly CacheFile[],
): Promise<{ readonly own: readonly CacheFile[]; readonly unclear: number }> {
  const told = await KeptSeries.of(all.map(({ kept }) => kept).filter((kept) => kept !== null));
  const seriesOf = ({ kept }: CacheFile): ReadonlySet<string> | null => (kept === null ? null : told.of(kept));
  const own = files.filter((file) => seriesOf(file)?.has(series) === true);
  // The trades of all markets are nobody's.
  const unclear = files.filter((file) => file.kept?.key !== "" && seriesOf(file) === null).length;
  return { own, unclear };
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw new KalshiError("WRITE_FAILED", `cannot remove ${path} (${systemCode(error)})`, {
      hint: "check whose folder it is; KALSHI_CACHE_DIR names another",
      context: { path },
      cause: error,
    });
  }
}

/** As far as all but the series go. */
function isWanted({ kept, written }: CacheFile, wanted: Clearing): boolean {
  if (wanted.before !== undefined && (kept?.fetched ?? written) >= wanted.before) return false;
  // What nobody can use goes with everything, and with nothing that is named.
  if (kept === null) return wanted.ticker === undefined && wanted.series === undefined && wanted.exchange === undefined;
  if (wanted.exchange !== undefined && kept.exchange !== wanted.exchange) return false;
  return wanted.ticker === undefined || (kept.kind !== "markets" && kept.key === wanted.ticker);
}

async function listed(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir, { recursive: true });
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw new KalshiError("FILE_UNREADABLE", `cannot look into ${dir} (${systemCode(error)})`, {
      hint: "check whose folder it is; KALSHI_CACHE_DIR names another",
      context: { dir },
      cause: error,
    });
  }
}

async function statOf(path: string): Promise<{ path: string; bytes: number; written: Timestamp } | null> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, bytes: size, written: Math.round(mtimeMs * 1_000) };
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}
