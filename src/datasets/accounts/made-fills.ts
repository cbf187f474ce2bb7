import { basename } from "node:path";
import type { ColumnTable } from "arquero";
import { always } from "../../exchange/field.js";
import { fillFields } from "../../exchange/fill.js";
import { type Frame, tableOfRecords } from "../../frames/frame.js";
import type { Count } from "../../units/count.js";
import { DOLLAR, type Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";

/** A fill as an account file lets one know it. */
export interface MadeFill {
  readonly created_time: Timestamp;
  readonly ticker: string;
  readonly outcome_side: "yes" | "no";
  readonly yes_price: Price;
  readonly count: Count;
  readonly count_exact: boolean;
  readonly fee_cost: Price;
  readonly line: number;
  /** First or second of its line. */
  readonly part: 1 | 2;
}

const { created_time, ticker, outcome_side, yes_price, no_price, count, fee_cost, fill_id } = fillFields;

/** The file has no ids: made of file, line and part they order fills of one moment as the file does, and keep those that are alike apart. */
const frame: Frame = {
  noun: "fill",
  source: "an account file",
  fields: {
    created_time,
    ticker,
    outcome_side,
    yes_price,
    no_price,
    count,
    count_exact: always("boolean", [], "false where the file may have cut `count` to whole contracts"),
    fee_cost,
    fill_id,
    line: always("integer", [], "line of the file"),
  },
  key: [],
  orderBy: ["created_time", "fill_id"],
};

/** Fills as `pnl` takes them. */
export function fillsTable(path: string, fills: readonly MadeFill[]): ColumnTable {
  const records = fills.map((fill) => ({
    ...fill,
    no_price: DOLLAR - fill.yes_price,
    fill_id: `${basename(path)}:${String(fill.line).padStart(9, "0")}:${fill.part}`,
  }));
  return tableOfRecords(frame, records);
}
