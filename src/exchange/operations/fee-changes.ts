import { eventFeeChangeFields, seriesFeeChangeFields } from "../fee-change.js";
import { operation } from "../operation.js";
import { takes } from "../parameter.js";
import { at, list, object, record } from "../shape.js";
import { cursor } from "./answers.js";

/** Changes of series' fees to come, or all that ever were. @see GET /series/fee_changes */
export const getSeriesFeeChanges = operation({
  id: "GetSeriesFeeChanges",
  method: "GET",
  path: "/series/fee_changes",
  access: "public",
  query: { series_ticker: takes("text"), show_historical: takes("boolean") },
  answer: object({
    series_fee_changes: at("series_fee_change_arr", list(record("series fee change", seriesFeeChangeFields))),
  }),
});

const eventFeeChanges = { list: "event_fee_changes", maxLimit: 1000, key: "id" };

/** Changes of events' own fees. @see GET /events/fee_changes */
export const getEventFeeChanges = operation({
  id: "GetEventFeeChanges",
  method: "GET",
  path: "/events/fee_changes",
  access: "public",
  query: { event_ticker: takes("text"), limit: takes("integer", [1, eventFeeChanges.maxLimit]), cursor: takes("text") },
  answer: object({ event_fee_changes: list(record("event fee change", eventFeeChangeFields)), cursor }),
  list: eventFeeChanges,
});
