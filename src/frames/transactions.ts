import { always, maybe } from "../exchange/field.js";
import type { Frame } from "./frame.js";

/** Columns of the exchange's file of closed lots. Each stands there under one of the names given, in any order and case. */
export const transactionFields = {
  closed_time: maybe("time", "close_timestamp", "when they were closed or settled"),
  opened_time: maybe("time", "open_timestamp", "when they were opened"),
  type: always("text", "type", "`trade`, or `credit` for money without a market"),
  ticker: maybe("text", "market_ticker", "market; null for a credit"),
  side: maybe("text", "side", "`yes` or `no`: what was held"),
  count: maybe(
    "contracts",
    ["quantity_fp", "quantity"],
    "contracts; cut to whole ones, down to 0, where `count_exact` is false",
  ),
  count_exact: maybe("boolean", [], "false where the file may have cut `count` to whole contracts"),
  open_price: maybe(
    "dollars",
    ["entry_price_dollars", "entry_price_cents"],
    "price of the side held when opened, $; whole cents in older files",
  ),
  close_price: maybe("dollars", ["exit_price_dollars", "exit_price_cents"], "its price when closed, $; likewise"),
  open_fees: maybe("dollars", ["open_fees_dollars", "open_fees_cents"], "fees of opening, rounded to cents, $"),
  close_fees: maybe("dollars", ["close_fees_dollars", "close_fees_cents"], "fees of closing, rounded to cents, $"),
  realized: maybe(
    "dollars",
    ["realized_pnl_without_fees_dollars", "realized_pnl_without_fees_cents"],
    "profit without fees, rounded to cents, $",
  ),
  net: maybe(
    "dollars",
    ["realized_pnl_with_fees_dollars", "realized_pnl_with_fees_cents"],
    "profit with fees, rounded to cents, $",
  ),
  product: maybe("text", "product", "as the file has it; in later files only"),
  period_start: maybe("text", "period_start", "likewise"),
  market_title: maybe("text", "market_title", "likewise"),
  subtrader_id: maybe("text", "subtrader_id", "likewise"),
  line: always("integer", [], "line of the file"),
};

/** How the exchange's Transactions CSV stands in a table. Rows that are alike are several lots. */
export const transactionsFrame = {
  noun: "transaction",
  source: "the exchange's Transactions CSV (`importAccountFile`)",
  fields: transactionFields,
  key: [],
  orderBy: ["closed_time", "line"],
} satisfies Frame;
