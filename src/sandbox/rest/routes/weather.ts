import { DAY, fromMillis, SECOND, type Timestamp } from "../../../units/time.js";
import type { Reply, Route, SandboxRequest } from "../../types.js";
import { invalidParameter, ok, Refused } from "../../wire/replies.js";
import { WEATHER_CITY } from "../../world/almanac/weather.js";
import { calibrations, calibrationWire, indexPoints, versionAt } from "../../world/almanac/weather-index.js";
import { QueryReader } from "../query.js";
import { type PublicSide, publicGet } from "./routes.js";

/** A longer window is refused: a month of minutes is some megabytes. What the exchange's own bound is, is not known. */
const LONGEST = 31 * DAY;

/** The temperature index of the one city that has one, and how it was put together over time. */
export function weatherRoutes(side: PublicSide): Route[] {
  return [
    publicGet("/live_data/weather/:city", (request) => index(side, request)),
    publicGet("/live_data/weather/:city/calibrations", ({ params }) => {
      const city = demandCity(side, params.city);
      const found = calibrations(side.world.seed, side.world.clock.now()).map(calibrationWire);
      // Offsets and the reference are in degrees Celsius, though the index is not.
      return ok({ calibrations: found, city, units: "celsius" });
    }),
  ];
}

function index(side: PublicSide, { params, query }: SandboxRequest): Reply {
  const reader = new QueryReader(query, "GetWeatherIndex");
  const city = demandCity(side, params.city);
  const now = side.world.clock.now();
  const detailed = reader.flag("detailed") === true;
  const { seed } = side.world;
  const points = indexPoints(side.weather, seed, { ...windowOf(reader, now), now, detailed });
  return ok({ city, config_version: versionAt(seed, points, now), timeseries: points, units: "fahrenheit" });
}

function demandCity({ weather }: PublicSide, city: string | undefined): string {
  if (city === WEATHER_CITY && weather.exists) return city;
  throw new Refused(invalidParameter("unknown city"));
}

/** Both ends belong to the window. `from` goes with `to`, and `last_sec` with neither. */
function windowOf(reader: QueryReader, now: Timestamp): { readonly from: Timestamp; readonly to: Timestamp } {
  const [from, to, last] = [reader.integer("from"), reader.integer("to"), reader.integer("last_sec")];
  if (last !== undefined && (from !== undefined || to !== undefined)) {
    throw new Refused(invalidParameter("last_sec excludes from and to"));
  }
  if (from !== undefined && to === undefined) throw new Refused(invalidParameter("from should come with to"));
  if (last !== undefined && last < 0) throw new Refused(invalidParameter("last_sec should not be negative"));
  const end = to === undefined ? now : fromMillis(to);
  const start = last !== undefined ? now - last * SECOND : from === undefined ? end - DAY : fromMillis(from);
  if (start > end) throw new Refused(invalidParameter("from should not be after to"));
  if (end - start > LONGEST) throw new Refused(invalidParameter("the window should be at most 31 days long"));
  return { from: start, to: end };
}
