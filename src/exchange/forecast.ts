import { always } from "./field.js";
import { list, object } from "./shape.js";

/**
 * What the market expected at one time, at several percentiles.
 *
 * @see API: GET /series/{series_ticker}/events/{ticker}/forecast_percentile_history
 */
export const forecast = object({
  event_ticker: always("text", "event_ticker", "event"),
  end_time: always("time", "end_period_ts", "end of the period, included", "seconds"),
  period_interval: always("integer", "period_interval", "minutes; 0 is five seconds"),
  percentile_points: list(
    object({
      percentile: always("integer", "percentile", "0 to 9999: hundredths of a percent"),
      raw_numerical_forecast: always("number", "raw_numerical_forecast", "value as it was computed"),
      numerical_forecast: always("number", "numerical_forecast", "value as it is used"),
      formatted_forecast: always("text", "formatted_forecast", "value as it is shown"),
    }),
  ),
});

export type Forecast = ReturnType<typeof forecast.parse>;
