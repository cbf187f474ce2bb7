import type { CacheWriter, HistoryCache } from "./cache.js";
import type { Cutoffs } from "./cutoff.js";
import { isSliceable, type Range, type RangePage } from "./range.js";

/** What is being written at the same time. */
const MOST_AT_ONCE = 3;

/** Takes down for another time what has been accepted of a download. What cannot be kept is asked again then, and fails nothing. */
export class Keeping {
  readonly #cache: HistoryCache | undefined;
  readonly #cutoffs: Cutoffs | null;
  /** By chain; null once nothing of it is kept. */
  readonly #writers = new Map<number, CacheWriter | null>();
  readonly #working = new Set<Promise<void>>();

  constructor(cache: HistoryCache | undefined, cutoffs: Cutoffs | null) {
    this.#cache = cache;
    this.#cutoffs = cutoffs;
  }

  /** Takes down a page of a chain; when its rows turn out not to be in order, nothing of the chain stays. */
  keep(range: Range, page: RangePage): void {
    const writer = this.#writerOf(range);
    if (writer === null) return;
    if (page.disordered) {
      this.#writers.set(range.run, null);
      this.track(writer.giveUp());
      return;
    }
    const { from, to } = page.covered ?? { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
    if (page.covered !== null || !isSliceable(range.leg)) writer.add(page.raw, from, to);
    this.track(page.next === null ? writer.finish() : writer.commit());
  }

  track(work: Promise<void>): void {
    const kept = work.catch(() => undefined).finally(() => this.#working.delete(kept));
    this.#working.add(kept);
  }

  /** Waits while too much is being written: it must not pile up behind a slow disk. */
  async hasRoom(): Promise<void> {
    if (this.#working.size >= MOST_AT_ONCE) await Promise.race(this.#working);
  }

  /** Until all is written. */
  async done(): Promise<void> {
    await Promise.allSettled(this.#working);
  }

  #writerOf(range: Range): CacheWriter | null {
    let writer = this.#writers.get(range.run);
    if (writer === undefined) {
      writer = this.#cache?.writer(range.leg, this.#cutoffs, range.resumed) ?? null;
      this.#writers.set(range.run, writer);
    }
    return writer;
  }
}
