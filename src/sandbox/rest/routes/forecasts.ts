import type { Reply, Route, SandboxRequest } from "../../types.js";
import { invalidParameter, notFound, ok, Refused } from "../../wire/replies.js";
import { forecastEnds, forecastIntervals, forecastPoint, isNumeric } from "../../world/almanac/forecast.js";
import { QueryReader } from "../query.js";
import { DEFAULT_COST, type PublicSide } from "./routes.js";

const MOST_PERCENTILES = 10;
const HIGHEST_PERCENTILE = 9_999;
/** Points in one answer; more are refused. What the exchange's own bound is, is not known. */
const MOST_POINTS = 5_000;

/** What the outcome of an event was thought to be over time. Needs a signature, though it is about nobody's account. */
export function forecastRoutes(side: PublicSide): Route[] {
  return [
    {
      method: "GET",
      path: "/series/:series_ticker/events/:ticker/forecast_percentile_history",
      access: "signed",
      bucket: "read",
      cost: DEFAULT_COST,
      handle: (request) => history(side, request),
    },
  ];
}

function history({ almanac, world }: PublicSide, { params, query }: SandboxRequest): Reply {
  const reader = new QueryReader(query, "GetEventForecastPercentilesHistory");
  const percentiles = percentilesOf(reader);
  const asked = reader.requiredInteger("period_interval");
  reader.requiredInteger("start_ts");
  reader.requiredInteger("end_ts");
  const [from, to] = [reader.seconds("start_ts") as number, reader.seconds("end_ts") as number];
  const interval = forecastIntervals.find((minutes) => minutes === asked);
  if (interval === undefined) {
    throw new Refused(invalidParameter(`period_interval should be one of ${forecastIntervals.join(", ")}`));
  }
  if (from > to) throw new Refused(invalidParameter("start_ts should not be after end_ts"));
  const event = world.events.get(params.ticker ?? "");
  if (event === undefined || event.seriesTicker !== params.series_ticker) return notFound();
  const planned = almanac.planned(event.ticker);
  // Who wins is no number, and real records come without forecasts.
  if (planned === null || !isNumeric(planned)) return ok({ forecast_history: [] });
  const ends = forecastEnds(planned, { from, to, interval, now: world.clock.now(), most: MOST_POINTS });
  if (ends.length > MOST_POINTS) {
    throw new Refused(invalidParameter(`more than ${MOST_POINTS} points; ask for a shorter span or longer periods`));
  }
  return ok({ forecast_history: ends.map((end) => forecastPoint(planned, end, interval, percentiles)) });
}

function percentilesOf(reader: QueryReader): readonly number[] {
  reader.required("percentiles");
  return reader.repeated("percentiles", MOST_PERCENTILES).map((text) => {
    const percentile = Number(text);
    if (!/^\d{1,4}$/.test(text) || percentile > HIGHEST_PERCENTILE) {
      throw new Refused(invalidParameter(`percentiles should lie between 0 and ${HIGHEST_PERCENTILE}`));
    }
    return percentile;
  });
}
