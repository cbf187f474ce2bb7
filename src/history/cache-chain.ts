import type { Known, Shelf } from "./cache-shelf.js";
import type { Subject } from "./cache-subject.js";

/** The files that one chain has put on a shelf, which can be taken back. */
export class ChainFiles {
  readonly #shelf: Shelf;
  readonly #written: Promise<string | null>[] = [];
  #removed: Promise<void> | null = null;

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  /** True once they were taken back: nothing is put any more. */
  get givenUp(): boolean {
    return this.#removed !== null;
  }

  /** Comes back when the file is there; where the chain was given up meanwhile, when it is gone again. */
  async put(subject: Subject, known: Known, lines: readonly string[]): Promise<void> {
    if (this.#removed === null) {
      const written = this.#shelf.put(subject, known, lines);
      this.#written.push(written);
      await written;
    }
    await this.#removed;
  }

  /** Removes what was put, also what is still being written. */
  giveUp(): Promise<void> {
    this.#removed ??= this.#remove();
    return this.#removed;
  }

  async #remove(): Promise<void> {
    for (const written of this.#written) {
      const path = await written;
      if (path !== null) await this.#shelf.remove(path);
    }
  }
}
