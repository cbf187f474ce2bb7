import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { type Bar, type BarTrade, OpenBar } from "../../flow/bar.js";
import { type BarSize, fullBy } from "../../flow/bars.js";
import { gridBefore, readInterval } from "../../flow/interval.js";
import { barsFrame, rowsOf } from "../../frames/flows.js";
import { tableOfRecords } from "../../frames/frame.js";
import { provenance } from "../../frames/provenance.js";
import { typedColumns } from "../../frames/schema.js";
import type { Timestamp } from "../../units/time.js";
import { objectGiven } from "../given.js";
import { countsOf, pricesOf } from "../given-amounts.js";
import { tableGiven } from "../given-rows.js";
import { textsOf } from "../read-fills.js";
import { keysOf } from "./keys.js";
import { columnNamed, lanesOf, TIMES, timeColumn, timeName } from "./lanes.js";
import { withOriginsOf } from "./origins.js";
import { missingIn } from "./unknown-times.js";

/**
 * A table of trades as bars, market by market: by time on a grid from 1970, UTC (`{ every: "1h" }`), by contracts (`{ volume: 1000 }`) or by
 * how many trades (`{ trades: 100 }`), each with its first, highest, lowest and last price, mean price, volume and taker's side, as `bars`
 * gives them over events. Every trade is in exactly one bar, those off the book too; there is no bar where nothing was traded.
 *
 * Columns: `start_time`, `end_time` (ms since 1970, UTC), `ticker`, `trust`, `price_open`, `price_high`, `price_low`, `price_close`, `vwap` ($),
 * `volume`, `taker_yes_volume`, `taker_no_volume` (contracts), `trades`, `late_trades` (0). Ascending by `end_time`. `trust` is `partial` where
 * the table's origin says that trades of the span may be missing, and for a last bar by contracts or count that is not full; a table of
 * unknown origin is taken for all there is. Within one microsecond trades count in the table's order, which by `trade_id` is no order of time.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_RECORD` for a trade without price or count and for one that is there twice (by
 * `trade_id`, where the table has it), `BAD_ARGUMENT`
 */
export function tradeBars(trades: ColumnTable, size: BarSize): ColumnTable {
  objectGiven("size of the bars", size);
  const columns = typedColumns(tableGiven("trades", trades, [TIMES, "ticker", "yes_price", "count"]));
  if ("trade_id" in columns) refuseTwice(textsOf(trades, "trade_id"));
  const time = timeColumn(columns, timeName(Object.keys(columns)));
  const keys = keysOf([columnNamed(columns, "ticker")], trades.numRows());
  const { rows, starts } = lanesOf(keys.numbers, keys.size, time);
  const tickers = textsOf(trades, "ticker");
  const read = tradeReader(trades);
  const isMissing = missingIn(provenance(trades));
  const cut = "every" in size ? byTime(readInterval(size.every)) : bySize(fullBy(size));
  const made: Bar[] = [];
  for (let key = 0; key < keys.size; key += 1) {
    const lane = rows.subarray(starts[key], starts[key + 1]);
    if (lane.length === 0) continue;
    const ticker = tickers[lane[0]!]!;
    for (const bar of cut(ticker, lane, time.raw, read)) {
      bar.isPartial ||= isMissing(ticker, bar.start, Math.max(bar.end, bar.start + 1));
      made.push(bar.closed());
    }
  }
  return withOriginsOf(tableOfRecords(barsFrame, made.flatMap(rowsOf)), [trades]);
}

function refuseTwice(ids: readonly (string | null)[]): void {
  const seen = new Set<string>();
  for (const [row, id] of ids.entries()) {
    if (id === null) continue;
    if (seen.has(id)) {
      throw new KalshiError("BAD_RECORD", `trades: trade ${id} is there twice, the second time in row ${row}`, {
        hint: "it would count twice: `table.dedupe('trade_id')` leaves the first of each",
        context: { trade_id: id, row },
      });
    }
    seen.add(id);
  }
}

type Cut = (
  ticker: string,
  lane: Int32Array,
  time: ArrayLike<Timestamp>,
  read: (row: number) => BarTrade,
) => Iterable<OpenBar>;

function byTime(every: number): Cut {
  return function* (ticker, lane, time, read) {
    let bar: OpenBar | null = null;
    for (const row of lane) {
      const start = gridBefore(time[row]!, every);
      if (bar === null || bar.start !== start) {
        if (bar !== null) yield bar;
        bar = new OpenBar(ticker, start, start + every, false);
      }
      bar.add(read(row), false);
    }
    if (bar !== null) yield bar;
  };
}

function bySize(isFull: (bar: OpenBar) => boolean): Cut {
  return function* (ticker, lane, time, read) {
    let bar: OpenBar | null = null;
    for (const row of lane) {
      bar ??= new OpenBar(ticker, time[row]!, time[row]!, false);
      bar.end = time[row]!;
      bar.add(read(row), false);
      if (!isFull(bar)) continue;
      yield bar;
      bar = null;
    }
    if (bar === null) return;
    bar.isPartial = true;
    yield bar;
  };
}

function tradeReader(trades: ColumnTable): (row: number) => BarTrade {
  const names = trades.columnNames();
  const [price, count] = [pricesOf(trades, "yes_price"), countsOf(trades, "count")];
  const texts = (name: string) => (names.includes(name) ? textsOf(trades, name) : []);
  const [side, older] = [texts("taker_outcome_side"), texts("taker_side")];
  return (row) => ({
    yes_price: price[row] ?? noValue("yes_price", row),
    count: count[row] ?? noValue("count", row),
    taker_outcome_side: side[row] ?? older[row] ?? null,
  });
}

function noValue(column: string, row: number): never {
  throw new KalshiError("BAD_RECORD", `trades: column \`${column}\` has no value in row ${row}`, {
    hint: "a bar needs it in every row; leave incomplete rows out before, on purpose",
    context: { column, row },
  });
}
