import { operation } from "../operation.js";
import { needs, takes } from "../parameter.js";
import { weatherCalibrations, weatherIndex } from "../weather-index.js";

const inPath = { city: needs("text") };

/**
 * The exchange's index of a city's temperature, minute by minute: `from` and `to` included, or the `last_sec` seconds. Minutes without
 * enough stations are missing.
 *
 * @see GET /live_data/weather/{city}
 */
export const getWeatherIndex = operation({
  id: "GetWeatherIndex",
  method: "GET",
  path: "/live_data/weather/{city}",
  access: "public",
  inPath,
  query: { from: takes("millis"), to: takes("millis"), last_sec: takes("integer"), detailed: takes("boolean") },
  answer: weatherIndex,
});

/** How that index was put together, and from when. @see GET /live_data/weather/{city}/calibrations */
export const getWeatherIndexCalibrations = operation({
  id: "GetWeatherIndexCalibrations",
  method: "GET",
  path: "/live_data/weather/{city}/calibrations",
  access: "public",
  inPath,
  answer: weatherCalibrations,
});
