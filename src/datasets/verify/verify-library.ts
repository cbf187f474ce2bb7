import { join, relative } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { messageOf } from "../../errors.js";
import { literal, quoted, withSpillingConnection } from "../duckdb.js";
import { libraryKind } from "../library/kinds.js";
import { dataFilesIn, type Partition, partitionOf, partitionPath, partitionsIn } from "../library/partition.js";
import { MANIFESTS, type PartFile, type PartitionManifest, readPartition } from "../library/partition-manifest.js";
import { namesIn } from "../library/place.js";
import { unfinishedIn } from "../library/unfinished.js";
import { vanishedText } from "../library/vanished.js";
import { vanishedIn } from "../library/vanished-in.js";
import { sha256Of } from "../manifest.js";
import { checkContents, endIfStopped } from "./contents.js";
import type { Findings } from "./fault.js";

/** A partition with its data files that are sound, by path. */
interface Sound {
  readonly partition: Partition;
  readonly paths: readonly string[];
}

/**
 * Holds the partitions of a library against their manifests, file by file, and then each kind of a series as a whole: every record once, in
 * the folder of its day, and asked to its end.
 *
 * @param folder - an empty one, for what does not fit into memory
 * @throws KalshiError `INTERRUPTED`
 */
export async function verifyLibrary(
  library: string,
  folder: string,
  findings: Findings,
  signal?: AbortSignal,
): Promise<void> {
  checkEnds(library, findings);
  const groups = new Map<string, Sound[]>();
  for (const partition of allPartitions(library)) {
    const paths = await checkPartition(library, partition, findings, signal);
    const group = JSON.stringify([partition.kind, partition.series]);
    groups.set(group, [...(groups.get(group) ?? []), { partition, paths }]);
  }
  await withSpillingConnection(folder, { memory: "512MB" }, async (connection) => {
    await connection.run("SET TimeZone = 'UTC'");
    await stoppable(connection, signal, async () => {
      for (const group of groups.values()) await checkRecords(connection, group, findings, signal);
    });
  });
}

