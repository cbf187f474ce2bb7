import type { ListEndpoint } from "../client/pages.js";
import { always, maybe, type RecordOf, recordParser } from "./field.js";

/** Columns of an own position in one market, in table order. @see API: GET /portfolio/positions, GET /historical/positions */
export const positionFields = {
  ticker: always("text", "ticker", "market"),
  position: always("contracts", "position_fp", "contracts held: YES positive, NO negative"),
  market_exposure: always("dollars", "market_exposure_dollars", "cost of what is held, without fees, $"),
  realized_pnl: always("dollars", "realized_pnl_dollars", "locked in, without fees, by the exchange's own method, $"),
  fees_paid: always("dollars", "fees_paid_dollars", "all fees, $"),
  total_traded: always("dollars", "total_traded_dollars", "all money spent here, $"),
  last_updated_time: maybe("time", "last_updated_ts", "last change"),
  exchange_index: maybe("integer", "exchange_index", "shard"),
  subaccount_number: maybe(
    "integer",
    "subaccount_number",
    "0 is the primary account; null where the exchange does not tell",
  ),
};

export type Position = RecordOf<typeof positionFields>;

/** Reads a market position. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` */
export const parsePosition = recordParser("position", positionFields);

/** Own positions of one subaccount, the primary one by default, unsettled or settled after the cutoff. @see GET /portfolio/positions */
export const livePositions: ListEndpoint = {
  path: "/portfolio/positions",
  access: "signed",
  list: "market_positions",
  maxLimit: 1000,
  key: "ticker",
};

/** Own positions settled before the cutoff. @see GET /historical/positions */
export const historicalPositions: ListEndpoint = { ...livePositions, path: "/historical/positions" };
