import type { ColumnTable } from "arquero";
import { calibrationFrame } from "../../frames/forecasts.js";
import { tableOfRecords } from "../../frames/frame.js";
import { DOLLAR } from "../../units/price.js";
import { objectGiven } from "../given.js";
import { withOriginsOf } from "../joins/origins.js";
import { type Bin, type BinOptions, binsOf } from "./bins.js";
import { type BootstrapOptions, bootstrapBands } from "./bootstrap.js";
import { eventCount, eventSums } from "./event-sums.js";
import { mean } from "./forecast-scores.js";
import { type Sample, type SampleOptions, samplesOf } from "./samples.js";
import { readConfidence, wilson } from "./wilson.js";

export interface CalibrationOptions extends SampleOptions, BinOptions {
  /** Of the band. Default 0.95. */
  readonly confidence?: number | undefined;
  /** Bands by resampling whole events instead of Wilson's; needs `event_ticker`. `true`: 1000 samples, seed 1. */
  readonly bootstrap?: boolean | BootstrapOptions | undefined;
}

/**
 * Calibration: how often what was priced at p happened, by bins of price, with a confidence band. One row per time before close and bin that
 * has forecasts, ascending.
 *
 * Columns: `before`, `hours_before`; `bin` (from 1), `price_from`, `price_to` ($); `forecasts`, `events`; `mean_price`, `outcome_rate` (0 to 1);
 * `low`, `high`; `band` ("wilson" | "bootstrap by event"), `confidence` of it (0 to 1). Prices are calibrated where the band holds `mean_price`.
 *
 * Wilson's score interval takes forecasts for independent. The markets of one event are not: with `{ bootstrap: { samples, seed } }` whole
 * events are drawn with replacement and the band is of percentiles; where all forecasts of a bin went one way it has no width, and says
 * little. Markets settled between 0 and 1 are left out unless `{ scalar: "value" }`; how many, and how many had no price, tells
 * `forecastScores`.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_PRICE`, `BAD_ARGUMENT`
 */
export function calibration(forecasts: ColumnTable, options: CalibrationOptions = {}): ColumnTable {
  objectGiven("options", options);
  const confidence = readConfidence(options.confidence ?? 0.95);
  const records = samplesOf(forecasts, options, "leave out").flatMap((sample) => {
    const bins = binsOf(sample.prices, options);
    const bands = bandsOf(sample, bins, confidence, options.bootstrap ?? false);
    return bins.map(({ bin, from, to, members }, at) => ({
      before: sample.before,
      hours_before: sample.hours_before,
      bin,
      price_from: from,
      price_to: to,
      forecasts: members.length,
      events: eventCount(sample, members),
      mean_price: mean(members.map((one) => sample.prices[one]!)),
      outcome_rate: rateOf(sample, members),
      low: bands[at]?.low ?? null,
      high: bands[at]?.high ?? null,
      band: (options.bootstrap ?? false) === false ? "wilson" : "bootstrap by event",
      confidence,
    }));
  });
  return withOriginsOf(tableOfRecords(calibrationFrame, records), [forecasts]);
}

function bandsOf(sample: Sample, bins: readonly Bin[], confidence: number, bootstrap: boolean | BootstrapOptions) {
  if (bootstrap === false) {
    return bins.map(({ members }) => wilson(rateOf(sample, members), members.length, confidence));
  }
  const sums = eventSums(
    sample,
    bins,
    (at) => sample.outcomes[at]! / DOLLAR,
    () => 1,
  );
  return bootstrapBands(sums, bins.length, confidence, bootstrap === true ? {} : bootstrap);
}

function rateOf({ outcomes }: Sample, members: readonly number[]): number {
  return mean(members.map((one) => outcomes[one]!));
}
