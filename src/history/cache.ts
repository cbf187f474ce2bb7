import type { Timestamp } from "../units/time.js";
import type { Cutoffs } from "./cutoff.js";
import type { CachedLeg, Leg } from "./plan.js";

/** Rows that were kept, and when they were fetched. */
export interface CachedRows {
  readonly items: readonly unknown[];
  readonly fetched: Timestamp;
}

/** What of an exchange can no longer change, kept on disk. Never own records. */
export interface HistoryCache {
  /** The parts of legs that are kept, as legs of kind "cached", and what must still be asked; order kept. */
  cover(legs: readonly Leg[], cutoffs: Cutoffs | null): Promise<readonly Leg[]>;
  /**
   * Rows of a kept part in chunks of at most a page, each row once, those of [from, to) where rows have a time; `instead.keep` is left to
   * the caller. A chunk is given only after all of its file was found undamaged.
   *
   * @returns what could not be read after all, damaged or cleared meanwhile, as legs to be asked; empty when all was there
   */
  read(leg: CachedLeg): AsyncGenerator<CachedRows, readonly Leg[]>;
  /**
   * Takes down the pages of one cursor chain or one candle answer; null for legs that are never kept.
   *
   * @param cutoffs - read before the leg was asked
   * @param resumed - true when the chain goes on from a saved cursor, so that its start is not seen
   */
  writer(leg: Leg, cutoffs: Cutoffs | null, resumed?: boolean): CacheWriter | null;
}

/** Never throws: what cannot be kept is asked again another time. */
export interface CacheWriter {
  /**
   * One page: its rows as the exchange sent them, and the half-open span [from, to) that is now completely known. Pages of a chain come
   * newest first and their spans adjoin. Rows at the page's oldest microsecond may go on in the next page, so `from` is behind that
   * microsecond, and rows before `from` are carried over. Unbounded is an infinity. Candles come once, with their leg's span; for lists
   * without a time the span is not looked at.
   */
  add(rows: readonly unknown[], from: Timestamp, to: Timestamp): void;
  /** Makes what was added durable: a file that appears whole. Called from time to time, so that little is held. */
  commit(): Promise<void>;
  /** The same at the end of the chain, after its last page: a list without a time is kept only now, when all of it is known. */
  finish(): Promise<void>;
  /**
   * Nothing of this chain is to be trusted, for the exchange did not send it in its order: files that are there already are removed
   * again, also one that is just being written, and whatever is called afterwards does nothing.
   */
  giveUp(): Promise<void>;
}
