import { always, maybe, type RecordOf } from "./field.js";

/** Columns of a change of a series' fees, past or to come. @see API: GET /series/fee_changes */
export const seriesFeeChangeFields = {
  scheduled_time: always("time", "scheduled_ts", "from when it holds"),
  series_ticker: always("text", "series_ticker", "series"),
  fee_type: always("text", "fee_type", "which fee model holds then"),
  fee_multiplier: always("number", "fee_multiplier", "factor of the fee model; 0 is free"),
  id: always("text", "id", "key of the change"),
};

/** A change of a series' fees. */
export type SeriesFeeChange = RecordOf<typeof seriesFeeChangeFields>;

/** Columns of a change of one event's own fees. Both overrides null: the series' fees hold again. @see API: GET /events/fee_changes */
export const eventFeeChangeFields = {
  scheduled_time: always("time", "scheduled_ts", "from when it holds"),
  event_ticker: always("text", "event_ticker", "event"),
  series_ticker: always("text", "series_ticker", "its series"),
  fee_type_override: maybe("text", "fee_type_override", "fee model of the event; null ends the override"),
  fee_multiplier_override: maybe("number", "fee_multiplier_override", "its factor; null ends the override"),
  id: always("text", "id", "key of the change"),
};

/** A change of one event's own fees. */
export type EventFeeChange = RecordOf<typeof eventFeeChangeFields>;
