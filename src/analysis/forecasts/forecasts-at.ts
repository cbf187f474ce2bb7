import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { readInterval } from "../../flow/interval.js";
import { rawOf } from "../../frames/exact.js";
import { forecastsFrame } from "../../frames/forecasts.js";
import { tableOfRecords } from "../../frames/frame.js";
import { rawColumn } from "../../frames/raw-column.js";
import { typedColumns } from "../../frames/schema.js";
import { makeTable } from "../../frames/table.js";
import { type Duration, HOUR, SECOND } from "../../units/time.js";
import { objectGiven } from "../given.js";
import { pricesOf } from "../given-amounts.js";
import { tableGiven } from "../given-rows.js";
import { asofRows } from "../joins/asof-rows.js";
import { keyNumbers } from "../joins/keys.js";
import { columnNamed, timeColumn, timeName } from "../joins/lanes.js";
import { withOriginsOf } from "../joins/origins.js";
import { textsOf } from "../read-fills.js";
import { outcomesOf, rowsOfMarkets } from "./outcomes.js";

export interface ForecastsOptions {
  /** Times before the close: `["1h", "6h", "1d"]`, or microseconds. */
  readonly before: readonly (string | Duration)[];
  /** Column of prices. Default: `yes_price` of trades, `midpoint` of quotes, `price_close` of candles and bars. */
  readonly price?: string | undefined;
  /** Column of times. Default: `time`, `created_time` or `end_time`, whichever is there first. */
  readonly on?: string | undefined;
  /** How old a price may be (`"6h"`), included. Default: any age. */
  readonly maxAge?: string | Duration | undefined;
}

/** Columns that hold the price of a market, the likeliest first. */
const PRICES = ["midpoint", "yes_price", "price_close"] as const;

/**
 * The forecast of each market at fixed times before its close: the last price at or before `close_time − before`, from a table of trades,
 * quotes, candles or bars, beside what the market became. One row per market and time.
 *
 * Columns: `ticker`, `event_ticker`, `before` (as asked), `hours_before`, `time` (the moment), `price` ($, YES), `price_time`, `outcome` ($ that
 * one YES contract paid), `result`, `close_time`. Ascending by `hours_before`, `ticker`. `price` is null where the market had none by then (a
 * last quote without both sides is none): the row stays, and `forecastScores` counts it. `outcome` is `settlement_value`, else by `result`; null
 * while not settled. Of trades in one microsecond the last in the table's order counts, which by `trade_id` is no order of time.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_ARGUMENT`; `BAD_PRICE`; `BAD_RECORD` for a market without ticker or close, or of two outcomes
 */
export function forecastsAt(given: ColumnTable, markets: ColumnTable, options: ForecastsOptions): ColumnTable {
  objectGiven("options", options);
  const spans = spansOf(options.before);
  tableGiven("prices", given, ["ticker"]);
  tableGiven("markets", markets, ["ticker", "close_time", "settlement_value"]);
  const names = given.columnNames();
  const priceName = options.price ?? PRICES.find((name) => names.includes(name)) ?? noPrice(names);
  // A candle in which nothing was traded has no price: the one before it still holds.
  const prices = priceName === "price_close" ? withoutNulls(given, priceName) : given;
  const columns = typedColumns(prices);
  const time = timeColumn(columns, options.on ?? timeName(names));
  const price = pricesOf(prices, priceName);
  const asked = askedOf(markets, spans);
  const keys = keyNumbers(
    [{ name: "ticker", left: asked.ticker, right: columnNamed(columns, "ticker") }],
    asked.time.length,
    prices.numRows(),
  );
  const matched = asofRows(keys, asked.time, time, {
    direction: "backward",
    tolerance: options.maxAge === undefined ? Number.POSITIVE_INFINITY : readInterval(options.maxAge),
    strict: false,
  });
  const records = asked.records.map((record, row) => {
    const at = matched[row]!;
    const found = at < 0 ? null : (price[at] ?? null);
    return { ...record, price: found, price_time: found === null ? null : time.rawAt(at) };
  });
  return withOriginsOf(tableOfRecords(forecastsFrame, records), [given, markets]);
}

/** The rows that have a value in a column. */
function withoutNulls(table: ColumnTable, name: string): ColumnTable {
  const values = rawOf(table, name);
  if (!values.includes(null)) return table;
  const rows = Uint32Array.from([...values.keys()].filter((row) => values[row] !== null));
  const columns = Object.entries(typedColumns(table)).map(([column, found]) => [column, found.take(rows)] as const);
  return makeTable(Object.fromEntries(columns));
}

interface Span {
  readonly before: string;
  readonly length: Duration;
}

function askedOf(markets: ColumnTable, spans: readonly Span[]) {
  const names = markets.columnNames();
  const [ticker, close, outcome] = [textsOf(markets, "ticker"), rawOf(markets, "close_time"), outcomesOf(markets)];
  const texts = (name: string) => (names.includes(name) ? textsOf(markets, name) : []);
  const [event, result] = [texts("event_ticker"), texts("result")];
  const rows = rowsOfMarkets(ticker, outcome);
  const records = rows.flatMap((row) =>
    spans.map(({ before, length }) => ({
      ticker: ticker[row] ?? incomplete("ticker", row),
      event_ticker: event[row] ?? null,
      before,
      hours_before: length / HOUR,
      time: (close[row] ?? incomplete("close_time", row)) - length,
      outcome: outcome[row] ?? null,
      result: result[row] ?? null,
      close_time: close[row]!,
    })),
  );
  const asked = Int32Array.from(records, (_, at) => rows[Math.floor(at / spans.length)]!);
  const tickers = columnNamed(typedColumns(markets), "ticker").takeOrNull(asked);
  const times = rawColumn(
    "time",
    "",
    records.map(({ time }) => time),
  );
  return { records, ticker: tickers, time: times };
}

function spansOf(before: readonly (string | Duration)[]): Span[] {
  const spans = (Array.isArray(before) ? (before as readonly (string | Duration)[]) : []).map((given) => ({
    before: typeof given === "string" ? given.trim() : `${given / SECOND}s`,
    length: readInterval(given),
  }));
  if (spans.length > 0 && new Set(spans.map(({ length }) => length)).size === spans.length) return spans;
  throw new KalshiError("BAD_ARGUMENT", `times before the close: ${JSON.stringify(before)}`, {
    hint: 'give one or more, each once: { before: ["1h", "6h", "1d"] }',
    context: { before },
  });
}

function noPrice(columns: readonly string[]): never {
  throw new KalshiError("COLUMN_MISSING", `the table has none of the columns ${PRICES.join(", ")}`, {
    hint: `name its column of prices: { price: "…" }; its columns are ${columns.join(", ")}`,
    context: { columns },
  });
}

function incomplete(column: string, row: number): never {
  throw new KalshiError("BAD_RECORD", `markets: column \`${column}\` has no value in row ${row}`, {
    hint: "a forecast needs it of every market; leave incomplete rows out before, on purpose",
    context: { column, row },
  });
}
