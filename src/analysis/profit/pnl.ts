import type { ColumnTable } from "arquero";
import type { Decimal } from "decimal.js";
import { decimalOf } from "../../frames/exact.js";
import { formatCount } from "../../units/count.js";
import { formatFixed } from "../../units/fixed.js";
import { PRICE_DECIMALS } from "../../units/price.js";
import { toMicros } from "../../units/sum.js";
import { objectGiven, oneOf } from "../given.js";
import { type FillLike, readFills } from "../read-fills.js";
import { type Account, account, type Sums } from "./account.js";
import { cashTable } from "./cash.js";
import { closedLots, openLots } from "./closed-lots.js";
import { eventsOf } from "./events.js";
import { lotsOf } from "./lot-queue.js";
import { type CostMethod, costMethods } from "./lots.js";
import { type KnownMarket, readMarkets } from "./markets.js";
import { type Marks, readMarks } from "./marks.js";
import { eventsTable, fillsTable, marketsTable, overTimeTable, positionsTable } from "./pnl-tables.js";
import { readSettlements, recordsOf, type SettlementLike } from "./settlement-value.js";

export interface ProfitInput {
  /** Own fills: a table of this library, or records. Their order does not matter. */
  readonly fills: ColumnTable | Iterable<FillLike>;
  readonly settlements?: ColumnTable | Iterable<SettlementLike>;
  /**
   * Markets: their `settlement_value`, exact where a settlement's own `value` is cut to whole cents, their `event_ticker`, and the prices that
   * marks by midpoint or last trade are taken from.
   */
  readonly markets?: ColumnTable | Iterable<KnownMarket>;
  /** Which cost a closing fill is set against; `fifo` unless told otherwise. */
  readonly method?: CostMethod;
  /** YES prices in dollars to value open positions by, by ticker; or `midpoint` or `last`, of `markets`. */
  readonly marks?: Marks;
}

/** The exact shape of `kalshi-lab pnl --json`: money as text with six decimals, positions with two. */
export interface ProfitJson {
  readonly markets: readonly ProfitRow[];
  readonly total: Omit<ProfitRow, "ticker" | "position">;
}

interface ProfitRow {
  readonly ticker: string;
  readonly position: string;
  readonly realized: string;
  readonly unrealized: string;
  readonly fees: string;
  readonly net: string;
}

export interface Profit {
  readonly method: CostMethod;
  /** One row per event, by ticker; see {@link eventsTable}. */
  readonly events: ColumnTable;
  /** One row per market and subaccount; see {@link positionsTable}. */
  readonly positions: ColumnTable;
  /** One row per market, by ticker; see {@link marketsTable}. */
  readonly markets: ColumnTable;
  /** One row per fill, by time; see {@link fillsTable}. */
  readonly fills: ColumnTable;
  /** One row per fill and per settlement, by time, everything added up; see {@link overTimeTable}. */
  readonly overTime: ColumnTable;
  /** One row per closed lot, by time, oldest lot first, at its cost by the method; see {@link closedLots}. Made when it is first read. */
  readonly lots: ColumnTable;
  /** One row per lot still held, by market; see {@link openLots}. Made when it is first read. */
  readonly openLots: ColumnTable;
  /** Where the money went, line by line to the net profit; see {@link cashTable}. */
  readonly cash: ColumnTable;
  /** What closing and settling brought, without fees. */
  readonly realized: Decimal;
  /** What open positions would bring at their marks; those without a mark count 0 (see {@link unmarked}). */
  readonly unrealized: Decimal;
  /** As the exchange reports them on fills. */
  readonly fees: Decimal;
  /** realized + unrealized − fees */
  readonly net: Decimal;
  /** What the open positions cost, each side in its own price. */
  readonly exposure: Decimal;
  /** The most that it was at any time: the capital at risk. */
  readonly peakExposure: Decimal;
  /** net ÷ peakExposure, to twenty digits; null where nothing was ever at risk. */
  readonly returnOnCapital: Decimal | null;
  /** Markets with an open position and no mark: valued at what they cost. */
  readonly unmarked: readonly string[];
  /** What a reader of the figures should know: values in whole cents, fills that do not explain a settlement. */
  readonly notes: readonly string[];
  toJSON(): ProfitJson;
}

/**
 * Exact profit from fills and settlements: per fill, per market and over time.
 *
 * A closing fill realizes its price against the cost of what it closes, oldest lot first or on average; a NO bought against YES held
 * closes it. What a fill made longer is read as `directionOf` says. A settlement closes what is held at the market's value, scalar ones
 * included. Subaccounts are kept apart. Profit is without fees; fees are `fee_cost` of the fills alone, since a settlement's
 * `fee_cost` repeats them.
 *
 * Everything is computed in integers: products of price and count exactly, average costs to twenty decimals. The identity
 * `net = cash + value − fees` holds per market, event and subaccount, and is shown line by line in `cash`.
 *
 * @throws KalshiError `BAD_ARGUMENT`, `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_RECORD`, `BAD_PRICE` for a mark
 */
export function pnl(input: ProfitInput): Profit {
  objectGiven("what profit is made of", input);
  const method = oneOf("method", input.method ?? "fifo", costMethods);
  const fills = readFills(input.fills);
  const markets = readMarkets(input.markets);
  const settlements = input.settlements === undefined ? [] : recordsOf(input.settlements);
  const settled = readSettlements(settlements, markets);
  const marks = readMarks(input.marks, markets);
  const events = eventsOf(settlements, markets);
  const booked = account({ fills, settled, method, marks, events });
  const { decimals, total } = booked;
  let lots: Lots | null = null;
  const lotTables = (): Lots => {
    if (lots === null) {
      const { closed, open } = lotsOf(fills, settled, method);
      lots = { closed: closedLots(closed, { fills, events }), open: openLots(open, { fills, events }) };
    }
    return lots;
  };
  return {
    method,
    events: eventsTable(booked),
    positions: positionsTable(booked),
    markets: marketsTable(booked),
    fills: fillsTable(fills, booked),
    overTime: overTimeTable(booked, fills),
    get lots() {
      return lotTables().closed;
    },
    get openLots() {
      return lotTables().open;
    },
    cash: cashTable(booked),
    realized: decimalOf(total.realized, decimals),
    unrealized: decimalOf(total.unrealized ?? 0n, decimals),
    fees: decimalOf(total.fees, decimals),
    net: decimalOf(total.net, decimals),
    exposure: decimalOf(total.exposure, decimals),
    peakExposure: decimalOf(total.peak, decimals),
    returnOnCapital: total.peak === 0n ? null : decimalOf(total.net, decimals).div(decimalOf(total.peak, decimals)),
    unmarked: booked.unmarked,
    notes: booked.notes,
    toJSON: () => toJSON(booked),
  };
}

interface Lots {
  readonly closed: ColumnTable;
  readonly open: ColumnTable;
}

function toJSON({ markets, total, decimals }: Account): ProfitJson {
  const dollars = (value: bigint) => formatFixed(toMicros(value, decimals), PRICE_DECIMALS);
  const money = (profit: Sums) => ({
    realized: dollars(profit.realized),
    // Valued at cost where there is no mark, which is what `net` counts too.
    unrealized: dollars(profit.unrealized ?? 0n),
    fees: dollars(profit.fees),
    net: dollars(profit.net),
  });
  return {
    markets: markets.map((market) => ({
      ticker: market.ticker,
      position: formatCount(market.position),
      ...money(market),
    })),
    total: money(total),
  };
}
