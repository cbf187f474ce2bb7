import type { ColumnTable } from "arquero";
import type { TableColumn } from "../../frames/columns.js";
import { columnFrom } from "../../frames/convert.js";
import { decimalOf } from "../../frames/exact.js";
import { rawColumn } from "../../frames/raw-column.js";
import { ScaledColumn } from "../../frames/scaled-column.js";
import { makeTable } from "../../frames/table.js";
import { TextColumn } from "../../frames/text-column.js";
import type { Count } from "../../units/count.js";
import type { Price } from "../../units/price.js";
import { toMicros } from "../../units/sum.js";
import { type FillColumns, marketColumn } from "../fill-columns.js";
import type { Account, Sums } from "./account.js";

/**
 * Profit by market, one row per market, ascending by ticker.
 *
 * Columns: `ticker`; `position` (contracts, YES positive); `mark` ($); `realized`, `unrealized`, `fees`, `net` ($); `cash`, `value`,
 * `exposure` ($); `peak_exposure` ($), the most that was at risk at a time, and `return_on_capital`, net ÷ that; `fills`.
 *
 * `net = realized + unrealized − fees = cash + value − fees`. `unrealized` and `mark` are null for an open position without mark, which `net`
 * and `value` then take at its cost. `cash` is what closing and settling brought less what opening cost; `exposure` what the open position
 * cost; each side in its own price.
 */
export function marketsTable({ markets, decimals }: Account): ColumnTable {
  return makeTable({
    ticker: texts("market", markets.map(tickerOf)),
    ...heldColumns(markets),
    ...sumColumns(markets, decimals),
  });
}

/** Profit by market and subaccount, one row per both, ascending; columns as by market, and `subaccount_number`. */
export function positionsTable({ positions, decimals }: Account): ColumnTable {
  return makeTable({
    ticker: texts("market", positions.map(tickerOf)),
    subaccount_number: rawColumn(
      "integer",
      "0 is the primary account",
      positions.map((one) => one.subaccount),
    ),
    ...heldColumns(positions),
    ...sumColumns(positions, decimals),
  });
}

/**
 * Profit by event, one row per event, ascending; null for markets of which no record tells the event.
 *
 * Columns: `event_ticker`; `markets`, traded ones; and as by market. Its peak is the most that was at risk in all of them at a time.
 */
export function eventsTable({ events, decimals }: Account): ColumnTable {
  return makeTable({
    event_ticker: columnFrom(
      "event_ticker",
      "text",
      "event",
      events.map((one) => one.event),
    ),
    markets: rawColumn(
      "integer",
      "markets traded",
      events.map((one) => one.markets),
    ),
    ...sumColumns(events, decimals),
  });
}

function tickerOf({ ticker }: { readonly ticker: string }): string {
  return ticker;
}

function heldColumns(list: readonly { readonly position: Count; readonly mark: Price | null }[]) {
  return {
    position: rawColumn(
      "contracts",
      "contracts held: YES positive, NO negative",
      list.map((one) => one.position),
    ),
    mark: rawColumn(
      "dollars",
      "YES price the open position is valued at, $",
      list.map((one) => one.mark),
    ),
  };
}

function sumColumns(list: readonly Sums[], decimals: number) {
  const money = (about: string, pick: (sums: Sums) => bigint | null) =>
    rawColumn(
      "dollars",
      about,
      list.map((sums) => {
        const value = pick(sums);
        return value === null ? null : toMicros(value, decimals);
      }),
    );
  return {
    realized: money("profit of what was closed or settled, without fees, $", (one) => one.realized),
    unrealized: money("profit of what is open at its mark, $; null without mark", (one) => one.unrealized),
    fees: money("fees of the fills, $", (one) => one.fees),
    net: money("realized + unrealized − fees, $", (one) => one.net),
    cash: money(
      "what closing and settling brought less what opening cost, $",
      (one) => one.received + one.settled - one.paid,
    ),
    value: money("what is held at its mark, else at cost, $", (one) => one.value),
    exposure: money("what the open position cost, $", (one) => one.exposure),
    peak_exposure: money("the most that open positions had cost at a time, $", (one) => one.peak),
    return_on_capital: columnFrom(
      "return_on_capital",
      "number",
      "net ÷ peak_exposure",
      list.map(({ net, peak }) => (peak === 0n ? null : decimalOf(net, 0).div(decimalOf(peak, 0)).toNumber())),
    ),
    fills: rawColumn(
      "integer",
      "fills",
      list.map((one) => one.fills),
    ),
  };
}

