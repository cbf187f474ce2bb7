import { readFileSync } from "node:fs";
import { join } from "node:path";
import { KalshiError, messageOf } from "../../errors.js";
import type { ProvenanceSource } from "../../frames/provenance.js";
import { writeFileAtomic } from "../../store/atomic-file.js";
import { isMissing } from "../../store/checkpoint.js";
import { packageVersion } from "../../store/package.js";
import type { ColumnEntry } from "../manifest.js";
import { type Partition, partitionPath } from "./partition.js";

/** Layout of the library's own files. */
export const LIBRARY_FORMAT = "kalshi-lab-library/1";

/** Manifests stand in a tree of their own: what reads the folder of a kind finds Parquet files in it and nothing else. */
export const MANIFESTS = "_manifests";

/** A data file of a partition. */
export interface PartFile {
  readonly file: string;
  readonly rows: number;
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** How many columns it has: a later version may write more of them. */
  readonly columns: number;
}

/** What a partition says about itself. */
export interface PartitionManifest extends Partition {
  readonly format: typeof LIBRARY_FORMAT;
  readonly files: readonly PartFile[];
  /** The files as they were before one was added or replaced, while that is under way; a stopped process leaves either of both. */
  readonly before?: readonly PartFile[] | undefined;
  readonly columns: readonly ColumnEntry[];
  /** Question that the last rows came from, as asked, and its answer's sources and cutoffs. */
  readonly query: unknown;
  readonly sources: readonly ProvenanceSource[];
  readonly cutoffs: Readonly<Record<string, string>> | null;
  /** Everything up to here, not included, was asked; null where nothing tells. */
  readonly through: string | null;
  readonly complete: boolean;
  /** Why it is not complete; null when it is. */
  readonly why: string | null;
  /** The three of each period that it has candlesticks of, by minutes; left out of other kinds. */
  readonly periods?: Readonly<Record<string, Pick<PartitionManifest, "through" | "complete" | "why">>> | undefined;
  readonly library: string;
  /** When it was last written, RFC 3339 UTC. */
  readonly written: string;
}

/** The part of a manifest that says where rows came from. */
export type PartOrigin = Pick<
  PartitionManifest,
  "columns" | "query" | "sources" | "cutoffs" | "through" | "complete" | "why" | "periods"
>;

export function manifestPathOf(library: string, partition: Partition): string {
  return join(library, MANIFESTS, `${partitionPath(partition)}.json`);
}

/**
 * What a partition says about itself; null when it says nothing.
 *
 * @throws KalshiError `FILE_UNREADABLE`
 */
export function readPartition(library: string, partition: Partition): PartitionManifest | null {
  const path = manifestPathOf(library, partition);
  try {
    const found = JSON.parse(readFileSync(path, "utf8")) as PartitionManifest;
    if (found.format === LIBRARY_FORMAT && Array.isArray(found.files)) return found;
  } catch (error) {
    if (isMissing(error)) return null;
    throw unreadable(path, messageOf(error));
  }
  throw unreadable(path, "it is no manifest of this library's version");
}

/** Writes a manifest, so that a reader finds the old or the new. @throws KalshiError `DISK_FULL`, `WRITE_FAILED` */
export async function writePartition(
  library: string,
  { kind, series, date }: Partition,
  origin: PartOrigin,
  files: readonly PartFile[],
  before?: readonly PartFile[],
): Promise<void> {
  const made: PartitionManifest = {
    format: LIBRARY_FORMAT,
    ...{ kind, series, date, files },
    ...(before === undefined ? {} : { before }),
    ...originOf(origin),
    library: `kalshi-lab ${packageVersion()}`,
    written: new Date().toISOString(),
  };
  await writeFileAtomic(manifestPathOf(library, { kind, series, date }), `${JSON.stringify(made, null, 2)}\n`);
}

/** The origin alone of what may hold more. */
export function originOf(origin: PartOrigin): PartOrigin {
  const { columns, query, sources, cutoffs, through, complete, why, periods } = origin;
  return { columns, query, sources, cutoffs, through, complete, why, ...(periods === undefined ? {} : { periods }) };
}

function unreadable(path: string, why: string): KalshiError {
  return new KalshiError("FILE_UNREADABLE", `cannot read the manifest ${path}: ${why}`, {
    hint: "remove this partition's folder and manifest, and the sync's state in _state: the next sync fetches it again",
    context: { path },
  });
}
