import { statfsSync } from "node:fs";

/** How long an answer is good. */
const GOOD_MS = 1_000;

/** The space that is left where a folder is, asked at most once a second. */
export class DiskSpace {
  readonly #dir: string;
  #askedAt = Number.NEGATIVE_INFINITY;
  #freeBytes: number | null = null;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Bytes that we may still write; null where the system does not tell. */
  get freeBytes(): number | null {
    const now = performance.now();
    if (now - this.#askedAt < GOOD_MS) return this.#freeBytes;
    this.#askedAt = now;
    try {
      const { bavail, bsize } = statfsSync(this.#dir);
      this.#freeBytes = bavail * bsize;
    } catch {
      this.#freeBytes = null;
    }
    return this.#freeBytes;
  }
}
