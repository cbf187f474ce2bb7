import type { ListEndpoint } from "../client/pages.js";
import { always, maybe, type RecordOf, recordParser } from "./field.js";

/** Columns of an own settlement, in table order. @see API: GET /portfolio/settlements */
export const settlementFields = {
  settled_time: always("time", "settled_time", "when it was paid"),
  ticker: always("text", "ticker", "market"),
  event_ticker: maybe("text", "event_ticker", "event"),
  market_result: always("text", "market_result", "yes, no or scalar"),
  yes_count: always("contracts", "yes_count_fp", "YES contracts held"),
  yes_total_cost: always("dollars", "yes_total_cost_dollars", "what they cost, $"),
  no_count: always("contracts", "no_count_fp", "NO contracts held"),
  no_total_cost: always("dollars", "no_total_cost_dollars", "what they cost, $"),
  revenue: always("dollars", "revenue", "payout, $ (whole cents on the wire)", "cents"),
  value: maybe("dollars", "value", "payout of one YES contract, $ (whole cents on the wire)", "cents"),
  fee_cost: always(
    "dollars",
    "fee_cost",
    "as the exchange reports it; not to be added to the fees of fills unchecked, $",
  ),
  exchange_index: maybe("integer", "exchange_index", "shard"),
  subaccount_number: maybe(
    "integer",
    "subaccount_number",
    "0 is the primary account; null where the exchange does not tell",
  ),
};

export type Settlement = RecordOf<typeof settlementFields>;

/** Reads an own settlement. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` */
export const parseSettlement = recordParser("settlement", settlementFields);

/** Own settlements; never archived. @see GET /portfolio/settlements */
export const liveSettlements: ListEndpoint = {
  path: "/portfolio/settlements",
  access: "signed",
  list: "settlements",
  maxLimit: 1000,
  // A market is settled once for each subaccount, and no id tells them apart: all that is said of them does.
  key: Object.values(settlementFields).flatMap(({ wire }) => wire),
};
