import type { ContinueMark } from "./marks.js";

/**
 * Which connection a new segment goes on with: the one of the first entry that is still to be written. What waits for the disk may be of an
 * earlier one than is open now.
 */
export class Continued {
  /** What held behind the entry of a number, in order. */
  #turns: { readonly entry: number; readonly mark: ContinueMark | null }[] = [];

  /** A connection was noted to begin, or with null to end. @param entry how many entries were taken before the note */
  turned(entry: number, mark: ContinueMark | null): void {
    this.#turns.push({ entry, mark });
  }

  /** @param written how many entries have been written */
  at(written: number): ContinueMark | null {
    const last = this.#turns.findLastIndex(({ entry }) => entry < written);
    if (last > 0) this.#turns = this.#turns.slice(last);
    return last < 0 ? null : this.#turns[0]!.mark;
  }
}
