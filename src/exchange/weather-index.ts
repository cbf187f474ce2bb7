import { always, maybe } from "./field.js";
import { list, object, optional } from "./shape.js";

/** What one station reported for a minute. */
const stationReading = object({
  station_id: always("text", "station_id", "station"),
  code: always("text", "code", "what became of its reading"),
  source: maybe("text", "source", "where the reading came from"),
  temperature: maybe("number", "temp_f", "°F"),
  observed_time: maybe("time", "obs_time_ms", "when it was measured", "millis"),
  received_time: maybe("time", "received_at_ms", "when it arrived", "millis"),
  primary_code: maybe("text", "primary_code", "what became of its first source"),
});

/** One minute of the index. */
const point = object({
  time: always("time", "t", "the minute", "millis"),
  value: maybe("number", "v", "°F; null while incomplete"),
  status: always("text", "status", "normal, degraded or incomplete"),
  contributors: maybe("integer", "contributors", "stations that it rests on"),
  receipt_basis: maybe("text", "receipt_basis", "of points that were filled in afterwards: on what ground"),
  stations: optional(list(stationReading)),
});

/** The exchange's own index of a city's temperature, minute by minute. @see API: GET /live_data/weather/{city} */
export const weatherIndex = object({
  city: always("text", "city", "city"),
  config_version: maybe("text", "config_version", "which calibration it was computed by"),
  units: always("text", "units", "fahrenheit"),
  timeseries: list(point),
});

export type WeatherIndex = ReturnType<typeof weatherIndex.parse>;

/** How much one station counts, and how far it is shifted. */
const calibratedStation = object({
  station_id: always("text", "station_id", "station"),
  weight: always("number", "weight", "its part of the index, 0 to 1"),
  offset: always("number", "offset_c", "°C"),
  update_note: maybe("text", "update_note", "why it changed"),
});

/** How a city's index was put together, and from when. @see API: GET /live_data/weather/{city}/calibrations */
export const weatherCalibrations = object({
  city: always("text", "city", "city"),
  units: always("text", "units", "fahrenheit"),
  calibrations: list(
    object({
      config_version: always("text", "config_version", "key of the calibration"),
      published_time: maybe("time", "published_at_ms", "when it was announced", "millis"),
      effective_time: always("time", "effective_at_ms", "from which minute it holds", "millis"),
      change_reason: maybe("text", "change_reason", "why"),
      window_start_time: maybe("time", "calibration_window_start_ms", "start of the data behind it", "millis"),
      window_end_time: maybe("time", "calibration_window_end_ms", "end of the data behind it, not included", "millis"),
      city_reference: always("number", "city_reference_c", "weights times offsets, summed, °C"),
      stations: list(calibratedStation),
    }),
  ),
});

export type WeatherCalibrations = ReturnType<typeof weatherCalibrations.parse>;
