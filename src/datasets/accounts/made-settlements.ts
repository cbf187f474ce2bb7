import type { ColumnTable } from "arquero";
import { always, maybe } from "../../exchange/field.js";
import { settlementFields } from "../../exchange/settlement.js";
import { type Frame, tableOfRecords } from "../../frames/frame.js";
import type { Count } from "../../units/count.js";
import type { Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";

/** A settlement as an account file lets one know it. */
export interface MadeSettlement {
  readonly settled_time: Timestamp;
  readonly ticker: string;
  readonly market_result: string;
  readonly yes_count: Count;
  readonly no_count: Count;
  readonly value: Price | null;
  readonly revenue: Price | null;
  readonly count_exact: boolean | null;
  readonly line: number;
}

const { settled_time, ticker, market_result, yes_count, no_count, value } = settlementFields;

const frame: Frame = {
  noun: "settlement",
  source: "an account file",
  fields: {
    settled_time,
    ticker,
    market_result,
    yes_count,
    no_count,
    value,
    revenue: maybe("dollars", "revenue", "payout, $"),
    count_exact: maybe("boolean", [], "false where the file may have cut counts to whole contracts"),
    line: always("integer", [], "line of the file"),
  },
  key: [],
  orderBy: ["settled_time", "line"],
};

/** Settlements as `pnl` takes them. */
export function settlementsTable(settlements: readonly MadeSettlement[]): ColumnTable {
  return tableOfRecords(
    frame,
    settlements.map((one) => ({ ...one })),
  );
}
