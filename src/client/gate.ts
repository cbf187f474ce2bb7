import { Queue } from "./queue.js";

/** Lets so many through at once, the others one by one as those leave, first come first served. */
export class Gate {
  readonly #waiting = new Queue<() => void>();
  #free: number;

  constructor(size: number) {
    this.#free = size;
  }

  /** Resolves when there is room; each that entered must {@link leave}. */
  enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
