import { always, maybe, type RecordOf, recordParser } from "./field.js";

/** Columns of the account's balance; one row. @see API: GET /portfolio/balance */
export const balanceFields = {
  updated_time: always("time", "updated_ts", "as of", "seconds"),
  balance: always("dollars", "balance_dollars", "free money, $"),
  portfolio_value: always("dollars", "portfolio_value", "value of the positions, $ (whole cents on the wire)", "cents"),
  balance_cents: maybe("dollars", "balance", "the balance cut to whole cents, $", "cents"),
  balance_breakdown: maybe("json", "balance_breakdown", "the balance by shard"),
};

export type Balance = RecordOf<typeof balanceFields>;

/** Reads the balance. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` */
export const parseBalance = recordParser("balance", balanceFields);
