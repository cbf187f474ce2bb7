import type { ColumnTable } from "arquero";
import { KalshiError } from "../errors.js";
import { columnFrom } from "../frames/convert.js";
import { makeTable } from "../frames/table.js";
import type { HistoryCache } from "../history/cache.js";
import { type CacheFile, type Cleared, cacheFiles, clearCache } from "../history/cache-folder.js";
import { Shelf } from "../history/cache-shelf.js";
import { DiskCache } from "../history/disk-cache.js";
import { readTime, systemClock, type TimeInput } from "../units/time.js";

/** What to clear; everything given must hold, nothing given is everything. */
export interface ClearAsk {
  readonly ticker?: string | undefined;
  /** The kept market lists of a series, and what is kept of its markets: of those in its lists, and by event of those of its events. */
  readonly series?: string | undefined;
  /** As {@link Cache.entries} names it. */
  readonly exchange?: string | undefined;
  /** Fetched before this; relative times count from now. */
  readonly before?: TimeInput | undefined;
}

/** What of history can no longer change, kept on disk and asked once: rows of the historical tier, and markets settled before the cutoff. */
export class Cache {
  /** Its folder; null when it is off. */
  readonly dir: string | null;

  constructor(dir: string | null) {
    this.dir = dir;
  }

  /** The part of one exchange. */
  of(exchange: string): HistoryCache | null {
    return this.dir === null ? null : new DiskCache(new Shelf(this.dir, exchange));
  }

  /**
   * What is kept, one row per file.
   *
   * Columns: `kind` (trades, candlesticks, markets: a list, market: one record), `ticker`, `query` (of a list), `interval` (minutes, of
   * candles), `from` and `to` (what is completely known, null is unbounded), `rows`, `bytes` (on disk), `fetched_time`, `exchange`,
   * `damaged` (not used, takes space until it is cleared).
   *
   * @throws KalshiError `FILE_UNREADABLE`
   */
  async entries(): Promise<ColumnTable> {
    return entriesTable(this.dir === null ? [] : await cacheFiles(this.dir));
  }

  /**
   * Removes what is kept of a market, a series, an exchange, from before a time, or all of it. A ticker does not tell its series: `unclear`
   * says how many files were left of which nothing kept tells it, to be cleared by ticker or with everything.
   *
   * @throws KalshiError `WRITE_FAILED`, `BAD_TIME`
   */
  async clear(ask: ClearAsk = {}): Promise<Cleared> {
    if (this.dir === null) {
      throw new KalshiError("BAD_ARGUMENT", "there is no cache to clear: it is off", {
        hint: "unset KALSHI_CACHE, or connect without cache: false",
      });
    }
    const { before, ...named } = ask;
    return clearCache(this.dir, {
      ...named,
      before: before === undefined ? undefined : readTime(before, systemClock.now()),
    });
  }
}

const columns = {
  kind: { kind: "text", about: "trades, candlesticks, markets (a list) or market (one record)" },
  ticker: { kind: "text", about: "market" },
  query: { kind: "text", about: "question that a list answers" },
  interval: { kind: "integer", about: "minutes of a candle" },
  from: { kind: "time", about: "completely known from here; null is unbounded" },
  to: { kind: "time", about: "up to here, not included; null is unbounded" },
  rows: { kind: "integer", about: "rows in the file" },
  bytes: { kind: "integer", about: "on disk" },
  fetched_time: { kind: "time", about: "when it was asked" },
  exchange: { kind: "text", about: "whose it is" },
  damaged: { kind: "boolean", about: "damaged or never finished: not used" },
} as const;

function entriesTable(files: readonly CacheFile[]): ColumnTable {
  const rows = files.map(rowOf);
  const made = Object.entries(columns).map(([name, { kind, about }]) => [
    name,
    columnFrom(
      name,
      kind,
      about,
      rows.map((row) => row[name as keyof typeof columns]),
    ),
  ]);
  return makeTable(Object.fromEntries(made));
}

function rowOf({ bytes, written, kept }: CacheFile): Readonly<Record<keyof typeof columns, unknown>> {
  if (kept === null) {
    const nothing = { kind: null, ticker: null, query: null, interval: null, from: null, to: null, exchange: null };
    return { ...nothing, rows: null, bytes, fetched_time: written / 1_000, damaged: true };
  }
  const list = kept.kind === "markets";
  const bound = (time: number): number | null => (Number.isFinite(time) ? time / 1_000 : null);
  return {
    kind: kept.kind,
    ticker: list || kept.key === "" ? null : kept.key,
    query: list ? kept.key : null,
    interval: kept.interval,
    from: bound(kept.span.from),
    to: bound(kept.span.to),
    rows: kept.rows,
    bytes,
    fetched_time: kept.fetched / 1_000,
    exchange: kept.exchange,
    damaged: false,
  };
}
