import { forecast } from "../forecast.js";
import { operation } from "../operation.js";
import { needs } from "../parameter.js";
import { list, object } from "../shape.js";

/**
 * What the market expected of an event over time, at up to ten percentiles of 0 to 9999. Periods are 1, 60 or 1440 minutes, or 0 for five
 * seconds.
 *
 * @see GET /series/{series_ticker}/events/{ticker}/forecast_percentile_history
 */
export const getEventForecastPercentilesHistory = operation({
  id: "GetEventForecastPercentilesHistory",
  method: "GET",
  path: "/series/{series_ticker}/events/{ticker}/forecast_percentile_history",
  access: "signed",
  inPath: { series_ticker: needs("text"), ticker: needs("text") },
  query: {
    percentiles: needs("repeated", [1, 10]),
    start_ts: needs("seconds"),
    end_ts: needs("seconds"),
    period_interval: needs("integer"),
  },
  answer: object({ forecast_history: list(forecast) }),
});
