import type { ColumnTable } from "arquero";
import type { TableColumn } from "../../frames/columns.js";
import { rawColumn } from "../../frames/raw-column.js";
import { ScaledColumn } from "../../frames/scaled-column.js";
import { makeTable } from "../../frames/table.js";
import { TextColumn } from "../../frames/text-column.js";
import { toMicros } from "../../units/sum.js";
import type { FillColumns } from "../read-fills.js";
import type { Account, MarketProfit } from "./account.js";

/**
 * Profit by market, one row per market, ascending by ticker.
 *
 * Columns: `ticker`; `position` (contracts, YES positive); `mark` ($); `realized`, `unrealized`, `fees`, `net` ($); `cash`, `value`,
 * `exposure` ($); `fills`. `net = realized + unrealized − fees = cash + value − fees`. `unrealized` and `mark` are null for an open
 * position without mark, which `net` and `value` then take at its cost. `cash` books a NO as a YES sold; `exposure` is what the open
 * position cost.
 */
export function marketsTable({ markets, decimals }: Account): ColumnTable {
  const money = (about: string, pick: (market: MarketProfit) => bigint | null) =>
    rawColumn(
      "dollars",
      about,
      markets.map((market) => {
        const value = pick(market);
        return value === null ? null : toMicros(value, decimals);
      }),
    );
  return makeTable({
    ticker: texts(
      "market",
      markets.map((market) => market.ticker),
    ),
    position: rawColumn(
      "contracts",
      "contracts held: YES positive, NO negative",
      markets.map((one) => one.position),
    ),
    mark: rawColumn(
      "dollars",
      "YES price the open position is valued at, $",
      markets.map((one) => one.mark),
    ),
    realized: money("profit of what was closed or settled, without fees, $", (one) => one.realized),
    unrealized: money("profit of what is open at its mark, $; null without mark", (one) => one.unrealized),
    fees: money("fees of the fills, $", (one) => one.fees),
    net: money("realized + unrealized − fees, $", (one) => one.net),
    cash: money("what fills and settlement paid, before fees, a NO being a YES sold, $", (one) => one.cash),
    value: money("position at its mark, else at cost, a NO being a YES sold, $", (one) => one.value),
    exposure: money("what the open position cost, $", (one) => one.exposure),
    fills: rawColumn(
      "integer",
      "fills",
      markets.map((one) => one.fills),
    ),
  });
}

/**
 * Profit by fill, one row per fill, ascending by time, ties by `fill_id`.
 *
 * Columns: `created_time` (ms since 1970, UTC); `ticker`; `outcome_side` ("yes" | "no": what the fill made longer); `yes_price` ($);
 * `count` (contracts); `fee_cost` ($); `position` after the fill, in its subaccount (contracts); `realized` by this fill, without
 * fees ($); `net`, realized − fees of everything so far ($); `fill_id`.
 */
export function fillsTable(fills: FillColumns, { perFill }: Account): ColumnTable {
  return makeTable({
    created_time: new ScaledColumn("time", "when it was matched", fills.time),
    ticker: texts("market", fills.ticker),
    outcome_side: texts(
      "`yes` or `no`: what the fill made longer",
      Array.from(fills.quantity, (quantity) => (quantity < 0 ? "no" : "yes")),
    ),
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
 * Columns: `time` (ms since 1970, UTC); `ticker`; `what` ("fill" | "settlement"); `realized`, `fees`, `net` = realized − fees ($).
 */
export function overTimeTable({ steps }: Account): ColumnTable {
  return makeTable({
    time: rawColumn("time", "when it was matched or settled", steps.time),
    ticker: texts("market", steps.ticker),
    what: texts("`fill` or `settlement`", steps.what),
    realized: rawColumn("dollars", "realized so far, all markets, without fees, $", steps.realized),
    fees: rawColumn("dollars", "fees so far, all markets, $", steps.fees),
    net: rawColumn("dollars", "realized − fees so far, all markets, $", steps.net),
  });
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
