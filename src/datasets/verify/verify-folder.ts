import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { KalshiError, messageOf, systemCode } from "../../errors.js";
import type { Lock } from "../../store/lock.js";
import { isLibrary } from "../library/library-file.js";
import { type LockOptions, lockLibrary } from "../library/lock-library.js";
import { keptStaging, recover } from "../library/staging.js";
import { type Manifest, readManifest } from "../manifest.js";
import { checkContents, endIfStopped } from "./contents.js";
import { Findings, type Verified } from "./fault.js";
import { verifyLibrary } from "./verify-library.js";

const MANIFEST_END = ".manifest.json";

/**
 * Checks every data file below a folder against its manifest: there, of its size and checksum, and when it is read of its rows and columns. Of a
 * library besides: every file named by its partition and every record once, in the folder of its day. A library is waited for while another
 * process writes into it, and what a stopped one has left half-way is ended first.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FOLDER_LOCKED` with `wait: false`, `INTERRUPTED`
 */
export async function verifyFolder(given: string, options: LockOptions = {}): Promise<Verified> {
  const dir = resolve(given);
  if (!existsSync(dir) || !statSync(dir).isDirectory()) {
    throw new KalshiError("FILE_NOT_FOUND", `no such folder: ${given}`, {
      hint: "give the folder of a library, or one with files that were downloaded",
      context: { dir },
    });
  }
  const findings = new Findings();
  await verifyFiles(dir, options, findings);
  return findings.of(dir);
}

/** A library, while nobody else writes into it. */
async function verifyAlone(dir: string, options: LockOptions, findings: Findings): Promise<void> {
  const lock = await lockUnlessReadOnly(dir, options);
  const folder = await mkdtemp(join(tmpdir(), "kalshi-lab-verify-"));
  try {
    if (lock !== null) await recover(dir, keptStaging(dir));
    await verifyLibrary(dir, folder, findings, options.signal);
  } finally {
    lock?.release();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Null where nobody can write, so that nobody does: not even a lock fits on a disk that is full. */
async function lockUnlessReadOnly(dir: string, options: LockOptions): Promise<Lock | null> {
  try {
    return await lockLibrary(dir, options);
  } catch (error) {
    if (["EROFS", "EACCES", "EPERM", "ENOSPC", "EDQUOT"].includes(systemCode(error) ?? "")) return null;
    throw error;
  }
}

/** Files with a manifest of their own, those without, and the libraries that are below. */
async function verifyFiles(dir: string, options: LockOptions, findings: Findings): Promise<void> {
  const inLibrary = isLibrary(dir);
  if (inLibrary) await verifyAlone(dir, options, findings);
  const entries = readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    endIfStopped(options.signal);
    const path = join(dir, entry.name);
    if (entry.isDirectory()) {
      if (entry.name.endsWith(".partial")) findings.unfinished.push(path);
      else if (!(inLibrary && /^(kind=|_)/.test(entry.name)) && entry.name !== "node_modules")
        await verifyFiles(path, options, findings);
    } else if (entry.name.endsWith(MANIFEST_END)) await verifyFile(path, findings, options.signal);
    else if (/\.(csv|parquet|arrow)$/i.test(entry.name) && !existsSync(`${path}${MANIFEST_END}`))
      findings.unchecked.push(path);
  }
}

async function verifyFile(manifestPath: string, findings: Findings, signal?: AbortSignal): Promise<void> {
  const path = manifestPath.slice(0, -MANIFEST_END.length);
  let manifest: Manifest | null = null;
  try {
    manifest = readManifest(path);
  } catch (error) {
    findings.fault(manifestPath, "unreadable", messageOf(error));
  }
  if (manifest === null) {
    // Killed before the first file of this name was in its place, or the older one, of which nothing was known, was replaced.
    if (findings.faults.at(-1)?.path !== manifestPath)
      (existsSync(path) ? findings.unchecked : findings.unfinished).push(path);
    return;
  }
  const named = join(dirname(path), manifest.file);
  if (named !== path) {
    findings.fault(manifestPath, "unreadable", `it is the manifest of ${manifest.file}`);
    return;
  }
  await checkContents(path, manifest, findings, signal);
  const { provenance } = manifest;
  if (provenance !== null && !provenance.complete)
    findings.incomplete.push({ path, why: provenance.why ?? "it does not say why" });
}
