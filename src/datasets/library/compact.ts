import { copyFileSync, linkSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { KalshiError } from "../../errors.js";
import { syncFolder, temporaryBeside } from "../../store/atomic-file.js";
import { engineError } from "../copy.js";
import { literal, withSpillingConnection } from "../duckdb.js";
import { checkSums, nextFile, partFile, presentFiles } from "./change-files.js";
import { libraryKind } from "./kinds.js";
import { isLibrary } from "./library-file.js";
import { type LockOptions, lockLibrary } from "./lock-library.js";
import { writeRows } from "./merge-rows.js";
import { type Partition, partitionPath, partitionsIn } from "./partition.js";
import { type PartFile, type PartitionManifest, readPartition, writePartition } from "./partition-manifest.js";
import { libraryFolder } from "./place.js";
import { isSwapping, keptStaging, makeStaging, recover, swapFolder } from "./staging.js";

/** Files up to this size are merged. */
const SMALL = 64 * 1024 * 1024;

export interface CompactAsk extends LockOptions {
  /** Folder of the library. Default: `KALSHI_LIBRARY_DIR`, else `datasets` in the working folder. */
  readonly library?: string | undefined;
}

export interface Compacted {
  readonly library: string;
  /** Partitions whose small files were merged. */
  readonly partitions: number;
  /** Data files of these before and after. */
  readonly filesBefore: number;
  readonly filesAfter: number;
}

/**
 * Merges the small files of each partition of a library into one, in order. Stopped at any moment the library verifies, and has every record
 * once.
 *
 * @throws KalshiError `FILE_NOT_FOUND` where there is no library, `FILE_UNREADABLE` for a partition that is not as its manifest says,
 * `FILE_DAMAGED` for a file that is not of its checksum, `FOLDER_LOCKED` with `wait: false`, `INTERRUPTED`, `DISK_FULL`, `WRITE_FAILED`
 */
export async function compactLibrary(ask: CompactAsk = {}): Promise<Compacted> {
  const library = libraryFolder(ask.library, process.env);
  if (!isLibrary(library)) {
    throw new KalshiError("FILE_NOT_FOUND", `there is no library in ${library}`, {
      hint: "`kalshi-lab sync` makes one; --library names its folder",
      context: { library },
    });
  }
  const lock = await lockLibrary(library, ask);
  try {
    await recover(library, keptStaging(library));
    const done = { partitions: 0, filesBefore: 0, filesAfter: 0 };
    for (const partition of partitionsIn(library)) {
      if (ask.signal?.aborted === true)
        throw new KalshiError("INTERRUPTED", `stopped after ${done.partitions} partitions`, { hint: "run it again" });
      const [before, after] = (await compactPartition(library, partition)) ?? [0, 0];
      if (before === after) continue;
      done.partitions += 1;
      done.filesBefore += before;
      done.filesAfter += after;
    }
    return { library, ...done };
  } finally {
    lock.release();
  }
}

/** Merges a partition's small files; gives how many it had and has. Null when there is nothing to merge. */
async function compactPartition(library: string, partition: Partition): Promise<readonly [number, number] | null> {
  const manifest = readPartition(library, partition);
  if (manifest === null) return null;
  const files = presentFiles(library, manifest);
  const small = files.filter(({ size }) => size <= SMALL);
  // One of them has to tell of what type every column is.
  if (small.length < 2 || small.every(({ columns }) => columns < manifest.columns.length)) return null;
  await checkSums(library, manifest, small);
  const made = temporaryBeside(join(await makeStaging(library), "compact"));
  try {
    await mkdir(made);
    const merged = await mergeFiles(library, manifest, small, files, made);
    const others = files.filter((one) => !small.includes(one));
    for (const { file } of others) linked(join(library, partitionPath(partition), file), join(made, file));
    const next = [...others, merged].sort((a, b) => (a.file < b.file ? -1 : 1));
    await writePartition(library, partition, manifest, next, files);
    await swapFolder(library, partition, made);
    await writePartition(library, partition, manifest, next);
    return [files.length, next.length];
  } catch (error) {
    // While the swap is noted, what was made may be all that is left of the partition.
    if (!isSwapping(library)) await rm(made, { recursive: true, force: true }).catch(() => undefined);
    throw engineError(library, error);
  }
}

async function mergeFiles(
  library: string,
  manifest: PartitionManifest,
  small: readonly PartFile[],
  all: readonly PartFile[],
  folder: string,
): Promise<PartFile> {
  const dir = join(library, partitionPath(manifest));
  const paths = small.map(({ file }) => literal(join(dir, file))).join(", ");
  const name = nextFile(all);
  const path = join(folder, name);
  const spill = await makeStaging(library);
  await withSpillingConnection(spill, { memory: "512MB" }, async (connection) => {
    await connection.run("SET TimeZone = 'UTC'");
    const rows = `SELECT * FROM read_parquet([${paths}], union_by_name = true, hive_partitioning = false)`;
    await writeRows(connection, rows, libraryKind(manifest.kind), manifest.columns, path);
  });
  await syncFolder(path);
  const rows = small.reduce((sum, one) => sum + one.rows, 0);
  return partFile(path, { file: name, rows, columns: manifest.columns.length });
}

/** The same file under another name, without copying it where the file system can. */
function linked(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // A file system without links takes a copy.
    copyFileSync(from, to);
  }
}
