import inspector from "node:inspector";

const everyMs = 20;
/** What is left must last until the cell has stopped: some tenths of a second of a loop that does nothing but allocate. */
const full = 0.8;

/**
 * Watches from another thread how much of its heap the main thread uses while a cell runs, and says when it is nearly full: V8 would end the
 * process without asking anybody. A cell that fills the rest faster than it can be stopped ends the process all the same, with V8's own words
 * on standard error.
 */
export class MemoryWatch {
  readonly #tell: (used: number, limit: number) => void;
  #limit = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #asking = false;

  constructor(tell: (used: number, limit: number) => void) {
    this.#tell = tell;
  }

  /** Bytes that the main thread's heap can have. */
  set limit(bytes: number) {
    this.#limit = bytes;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#look(), everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    // All memory of the process is the least that costs nothing to know; the heap is part of it.
    if (this.#asking || process.memoryUsage.rss() < full * this.#limit) return;
    this.#asking = true;
    const used = await heapOfMainThread();
    this.#asking = false;
    if (this.#timer !== undefined && used > full * this.#limit) this.#tell(used, this.#limit);
  }
}

interface HeapUsage {
  readonly usedSize: number;
}

function heapOfMainThread(): Promise<number> {
  const session = new inspector.Session();
  session.connectToMainThread();
  return new Promise((resolve) => {
    session.post("Runtime.getHeapUsage", (error, usage) => {
      session.disconnect();
      resolve(error === null ? (usage as HeapUsage).usedSize : 0);
    });
  });
}
