import type { ColumnTable } from "arquero";
import { makeTable } from "../../frames/table.js";
import type { Count } from "../../units/count.js";
import { ExactSum } from "../../units/sum.js";
import { objectGiven } from "../given.js";
import { type BucketOptions, bucketsOf, type ProfileBy } from "./buckets.js";
import { contracts, dollars, integers, mean, numbers, texts } from "./columns.js";
import { measured, type Rows, type Streamed } from "./rows.js";
import { type TradeLike, takerSign, tradeKind } from "./trade-rows.js";

export interface TradeProfileOptions extends BucketOptions {
  /** `hour` of the day ("00" to "23"), `weekday`, `size` of the trade, `price` (YES), or side of the `taker`. */
  readonly by: ProfileBy;
  /** Each market by itself; default all together. */
  readonly byMarket?: boolean | undefined;
}

/**
 * Volume and number of trades by hour of the day, weekday, size, price or taker side. Each trade counts once, block trades too.
 *
 * Columns: `ticker` with `byMarket`; `bucket` (text: "00" to "23" in `timezone`; "Mon" to "Sun"; the lower end of a range in contracts or YES
 * dollars, its upper end that of the next, not included; "yes", "no" or "unknown"); `trades`; `volume` (contracts); `share` of all volume, of the
 * market's with `byMarket`, 0 to 1; `taker_yes_volume`, `taker_no_volume` (contracts; the rest has no known side); `block_volume` (contracts);
 * `vwap` (YES $, rounded to a micro-dollar). Every bucket has a row, also without trades, in the order of buckets.
 *
 * Trades as a table, or as they come, such as `recording.trades()`, with memory by market and bucket.
 *
 * @throws KalshiError `BAD_ARGUMENT`, `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function tradeProfile(trades: ColumnTable, options: TradeProfileOptions): ColumnTable;
export function tradeProfile(trades: Streamed<TradeLike>, options: TradeProfileOptions): Promise<ColumnTable>;
export function tradeProfile(
  trades: Rows<TradeLike>,
  options: TradeProfileOptions,
): ColumnTable | Promise<ColumnTable> {
  objectGiven("options", options);
  const { by, byMarket = false } = options;
  const buckets = bucketsOf(by, options);
  const start = () => buckets.names.map(() => new Traded());
  const markets = new Map<string, Traded[]>(byMarket ? [] : [["", start()]]);
  return measured(trades, tradeKind, {
    take(trade) {
      const key = byMarket ? trade.ticker : "";
      let market = markets.get(key);
      if (market === undefined) {
        market = start();
        markets.set(key, market);
      }
      market[buckets.bucketOf(trade)]!.add(trade);
    },
    end: () => profileTable(markets, buckets.names, byMarket),
  });
}

class Traded {
  trades = 0;
  volume: Count = 0;
  yes: Count = 0;
  no: Count = 0;
  block: Count = 0;
  readonly value = new ExactSum();

  add(trade: TradeLike): void {
    const { count, yes_price } = trade;
    const sign = takerSign(trade);
    this.trades += 1;
    this.volume += count;
    if (sign === 1) this.yes += count;
    if (sign === -1) this.no += count;
    if (trade.is_block_trade === true) this.block += count;
    this.value.addProduct(yes_price, count);
  }
}

function profileTable(
  markets: ReadonlyMap<string, readonly Traded[]>,
  names: readonly string[],
  byMarket: boolean,
): ColumnTable {
  const rows = [...markets]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([ticker, list]) => {
      const whole = list.reduce((sum, { volume }) => sum + volume, 0);
      return list.map((traded, at) => ({ ticker, bucket: names[at]!, traded, whole }));
    });
  const of = <T>(pick: (traded: Traded, whole: Count) => T): T[] =>
    rows.map(({ traded, whole }) => pick(traded, whole));
  const tickers = rows.map(({ ticker }) => ticker);
  return makeTable({
    ...(byMarket ? { ticker: texts("ticker", "market", tickers) } : {}),
    bucket: texts(
      "bucket",
      "what these trades have in common",
      rows.map(({ bucket }) => bucket),
    ),
    trades: integers(
      "trades",
      of(({ trades }) => trades),
    ),
    volume: contracts(
      "contracts traded",
      of(({ volume }) => volume),
    ),
    share: numbers(
      "share",
      "share of all contracts, 0 to 1",
      of(({ volume }, whole) => (whole === 0 ? null : volume / whole)),
    ),
    taker_yes_volume: contracts(
      "contracts whose taker became long YES",
      of(({ yes }) => yes),
    ),
    taker_no_volume: contracts(
      "contracts whose taker became long NO",
      of(({ no }) => no),
    ),
    block_volume: contracts(
      "contracts agreed off the book",
      of(({ block }) => block),
    ),
    vwap: dollars(
      "mean price weighted by contracts, YES $",
      of(({ value, volume }) => mean(value.value(), BigInt(volume))),
    ),
  });
}
