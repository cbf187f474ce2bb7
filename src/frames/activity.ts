import { always, maybe } from "../exchange/field.js";
import type { Frame } from "./frame.js";

/** Columns of the exchange's file of what happened on an account. Each stands there under the name given, in any order and case. */
export const activityFields = {
  created_time: maybe("time", "Original_Date", "when it happened"),
  type: always("text", "type", "`Trade`, `Order`, `Settlement`, `Deposit`, `Credit`, … as the file has it"),
  status: maybe("text", "Status", "as the file has it"),
  ticker: maybe("text", "Market_Ticker", "market"),
  outcome_side: maybe("text", "Direction", "`yes` or `no`: what a trade made longer"),
  yes_price: maybe("dollars", "Price_In_Cents", "price of the YES side, whichever was traded, $ per contract"),
  count: maybe("contracts", "Amount_In_Dollars", "contracts of a trade or an order; see `count_exact`"),
  count_exact: maybe("boolean", [], "false where the file may have cut counts of the row to whole contracts"),
  amount: maybe("dollars", "Amount_In_Dollars", "of every other row, $"),
  fee_cost: maybe("dollars", "Fee_In_Dollars", "fee, $"),
  market_result: maybe("text", "Result", "`yes`, `no` or another result of a settlement"),
  yes_count: maybe("contracts", "Yes_Contracts_Owned", "YES contracts held at settlement"),
  yes_average: maybe(
    "dollars",
    "Yes_Contracts_Average_Price_In_Cents",
    "what one of them cost, $; the file has dollars there, later ones cents",
  ),
  no_count: maybe("contracts", "No_Contracts_Owned", "NO contracts held at settlement"),
  no_average: maybe("dollars", "No_Contracts_Average_Price_In_Cents", "what one of them cost, likewise, $"),
  revenue: maybe("dollars", "Profit_In_Dollars", "payout of a settlement, $: the file calls it profit"),
  profit: maybe("dollars", "Profit_In_Dollars", "of every other row as the file has it, $"),
  traded_time: maybe("time", "Traded_Time", "when it was traded, where the file says"),
  updated_time: maybe("time", "Last_Updated", "when it was last changed"),
  fill_count: maybe("contracts", "Filled", "contracts of an order that were filled"),
  remaining_count: maybe("contracts", "Remaining", "contracts of an order that rested"),
  order_type: maybe("text", "Order_Type", "as the file has it"),
  market_title: maybe("text", "Market_Title", "as the file has it"),
  market_id: maybe("text", "Market_Id", "as the file has it"),
  deposit_type: maybe("text", "Deposit_Type", "way of a deposit or a withdrawal"),
  credit_reason: maybe("text", "Credit_Reason", "what a credit was given for"),
  credit_type: maybe("text", "Credit_Type", "kind of a credit"),
  introducing_broker: maybe("text", "Introducing_Broker", "as the file has it"),
  line: always("integer", [], "line of the file"),
};

/** How the exchange's Activity CSV stands in a table: ascending, where the file is newest first; in the file's order within a moment. */
export const activityFrame = {
  noun: "activity",
  source: "the exchange's Activity CSV (`importAccountFile`)",
  fields: activityFields,
  key: [],
  orderBy: ["created_time", "line"],
} satisfies Frame;
