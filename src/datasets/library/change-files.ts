import { existsSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { KalshiError } from "../../errors.js";
import { replaceFile, syncFolder } from "../../store/atomic-file.js";
import { sha256Of } from "../manifest.js";
import { together } from "./completeness.js";
import { dataFilesIn, type Partition, partitionPath } from "./partition.js";
import {
  type PartFile,
  type PartitionManifest,
  type PartOrigin,
  readPartition,
  writePartition,
} from "./partition-manifest.js";

/** What a finished data file is to be called. */
export async function partFile(
  path: string,
  { file, rows, columns }: Pick<PartFile, "file" | "rows" | "columns">,
): Promise<PartFile> {
  return { file, rows, size: statSync(path).size, sha256: await sha256Of(path), columns };
}

/** A name for one more file beside those that a partition has or has had. */
export function nextFile(files: readonly PartFile[]): string {
  const numbers = files.map(({ file }) => Number(/^part-(\d+)\.parquet$/.exec(file)?.[1] ?? 0));
  return `part-${String(Math.max(0, ...numbers) + 1).padStart(5, "0")}.parquet`;
}

/**
 * Puts one finished file into a partition, as one more or in the place of the one of its name. Whoever reads meanwhile, and whoever comes after
 * a crash at any moment, finds the files of before or those of after, and a manifest that is right for both.
 *
 * @throws KalshiError `DISK_FULL`, `WRITE_FAILED`
 */
export async function putFile(
  library: string,
  partition: Partition,
  origin: PartOrigin,
  given: { readonly path: string; readonly part: PartFile },
): Promise<void> {
  const current = readPartition(library, partition);
  const before = current === null ? [] : presentFiles(library, current);
  const others = before.filter(({ file }) => file !== given.part.file);
  const files = [...others, given.part].sort((a, b) => (a.file < b.file ? -1 : 1));
  const dir = join(library, partitionPath(partition));
  const told = together(current, origin);
  await writePartition(library, partition, told, files, before);
  await makeFolder(dir);
  await replaceFile(given.path, join(dir, given.part.file));
  await writePartition(library, partition, told, files);
}

/**
 * The files that a partition has now, when they are what its manifest says.
 *
 * @throws KalshiError `FILE_UNREADABLE` when one is missing, of another size, or one too many
 */
export function presentFiles(library: string, manifest: PartitionManifest): readonly PartFile[] {
  const found = new Set(dataFilesIn(library, manifest));
  const dir = join(library, partitionPath(manifest));
  const fits = (files: readonly PartFile[]): boolean =>
    files.length === found.size &&
    files.every(({ file, size }) => found.has(file) && statSync(join(dir, file)).size === size);
  for (const files of [manifest.files, manifest.before]) if (files !== undefined && fits(files)) return files;
  throw new KalshiError("FILE_UNREADABLE", `${dir} has not the files that its manifest names`, {
    hint: "`kalshi-lab verify` names what is wrong; a partition whose folder and manifest are removed is fetched again",
    context: { dir },
  });
}

/**
 * Holds files that are about to be written anew against their checksums, so that what is damaged does not come by a checksum that is right.
 *
 * @throws KalshiError `FILE_DAMAGED`
 */
export async function checkSums(
  library: string,
  manifest: PartitionManifest,
  files: readonly Pick<PartFile, "file">[],
): Promise<void> {
  for (const { file } of files) {
    const path = join(library, partitionPath(manifest), file);
    const sha256 = await sha256Of(path);
    // Of a file that a stopped process was about to replace either may be there.
    const known = [...manifest.files, ...(manifest.before ?? [])].filter((one) => one.file === file);
    if (known.some((one) => one.sha256 === sha256)) continue;
    throw new KalshiError("FILE_DAMAGED", `${path} is not what was written: its checksum is another`, {
      hint: "restore it from a copy; or remove its partition's folder and manifest, and the sync's state in _state, and sync again",
      context: { path },
    });
  }
}

/** Makes a folder that is there after a power cut too. */
async function makeFolder(dir: string): Promise<void> {
  const missing: string[] = [];
  for (let at = dir; !existsSync(at); at = dirname(at)) missing.push(at);
  await mkdir(dir, { recursive: true });
  for (const made of missing) await syncFolder(dirname(made));
}