/** Work of the engine that a signal ends. */
async function stoppable(
  connection: DuckDBConnection,
  signal: AbortSignal | undefined,
  work: () => Promise<void>,
): Promise<void> {
  const stop = (): void => connection.interrupt();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    endIfStopped(signal);
    await work();
    endIfStopped(signal);
  } catch (error) {
    // The engine calls what it was told to stop an error of the statement.
    endIfStopped(signal);
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** Tells what the library has not come to the end of, and what it has though it is gone at the exchange. */
function checkEnds(library: string, findings: Findings): void {
  try {
    for (const { kind, series, why } of unfinishedIn(library))
      findings.incomplete.push({ path: join(library, partitionPath({ kind, series, date: null })), why });
    checkVanished(library, findings);
  } catch (error) {
    findings.fault(library, "unreadable", messageOf(error));
  }
}

function checkVanished(library: string, findings: Findings): void {
  for (const { kind, series, rows } of vanishedIn(library)) {
    const path = join(library, partitionPath({ kind, series, date: null }));
    findings.vanished.push({ path, why: vanishedText(rows) });
  }
}

/** Every partition that has a folder or a manifest. */
function allPartitions(library: string): readonly Partition[] {
  const found = new Map(partitionsIn(library).map((partition) => [partitionPath(partition), partition]));
  const manifests = join(library, MANIFESTS);
  const look = (dir: string): void => {
    for (const name of namesIn(dir)) {
      const path = join(dir, name);
      if (!/\.(json|tmp)$/.test(name)) look(path);
      const partition = name.endsWith(".json") ? partitionOf(relative(manifests, path).replace(/\.json$/, "")) : null;
      if (partition !== null) found.set(partitionPath(partition), partition);
    }
  };
  look(manifests);
  return [...found.keys()].sort().map((path) => found.get(path)!);
}

/** Checks a partition's files; gives the paths of those that are sound. */
async function checkPartition(
  library: string,
  partition: Partition,
  findings: Findings,
  signal?: AbortSignal,
): Promise<string[]> {
  endIfStopped(signal);
  const dir = join(library, partitionPath(partition));
  let manifest: PartitionManifest | null = null;
  try {
    manifest = readPartition(library, partition);
  } catch (error) {
    findings.fault(dir, "unreadable", messageOf(error));
  }
  const present = dataFilesIn(library, partition);
  if (manifest === null) {
    for (const file of present) findings.fault(join(dir, file), "unlisted", "its partition has no manifest");
    return [];
  }
  const expected = await expectedFiles(dir, manifest, present);
  for (const file of present) {
    if (!expected.some((one) => one.file === file))
      findings.fault(join(dir, file), "unlisted", "the manifest of its partition does not name it");
  }
  const sound: string[] = [];
  for (const part of expected) {
    const path = join(dir, part.file);
    // What an earlier version has written may have fewer.
    const columns = part.columns < manifest.columns.length ? part.columns : manifest.columns;
    if (await checkContents(path, { ...part, columns }, findings, signal)) sound.push(path);
  }
  if (!manifest.complete) findings.incomplete.push({ path: dir, why: manifest.why ?? "it does not say why" });
  return sound;
}

/** The files that should be there: of a change that was stopped half-way those of before or those of after, whichever there are. */
async function expectedFiles(
  dir: string,
  { files, before }: PartitionManifest,
  present: readonly string[],
): Promise<readonly PartFile[]> {
  if (before === undefined) return files;
  const names = (list: readonly PartFile[]): string =>
    list
      .map(({ file }) => file)
      .sort()
      .join("/");
  if (names(files) !== names(before)) return present.join("/") === names(before) ? before : files;
  // One of them is replaced: which of both it is, its content tells.
  const replaced = before.find(({ file, sha256 }) => files.find((one) => one.file === file)?.sha256 !== sha256);
  if (replaced === undefined || !present.includes(replaced.file)) return files;
  return (await sha256Of(join(dir, replaced.file))) === replaced.sha256 ? before : files;
}

async function checkRecords(
  connection: DuckDBConnection,
  group: readonly Sound[],
  findings: Findings,
  signal?: AbortSignal,
): Promise<void> {
  const all = group.flatMap(({ paths }) => paths);
  const [first] = group;
  if (all.length === 0 || first === undefined) return;
  endIfStopped(signal);
  const { key, time } = libraryKind(first.partition.kind);
  const from = (paths: readonly string[]) =>
    `read_parquet([${paths.map(literal).join(", ")}], union_by_name = true, hive_partitioning = false, filename = '__file')`;
  const keys = key.map(quoted).join(", ");
  const twice = await connection.runAndReadAll(
    `SELECT __file, count(*)::DOUBLE FROM (SELECT min(__file) AS __file FROM ${from(all)} GROUP BY ${keys} HAVING count(*) > 1) GROUP BY 1 ORDER BY 1`,
  );
  for (const [path, count] of twice.getRows())
    findings.fault(String(path), "twice", `${Number(count)} records of it stand more than once`);
  if (time === null) return;
  const days = group
    .filter(({ paths }) => paths.length > 0)
    .flatMap(({ partition, paths }) => paths.map((path) => [path, partition.date!] as const));
  const dates = days.map(([path, date]) => `(${literal(path)}, ${literal(date)})`).join(", ");
  const elsewhere = await connection.runAndReadAll(
    `SELECT __file, count(*)::DOUBLE FROM ${from(all)} JOIN (VALUES ${dates}) AS days(path, day) ON path = __file
     WHERE ${quoted(time)}::DATE::VARCHAR IS DISTINCT FROM day GROUP BY 1 ORDER BY 1`,
  );
  for (const [path, count] of elsewhere.getRows())
    findings.fault(String(path), "misplaced", `${Number(count)} of its records are of another day`);
}
