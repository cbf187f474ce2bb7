import type { BookEvent, Gap } from "../book/event.js";
import type { Timestamp } from "../units/time.js";

interface OpenGap {
  readonly gap: Gap;
  readonly strand: number;
  readonly pending: Set<string>;
  /** A book has come on another strand, so that its own waits for it in vain. */
  hasMoved: boolean;
}

/**
 * The gaps of several strands as those of one recording: a market may be missed on one and come again on another, which its own strand never
 * learns.
 */
export class StrandGaps {
  #open: OpenGap[] = [];
  /** Ended by another strand; their own may still end them in its way. */
  readonly #ended = new Set<string>();
  /** By strand, the least difference of receive and exchange time. */
  readonly #offsets = new Map<number, number>();

  /** Takes the next event of a strand, and gives what the recording has instead. */
  take(event: BookEvent, strand: number): readonly BookEvent[] {
    const { time, receivedAt } = event;
    if (time !== null) {
      const offset = receivedAt - time;
      if (offset < (this.#offsets.get(strand) ?? Number.POSITIVE_INFINITY)) this.#offsets.set(strand, offset);
    }
    if (event.type === "gap") return this.#gap(event, strand);
    if (event.type !== "snapshot" || this.#open.length === 0) return [event];
    return [event, ...this.#restored(event.ticker, strand, receivedAt, time)];
  }

  #gap(gap: Gap, strand: number): readonly BookEvent[] {
    if (gap.to === null) {
      this.#open.push({ gap, strand, pending: new Set(gap.tickers), hasMoved: false });
      return [gap];
    }
    if (gap.recoveredBy === null) return [gap];
    this.#open = this.#open.filter((one) => one.strand !== strand || keyOf(one.gap, strand) !== keyOf(gap, strand));
    return this.#ended.delete(keyOf(gap, strand)) ? [] : [gap];
  }

  #restored(ticker: string, strand: number, receivedAt: Timestamp, time: Timestamp | null): Gap[] {
    const at = time ?? receivedAt - (this.#offsets.get(strand) ?? 0);
    const over: Gap[] = [];
    this.#open = this.#open.filter((one) => {
      if (!one.pending.delete(ticker)) return true;
      one.hasMoved ||= one.strand !== strand;
      // Where all have come on its own strand, that says so itself.
      if (one.pending.size > 0 || !one.hasMoved) return true;
      this.#ended.add(keyOf(one.gap, one.strand));
      over.push({ ...one.gap, receivedAt, to: Math.max(at, one.gap.from), recoveredBy: "resubscribe" });
      return false;
    });
    return over;
  }
}

function keyOf({ connection, reason, sid, from, fromSequence }: Gap, strand: number): string {
  return JSON.stringify([strand, connection, reason, sid, from, fromSequence]);
}
