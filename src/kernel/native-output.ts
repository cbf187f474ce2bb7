import { closeSync, fstatSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";

const stdout = 1;
const everyMs = 50;
const chunkBytes = 65_536;

/**
 * Leads the process's standard output into a file without a name, so that what native code and child processes write there can be shown too.
 * To be called before anything else may open a file: the next one that is opened takes the place of the one that was closed.
 *
 * Where it cannot be done (no folder to write to, Windows), such output goes where it went.
 */
export function divertStdout(): void {
  if (process.platform === "win32") return;
  const path = join(tmpdir(), `kalshi-lab-stdout-${process.pid}`);
  try {
    // Tried on another place first: a process without any standard output would be worse.
    closeSync(openSync(path, "a+", 0o600));
    closeSync(stdout);
    openSync(path, "a+", 0o600);
  } catch {
    // It stays as it was.
  } finally {
    rmSync(path, { force: true });
  }
}

/** Reads from another thread of the process what was written to its diverted standard output. */
export class NativeOutput {
  readonly #show: (text: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  readonly #chunk = Buffer.alloc(chunkBytes);
  readonly #timer: NodeJS.Timeout | undefined;
  #position = 0;

  constructor(show: (text: string) => void) {
    this.#show = show;
    if (isFile()) this.#timer = setInterval(() => this.read(), everyMs).unref();
  }

  /** Shows what has come since. */
  read(): void {
    if (this.#timer === undefined) return;
    while (fstatSync(stdout).size > this.#position) {
      const count = readSync(stdout, this.#chunk, 0, chunkBytes, this.#position);
      if (count === 0) return;
      this.#position += count;
      const text = this.#decoder.write(this.#chunk.subarray(0, count));
      if (text !== "") this.#show(text);
    }
  }
}

/** Whether standard output is a file that has no name any more: one of ours. */
function isFile(): boolean {
  try {
    const found = fstatSync(stdout);
    return found.isFile() && found.nlink === 0;
  } catch {
    return false;
  }
}
