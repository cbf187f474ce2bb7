import { always, type RecordOf } from "./field.js";

/** Own positions of one event, summed over its markets. @see API: GET /portfolio/positions, GET /historical/positions */
export const eventPositionFields = {
  event_ticker: always("text", "event_ticker", "event"),
  total_cost: always("dollars", "total_cost_dollars", "all money spent here, $"),
  total_cost_shares: always("contracts", "total_cost_shares_fp", "contracts traded, both sides"),
  event_exposure: always("dollars", "event_exposure_dollars", "cost of what is held, without fees, $"),
  realized_pnl: always("dollars", "realized_pnl_dollars", "locked in, without fees, by the exchange's own method, $"),
  fees_paid: always("dollars", "fees_paid_dollars", "all fees, $"),
};

export type EventPosition = RecordOf<typeof eventPositionFields>;
