import { randomBytes } from "node:crypto";
import { close, fsync, mkdir, open, rename, rm, writeFile } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { KalshiError, messageOf, systemCode } from "../errors.js";

const fs = {
  close: promisify(close),
  fsync: promisify(fsync),
  mkdir: promisify(mkdir),
  open: promisify(open),
  rename: promisify(rename),
  rm: promisify(rm),
  writeFile: promisify(writeFile),
};

/**
 * Writes a whole file so that a reader, also after a crash, finds either the old content or the new: temporary file beside it,
 * fsync, rename, fsync of the folder.
 *
 * @throws KalshiError `DISK_FULL`, `WRITE_FAILED`; the old file is then untouched
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await fs.mkdir(dirname(path), { recursive: true });
    await fs.writeFile(temporary, data);
    await replaceFile(temporary, path);
  } catch (error) {
    // What went wrong first is what is told.
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(path, error);
  }
}

/**
 * Puts a finished temporary file in the place of `path`, durably.
 *
 * @throws KalshiError `DISK_FULL`, `WRITE_FAILED`
 */
export async function replaceFile(temporary: string, path: string): Promise<void> {
  try {
    await sync(temporary);
    await fs.rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    throw writeError(path, error);
  }
}

/** A name in the same folder, so that a rename to `path` stays on one file system. */
export function temporaryBeside(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
}

/** What a failed write means to whoever asked for the file. */
export function writeError(path: string, error: unknown): KalshiError {
  if (error instanceof KalshiError) return error;
  const code = systemCode(error);
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
    return new KalshiError("DISK_FULL", `no space left to write ${path}`, {
      hint: "free some space or name another folder, then run the same command again: it goes on where it stopped",
      context: { path, code },
      cause: error,
    });
  }
  return new KalshiError("WRITE_FAILED", `cannot write ${path}: ${messageOf(error)}`, {
    hint: "check that the folder exists and may be written to",
    context: { path, code },
    cause: error,
  });
}

/** Makes durable what was made, renamed or removed in a folder. */
export function syncFolder(dir: string): Promise<void> {
  return sync(dir);
}

async function sync(path: string): Promise<void> {
  const handle = await fs.open(path, "r");
  try {
    await fs.fsync(handle);
  } catch (error) {
    // Some file systems cannot fsync a folder; the rename itself has happened.
    if (systemCode(error) !== "EINVAL") throw error;
  } finally {
    await fs.close(handle);
  }
}
