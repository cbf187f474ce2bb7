import { otherUnit } from "../units/epoch.js";
import { DAY, MILLISECOND, type Timestamp } from "../units/time.js";
import { badLine, type LinePlace, type ReadLine } from "./frame-lines.js";

/** Lines that are earlier than the one before them on their connection: a clock that was set back, or lines out of order. */
export interface Backwards {
  readonly lines: number;
  /** Number of the first of them in the file. */
  readonly firstLine: number;
  /** How far the furthest of them went back. */
  readonly furthestMs: number;
}

/**
 * The times of a file's lines, line by line. Where they begin, and where they fall back by more than a day, they must not plainly be of
 * another unit than nanoseconds: all that was recorded would stand in January 1970.
 */
export class LineTimes {
  /** By connection the time of its last line, in microseconds, and the nanoseconds below. */
  readonly #last = new Map<number, readonly [Timestamp, number]>();
  #backwards: Backwards | null = null;

  get backwards(): Backwards | null {
    return this.#backwards;
  }

  /** @throws KalshiError `BAD_LINE` */
  take({ strand, time, nanos }: ReadLine, where: LinePlace): void {
    const [before, nanosBefore] = this.#last.get(strand) ?? [Number.NEGATIVE_INFINITY, 0];
    this.#last.set(strand, [time, nanos]);
    const isFirst = before === Number.NEGATIVE_INFINITY;
    if (isFirst || before - time > DAY) requireNanoseconds(time * 1_000 + nanos, where);
    if (time > before || (time === before && nanos >= nanosBefore)) return;
    const backMs = (before - time + (nanosBefore - nanos) / 1_000) / MILLISECOND;
    const { lines, firstLine, furthestMs } = this.#backwards ?? { lines: 0, firstLine: where.line, furthestMs: 0 };
    this.#backwards = { lines: lines + 1, firstLine, furthestMs: Math.max(furthestMs, backMs) };
  }
}

function requireNanoseconds(t: number, where: LinePlace): void {
  const other = otherUnit(t, "nanoseconds");
  if (other !== null) throw badLine(where, `\`t\` is in another unit: ${other}`);
}
