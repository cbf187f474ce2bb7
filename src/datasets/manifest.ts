import { createHash } from "node:crypto";
import { closeSync, createReadStream, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { basename } from "node:path";
import { KalshiError, messageOf } from "../errors.js";
import type { Kind } from "../exchange/field.js";
import type { Provenance } from "../frames/provenance.js";
import { packageVersion } from "../store/package.js";

/** Layout of manifests and of the metadata inside Parquet files. */
const FORMAT = "kalshi-lab/1";

/** A column as manifests and Parquet metadata name it, in file order. */
export interface ColumnEntry {
  readonly name: string;
  readonly kind: Kind;
  readonly about: string;
}

/** What a file says about itself. */
export interface Description {
  /** Noun of its records, singular; null where a table was derived. */
  readonly noun: string | null;
  readonly columns: readonly ColumnEntry[];
  readonly provenance: Provenance | null;
}

/** Written beside a data file as `<file>.manifest.json`. */
export interface Manifest extends Description {
  readonly format: typeof FORMAT;
  /** Name of the data file, in the same folder. */
  readonly file: string;
  readonly rows: number;
  /** Size of the data file in bytes. */
  readonly size: number;
  /** SHA-256 of the data file, hexadecimal. */
  readonly sha256: string;
  /** This library and its version. */
  readonly library: string;
  /** When it was written, RFC 3339 UTC. */
  readonly created: string;
  /**
   * The file as it was before, while the new one takes its place: a process that was killed right there leaves the one or the other. Null where
   * there was none; left out once it is done.
   */
  readonly before?: Before | null | undefined;
}

interface Before {
  readonly size: number;
  readonly sha256: string;
  /** Its manifest; null where it had none. */
  readonly manifest: Manifest | null;
}

/** Where the manifest of a data file stands. */
export function manifestPath(path: string): string {
  return `${path}.manifest.json`;
}

/** Makes the manifest of a data file that lies finished at `at` and is to become `path`. */
export async function makeManifest(
  path: string,
  at: string,
  rows: number,
  description: Description,
): Promise<Manifest> {
  const { noun, columns, provenance } = description;
  return {
    format: FORMAT,
    noun,
    file: basename(path),
    rows,
    size: statSync(at).size,
    sha256: await sha256Of(at),
    library: `kalshi-lab ${packageVersion()}`,
    created: new Date().toISOString(),
    columns,
    provenance,
  };
}

/** What a manifest says of the file that is at `path` now, so that both are right while another takes its place. */
export async function beforeOf(path: string): Promise<Before | null> {
  if (!existsSync(path)) return null;
  let manifest: Manifest | null = null;
  try {
    manifest = readManifest(path);
  } catch {
    // What cannot be read says nothing of the file.
  }
  const { size, sha256 } = manifest ?? { size: statSync(path).size, sha256: await sha256Of(path) };
  return { size, sha256, manifest };
}

/**
 * The manifest beside a data file, or null when there is none: also where the file is one of before, which had none.
 *
 * @throws KalshiError `FILE_UNREADABLE` when there is one that cannot be read
 */
export function readManifest(path: string): Manifest | null {
  const beside = manifestPath(path);
  if (!existsSync(beside)) return null;
  try {
    const found: unknown = JSON.parse(readFileSync(beside, "utf8"));
    if (isDescription(found)) return current(path, found as Manifest);
  } catch (error) {
    throw unreadable(beside, messageOf(error));
  }
  throw unreadable(beside, "it is no manifest of this library");
}

/** Of a file that was taking another's place when its process was killed: the manifest of the one that is there. */
function current(path: string, { before, ...manifest }: Manifest): Manifest | null {
  if (before === undefined) return manifest;
  if (!existsSync(path)) return before === null ? null : manifest;
  if (before === null || !isOf(path, before) || isOf(path, manifest)) return manifest;
  return before.manifest;
}

function isOf(path: string, { size, sha256 }: Pick<Manifest, "size" | "sha256">): boolean {
  return statSync(path).size === size && sha256Sync(path) === sha256;
}

/** The same as {@link sha256Of}, for the one moment in which it has to be known at once. */
function sha256Sync(path: string): string {
  const hash = createHash("sha256");
  const [file, piece] = [openSync(path, "r"), Buffer.alloc(1024 * 1024)];
  try {
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece))
      hash.update(piece.subarray(0, length));
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}

/** What goes into a Parquet file's own metadata. */
export function descriptionText(description: Description): string {
  const { noun, columns, provenance } = description;
  return JSON.stringify({ format: FORMAT, noun, columns, provenance });
}

/** A Parquet file's metadata read back; null when it is none of ours. */
export function parseDescription(text: string): Description | null {
  try {
    const found: unknown = JSON.parse(text);
    return isDescription(found) ? found : null;
  } catch {
    return null;
  }
}

/** SHA-256 of a file, hexadecimal, read piece by piece. */
export async function sha256Of(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { signal })) hash.update(piece as Buffer);
  return hash.digest("hex");
}

function isDescription(found: unknown): found is Description {
  return typeof found === "object" && found !== null && Array.isArray(Reflect.get(found, "columns"));
}

function unreadable(path: string, why: string): KalshiError {
  return new KalshiError("FILE_UNREADABLE", `cannot read the manifest ${path}: ${why}`, {
    hint: "delete the manifest to read the data file by its column names alone, or write the file again",
    context: { path },
  });
}
