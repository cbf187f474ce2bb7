import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { readInterval } from "../../flow/interval.js";
import type { Duration, TimeInput, Timestamp } from "../../units/time.js";
import { isTable } from "../given-rows.js";
import { type QuoteLike, quoteKind, readUntil } from "./quote-rows.js";
import { pagesOf, type RowKind, type Rows, tableRows } from "./rows.js";
import { type MarkedTrade, TradeMarks } from "./trade-marks.js";
import { type TradeLike, tradeKind } from "./trade-rows.js";

export interface TradeSpreadOptions {
  /** How long after a trade its price is weighed again: `"5m"`, the default, or microseconds. */
  readonly after?: string | Duration | undefined;
  /** End of what the quotes tell: ms since 1970, `Date` or text. Default: the latest time of a quote or trade. */
  readonly until?: number | TimeInput | undefined;
}

/** Measures of trades and of how late rows were, by ticker. */
export interface MarkMeasure {
  take(marked: MarkedTrade): void;
  end(late: ReadonlyMap<string, number>): ColumnTable;
}

/** Marks trades by quotes: at once where both are tables, else as they come. */
export function marked(
  [trades, quotes]: readonly [Rows<TradeLike>, Rows<QuoteLike>],
  spans: readonly Duration[],
  until: number | TimeInput | undefined,
  measure: MarkMeasure,
): ColumnTable | Promise<ColumnTable> {
  const marks = new TradeMarks(spans, readUntil(until), (one) => measure.take(one));
  const end = (): ColumnTable => {
    marks.end();
    return measure.end(marks.late);
  };
  if (!isTable(trades) || !isTable(quotes)) {
    return streamed(pagesOrTable(trades, tradeKind), pagesOrTable(quotes, quoteKind), marks).then(end);
  }
  for (const quote of tableRows(quotes, quoteKind)) marks.quote(quote);
  for (const trade of tableRows(trades, tradeKind)) marks.trade(trade);
  return end();
}

function pagesOrTable<T>(rows: Rows<T>, kind: RowKind<T>): AsyncGenerator<readonly T[]> {
  return pagesOf(isTable(rows) ? tableRows(rows, kind) : rows, kind);
}

/** Reads both side by side: always on from the one that is behind in time. */
async function streamed(
  trades: AsyncGenerator<readonly TradeLike[]>,
  quotes: AsyncGenerator<readonly QuoteLike[]>,
  marks: TradeMarks,
): Promise<void> {
  const reading = [
    new Reading(
      trades,
      ({ created_time }) => created_time,
      (trade) => marks.trade(trade),
    ),
    new Reading(
      quotes,
      ({ time }) => time,
      (quote) => marks.quote(quote),
    ),
  ] as const;
  try {
    for (let rows = 0; ; ) {
      const [a, b] = reading;
      const behind = a.reached <= b.reached ? a : b;
      if (behind.reached === Number.POSITIVE_INFINITY) return;
      rows += await behind.next();
      if (rows < SETTLED_EVERY) continue;
      marks.pass(Math.min(a.reached, b.reached));
      rows = 0;
    }
  } finally {
    await Promise.all(reading.map((one) => one.close()));
  }
}

/** Rows between two looks at what is settled. */
const SETTLED_EVERY = 4_096;

class Reading<T> {
  /** The latest time that came; infinite when nothing more comes. */
  reached: Timestamp = Number.NEGATIVE_INFINITY;
  readonly #pages: AsyncGenerator<readonly T[]>;
  readonly #timeOf: (row: T) => Timestamp;
  readonly #take: (row: T) => void;

  constructor(pages: AsyncGenerator<readonly T[]>, timeOf: (row: T) => Timestamp, take: (row: T) => void) {
    this.#pages = pages;
    this.#timeOf = timeOf;
    this.#take = take;
  }

  /** Takes the next page; gives how many rows it had. */
  async next(): Promise<number> {
    const { done, value } = await this.#pages.next();
    if (done === true) {
      this.reached = Number.POSITIVE_INFINITY;
      return 0;
    }
    for (const row of value) {
      this.#take(row);
      this.reached = Math.max(this.reached, this.#timeOf(row));
    }
    return value.length;
  }

  async close(): Promise<void> {
    await this.#pages.return(undefined);
  }
}

/** @throws KalshiError `BAD_ARGUMENT` */
export function readSpans(after: string | Duration | readonly (string | Duration)[] = "5m"): Duration[] {
  const list = typeof after === "object" ? after : [after];
  if (list.length === 0) {
    throw new KalshiError("BAD_ARGUMENT", "no time after the trades is given", {
      hint: 'give `after: "5m"`, or several: `after: ["1s", "1m", "5m"]`',
    });
  }
  return list.map(readInterval);
}
