import { Worker } from "node:worker_threads";
import { KalshiError, messageOf } from "../errors.js";
import { Packer } from "./packer.js";
import type { PackingData, PackingNews, PackingRequest } from "./packing-thread.js";

export interface KeeperOptions {
  readonly dir: string;
  /** False only makes the indexes. */
  readonly compress: boolean;
  /** How long `close` waits at most; what is left then is done when the folder is recorded into again. Default 10 s. */
  readonly closeMs?: number | undefined;
}

/** At the end this much is packed without a thread, which takes longer to start. */
const SMALL_BYTES = 8 * 1024 * 1024;

/**
 * What the thread's short-lived objects may take. The entries of a block are gone when the next one comes; with the usual 48 MB they are left
 * lying about for longer before anything is collected, with much less they outlive their youth, and packing is no faster either way.
 */
const YOUNG_MB = 12;

/** Has closed segments packed in a thread of its own, so that no frame waits for it. */
export class Keeper {
  /** Segments packed, and their bytes before and after. */
  readonly packed = { segments: 0, before: 0, after: 0 };
  /** Why the last segment could not be packed, or null. It is tried again when the next is closed. */
  problem: KalshiError | null = null;
  readonly #options: KeeperOptions;
  readonly #flag = new Int32Array(new SharedArrayBuffer(4));
  #thread: Worker | null = null;
  #requests = 0;
  #answered = 0;
  #below = 0;
  /** Bytes of segments closed that were not told to be packed. */
  #waitingBytes = 0;
  #isPaused = false;
  #isClosed = false;
  #idle: (() => void)[] = [];

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Every segment below a number is closed. `bytes` of them have not been seen to before. */
  pack(below: number, bytes: number): void {
    this.#below = below;
    this.#waitingBytes += bytes;
    if (!this.#isPaused) this.#ask();
  }

  /** An earlier recorder has left this much to do: when it is little, it waits for the next segment that is closed. */
  found(below: number, bytes: number): void {
    if (bytes > SMALL_BYTES) this.pack(below, bytes);
    else this.#waitingBytes += bytes;
  }

  /** Leaves off at once, with what it has written so far taken away: the space is needed for frames. */
  pause(): void {
    this.#isPaused = true;
    Atomics.store(this.#flag, 0, 1);
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    // What had been left off before the thread saw the flag is asked for again.
    void this.#quiet().then(() => {
      // A thread begun behind the end would never be ended, and keep the process.
      if (this.#isPaused || this.#isClosed) return;
      Atomics.store(this.#flag, 0, 0);
      if (this.#below > 0) this.#ask();
    });
  }

  /** Has everything below a number packed, and ends. */
  async close(below: number, bytes: number): Promise<void> {
    const { closeMs = 10_000 } = this.#options;
    this.#isClosed = true;
    this.#below = below;
    this.#waitingBytes += bytes;
    if (this.#thread === null && this.#waitingBytes <= SMALL_BYTES) {
      await this.#packHere(below, performance.now() + closeMs);
      return;
    }
    if (!this.#isPaused) this.#ask();
    const timer = setTimeout(() => Atomics.store(this.#flag, 0, 1), closeMs);
    await this.#quiet();
    clearTimeout(timer);
    await this.#thread?.terminate();
  }

  async #packHere(below: number, until: number): Promise<void> {
    const isStopped = (): boolean => performance.now() > until;
    const packer = new Packer({ dir: this.#options.dir, compress: this.#options.compress, isStopped });
    try {
      for await (const { before, after, problem } of packer.pack(below)) {
        this.problem = problem;
        if (problem !== null) return;
        this.#count(before, after);
      }
    } catch (error) {
      this.problem = failed(error);
    }
  }

  #ask(): void {
    this.#thread ??= this.#start();
    this.#requests += 1;
    this.#thread.postMessage({ request: this.#requests, below: this.#below } satisfies PackingRequest);
  }

  /** Resolves when the thread has nothing to do. */
  #quiet(): Promise<void> {
    if (this.#answered === this.#requests || this.#thread === null) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #start(): Worker {
    const compiled = import.meta.url.endsWith(".js");
    const entry = new URL(compiled ? "./packing-thread.js" : "./packing-thread.ts", import.meta.url);
    const { dir, compress } = this.#options;
    const workerData: PackingData = { dir, compress, stop: this.#flag.buffer as SharedArrayBuffer };
    const thread = new Worker(entry, {
      workerData,
      execArgv: compiled ? [] : ["--import", import.meta.resolve("tsx")],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    thread.on("message", (news: PackingNews) => this.#hear(news));
    thread.on("error", (error) => {
      this.problem = failed(error);
    });
    thread.on("exit", () => {
      if (this.#thread === thread) this.#thread = null;
      this.#settle(this.#requests);
    });
    return thread;
  }

  #hear(news: PackingNews): void {
    if (news.type === "idle") this.#settle(news.request);
    else if (news.type === "packed") {
      this.problem = null;
      this.#count(news.before, news.after);
    } else {
      this.problem = new KalshiError(news.code, news.message, { hint: news.hint });
    }
  }

  #count(before: number, after: number): void {
    this.packed.segments += 1;
    this.packed.before += before;
    this.packed.after += after;
    this.#waitingBytes = Math.max(0, this.#waitingBytes - before);
  }

  #settle(request: number): void {
    this.#answered = Math.max(this.#answered, request);
    if (this.#answered < this.#requests) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}

function failed(error: unknown): KalshiError {
  if (error instanceof KalshiError) return error;
  return new KalshiError("WRITE_FAILED", `segments cannot be packed: ${messageOf(error)}`, {
    hint: "the recording is whole without it; it is tried again when the folder is recorded into again",
    cause: error,
  });
}
