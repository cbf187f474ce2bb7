import { closeSync, fstatSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { setImmediate as nextTurn } from "node:timers/promises";

const stdout = 1;
const everyMs = 50;
const chunkBytes = 65_536;
/** Read in one turn of the event loop at most: a flood must not keep an interrupt waiting. */
const turnBytes = 16 * chunkBytes;
/** From where on the file is emptied before a cell. */
const emptiedBytes = 2 ** 24;

/**
 * Leads the process's standard output into a file without a name, so that what native code and child processes write there can be shown too.
 * To be called before anything else may open a file: the next one that is opened takes the place of the one that was closed.
 *
 * Where it cannot be done (no folder to write to, Windows), such output goes where it went.
 */
export function divertStdout(): void {
  if (process.platform === "win32") return;
  let folder: string | undefined;
  try {
    // A folder of our own, whose name nobody can know before.
    folder = mkdtempSync(join(tmpdir(), "kalshi-lab-stdout-"));
    // Tried on another place first: a process without any standard output would be worse.
    closeSync(openSync(join(folder, "tried"), "ax+", 0o600));
    closeSync(stdout);
    openSync(join(folder, "stdout"), "ax+", 0o600);
  } catch {
    // It stays as it was.
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** How many bytes have been written to the diverted standard output; 0 where it is not diverted. */
export function nativeBytes(): number {
  return isDiverted() ? fstatSync(stdout).size : 0;
}

/**
 * Empties the file, if it is large and all of it has been read: to be called by the thread that runs cells, between two of them. What a
 * child process of an earlier cell writes in this very moment is lost.
 *
 * @returns whether it did
 */
export function emptyWhenRead(read: number): boolean {
  if (read < emptiedBytes || nativeBytes() !== read) return false;
  ftruncateSync(stdout, 0);
  return true;
}

/** Reads from another thread of the process what was written to its diverted standard output. */
export class NativeOutput {
  readonly #show: (text: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  readonly #chunk = Buffer.alloc(chunkBytes);
  /** What was there one tick ago: messages that were sent before it have come since, and go first. */
  #seen = 0;
  #position = 0;

  constructor(show: (text: string) => void) {
    this.#show = show;
    if (isDiverted()) setInterval(() => this.#tick(), everyMs).unref();
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position;
  }

  /** Shows what was written before the given byte, or the beginning of it where it is more than one turn may take. */
  readTo(end: number): void {
    const last = Math.min(end, this.#position + turnBytes);
    while (this.#position < last) {
      const count = readSync(stdout, this.#chunk, 0, Math.min(chunkBytes, last - this.#position), this.#position);
      if (count === 0) return;
      this.#position += count;
      const text = this.#decoder.write(this.#chunk.subarray(0, count));
      if (text !== "") this.#show(text);
    }
  }

  /** Shows all that has been written by now, over as many turns as it takes. */
  async catchUp(): Promise<void> {
    const end = nativeBytes();
    for (let before = -1; this.#position < end && this.#position > before; await nextTurn()) {
      before = this.#position;
      this.readTo(end);
    }
  }

  /** The file was emptied. */
  restart(): void {
    this.#position = 0;
    this.#seen = 0;
  }

  #tick(): void {
    this.readTo(this.#seen);
    this.#seen = nativeBytes();
  }
}

let diverted: boolean | undefined;

/** Whether standard output is a file that has no name any more: one of ours. */
function isDiverted(): boolean {
  diverted ??= looksDiverted();
  return diverted;
}

function looksDiverted(): boolean {
  try {
    const found = fstatSync(stdout);
    return found.isFile() && found.nlink === 0;
  } catch {
    return false;
  }
}