/**
 * Profit by fill, one row per fill, ascending by time; an order's fills of one moment best price first.
 *
 * Columns: `created_time` (ms since 1970, UTC); `ticker`; `outcome_side` ("yes" | "no": what the fill made longer); `yes_price` ($);
 * `count` (contracts); `fee_cost` ($); `position` after the fill, in its subaccount (contracts); `realized` by this fill, without
 * fees ($); `net`, realized − fees of everything so far ($); `fill_id`.
 */
export function fillsTable(fills: FillColumns, { perFill }: Account): ColumnTable {
  return makeTable({
    created_time: new ScaledColumn("time", "when it was matched", fills.time),
    ticker: marketColumn(fills),
    outcome_side: new TextColumn("text", "`yes` or `no`: what the fill made longer", sideCodes(fills.quantity), [
      "",
      "yes",
      "no",
    ]),
    yes_price: new ScaledColumn("dollars", "price of the YES side, $ per contract", fills.price),
    count: new ScaledColumn("contracts", "contracts", fills.quantity.map(Math.abs)),
    fee_cost: new ScaledColumn("dollars", "fee of this fill, $", fills.fee),
    position: new ScaledColumn("contracts", "contracts held after it: YES positive, NO negative", perFill.position),
    realized: new ScaledColumn("dollars", "profit this fill realized, without fees, $", perFill.realized),
    net: new ScaledColumn("dollars", "realized − fees of everything so far, $", perFill.net),
    ...(fills.id === null ? {} : { fill_id: fills.id }),
  });
}

/**
 * Profit over time, one row per fill and per settled position, ascending by time; money is added up over all markets.
 *
 * Columns: `time` (ms since 1970, UTC); `ticker`; `what` ("fill" | "settlement"); `realized`, `fees`, `net` = realized − fees ($);
 * `exposure`, what all open positions have cost, each side in its own price ($).
 */
export function overTimeTable({ steps }: Account, { tickers }: FillColumns): ColumnTable {
  const money = (about: string, values: Float64Array) => new ScaledColumn("dollars", about, values);
  const { time, market, what, realized, fees, net, exposure } = steps.columns();
  return makeTable({
    time: new ScaledColumn("time", "when it was matched or settled", time),
    ticker: marketColumn({ tickers, market }),
    what: new TextColumn("text", "`fill` or `settlement`", new Uint8Array(what), ["", "fill", "settlement"]),
    realized: money("realized so far, all markets, without fees, $", realized),
    fees: money("fees so far, all markets, $", fees),
    net: money("realized − fees so far, all markets, $", net),
    exposure: money("what all open positions have cost, after it, $", exposure),
  });
}

function sideCodes(quantity: Float64Array): Uint8Array {
  const codes = new Uint8Array(quantity.length);
  for (let row = 0; row < codes.length; row += 1) codes[row] = quantity[row]! < 0 ? 2 : 1;
  return codes;
}

/** A column of few distinct texts. */
function texts(about: string, values: readonly string[]): TableColumn {
  const codeOf = new Map<string, number>();
  const codes = new Uint32Array(values.length);
  for (let row = 0; row < values.length; row += 1) {
    const text = values[row]!;
    let code = codeOf.get(text);
    if (code === undefined) {
      code = codeOf.size + 1;
      codeOf.set(text, code);
    }
    codes[row] = code;
  }
  return new TextColumn("text", about, codes, ["", ...codeOf.keys()]);
}
