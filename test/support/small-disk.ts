import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { systemCode } from "../../src/errors.js";

// A mount of one's own needs root or user namespaces.
const possible =
  process.platform === "linux" && spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/tmp"]).status === 0;

/** Why there are no small disks here; null when there are. Where everything must run, that is an error. */
export const whyNoSmallDisk: string | null = possible ? null : "no small file system can be mounted here";
if (whyNoSmallDisk !== null && process.env.CI === "true") throw new Error(whyNoSmallDisk);

/**
 * A file system of a few megabytes, really mounted: in the name space of a process of its own, reached from outside through that process,
 * and gone with it.
 */
export class SmallDisk {
  /** Where it is. */
  readonly folder: string;
  readonly #mountPoint: string;
  readonly #holder: ChildProcess;
  readonly #lines: Interface;
  #fillers = 0;

  private constructor(mountPoint: string, holder: ChildProcess) {
    this.folder = join("/proc", String(holder.pid), "root", mountPoint);
    this.#mountPoint = mountPoint;
    this.#holder = holder;
    this.#lines = createInterface({ input: holder.stdout! });
  }

  static async make(size: string): Promise<SmallDisk> {
    const mountPoint = mkdtempSync(join(tmpdir(), "kalshi-lab-small-"));
    const script =
      'mount -t tmpfs -o size="$1" tmpfs "$0" && echo done; while read -r size; do mount -o remount,size="$size" tmpfs "$0" && echo done; done';
    const holder = spawn("unshare", ["-rm", "sh", "-c", script, mountPoint, size], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const disk = new SmallDisk(mountPoint, holder);
    await once(disk.#lines, "line");
    return disk;
  }

  /** Makes it larger or smaller, keeping what is on it. */
  async resize(size: string): Promise<void> {
    const done = once(this.#lines, "line");
    this.#holder.stdin!.write(`${size}\n`);
    await done;
  }

  /** Takes all the space but `free` bytes, until `release`. */
  fill(free: number): { release(): void } {
    const { bavail, bsize } = statfsSync(this.folder);
    this.#fillers += 1;
    const filler = join(this.folder, `filler-${this.#fillers}`);
    try {
      writeFileSync(filler, Buffer.alloc(Math.max(0, Math.floor((bavail * bsize - free) / bsize) * bsize), 1));
    } catch (error) {
      // Somebody else has taken some of it meanwhile: what there was is taken all the same.
      if (systemCode(error) !== "ENOSPC") throw error;
    }
    return { release: () => rmSync(filler, { force: true }) };
  }

  async close(): Promise<void> {
    const ended = once(this.#holder, "exit");
    this.#holder.stdin!.end();
    await ended;
    rmdirSync(this.#mountPoint);
  }
}
