import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { systemCode } from "../../errors.js";

type Variables = Readonly<Record<string, string | undefined>>;

/** Where the library of datasets is: the folder given, else `KALSHI_LIBRARY_DIR`, else `datasets` in the working folder. */
export function libraryFolder(given: string | undefined, { KALSHI_LIBRARY_DIR: own = "" }: Variables): string {
  return resolve(given ?? (own === "" ? "datasets" : own));
}

/** Where the datasets of a kind are: partitions of Parquet files below it, named as Hive names them. */
export function kindFolder(library: string, kind: string): string {
  return join(library, `kind=${kind}`);
}

/** The kinds of datasets that a library has; none where there is no library. */
export function kindsIn(library: string): string[] {
  return namesIn(library)
    .flatMap((name) => (name.startsWith("kind=") ? [name.slice("kind=".length)] : []))
    .sort();
}

/** Recordings that were put into the library, by name. */
export function recordingsIn(library: string): string[] {
  const dir = join(library, "recordings");
  return namesIn(dir)
    .filter((name) => existsSync(join(dir, name, "00000001.seg")))
    .sort()
    .map((name) => join(dir, name));
}

/** The names in a folder; none where there is no such folder. */
export function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}
