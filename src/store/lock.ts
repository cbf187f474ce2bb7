import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { KalshiError, systemCode } from "../errors.js";
import { writeError } from "./atomic-file.js";

/** A folder held by this process. */
export interface Lock {
  release(): void;
}

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process started, so that a later one with the same number is not taken for it; null where it cannot be known. */
  readonly started: string | null;
  /** When it took the folder, RFC 3339; null where an earlier version did not say. */
  readonly since: string | null;
}

/** The file that stands for the lock of a folder. */
export const LOCK_FILE = "in-use.lock";

/**
 * Takes a folder for this process alone. A lock left behind by a process that is gone is taken over.
 *
 * @throws KalshiError `FOLDER_LOCKED` while its owner lives, `DISK_FULL`, `WRITE_FAILED`
 */
export function lockFolder(dir: string): Lock {
  const path = join(dir, LOCK_FILE);
  const own = JSON.stringify({
    ...{ pid: process.pid, host: hostname() },
    ...{ started: startOf(process.pid), since: new Date().toISOString() },
  } satisfies Owner);
  const mine = `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    mkdirSync(dir, { recursive: true });
    writeFileSync(mine, own);
    // A link appears with its content or not at all, and fails where there is one already.
    for (let attempt = 0; attempt < 10; attempt += 1) {
      if (linked(mine, path)) return { release: () => release(path, own) };
      removeStale(path, dir);
    }
  } catch (error) {
    throw writeError(path, error);
  } finally {
    removeQuietly(mine);
  }
  throw locked(dir, null);
}

/** Where the folder could not be made there is nothing to remove, which is an error of its own below a file. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    if (systemCode(error) !== "ENOTDIR") throw error;
  }
}

function linked(mine: string, path: string): boolean {
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** Moves a dead owner's lock out of the way; of several that try, one succeeds. @throws KalshiError `FOLDER_LOCKED` */
function removeStale(path: string, dir: string): void {
  const text = read(path);
  if (text === null) return;
  const owner = ownerIn(text);
  if (owner === null || isAlive(owner)) throw locked(dir, owner);
  const aside = `${path}.stale-${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    throw error;
  }
  const moved = read(aside);
  if (moved !== null && moved !== text) {
    // Between reading and moving another took it over: give it back.
    linked(aside, path);
  }
  rmSync(aside, { force: true });
}

function release(path: string, own: string): void {
  if (read(path) === own) rmSync(path, { force: true });
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}

function ownerIn(text: string): Owner | null {
  try {
    const { pid, host, started, since } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (typeof pid !== "number" || typeof host !== "string") return null;
    const textOf = (value: unknown) => (typeof value === "string" ? value : null);
    return { pid, host, started: textOf(started), since: textOf(since) };
  } catch {
    return null;
  }
}

/** Whether the owner that a `FOLDER_LOCKED` names is a process of this machine: then it lives, for it was looked for. */
export function isOfThisMachine({ context }: KalshiError): boolean {
  return context.host === hostname();
}

/** On another machine we cannot look, so its owner counts as alive. */
function isAlive(owner: Owner): boolean {
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
  return owner.started === null || owner.started === startOf(owner.pid);
}

/** Start time of a process in clock ticks since boot, where the system has /proc. A zombie is as good as gone. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "gone" : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function locked(dir: string, owner: Owner | null): KalshiError {
  const who = owner === null ? "another process" : `process ${owner.pid} on ${owner.host}`;
  const since = owner === null || owner.since === null ? "" : `, since ${owner.since}`;
  return new KalshiError("FOLDER_LOCKED", `${who} writes into ${dir}${since}`, {
    hint: `wait for it to end or name another folder; if you are sure that there is no other, remove ${LOCK_FILE} in it`,
    context: { dir, pid: owner?.pid ?? null, host: owner?.host ?? null, since: owner?.since ?? null },
  });
}
