import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { forecastScoresFrame } from "../../frames/forecasts.js";
import { tableOfRecords } from "../../frames/frame.js";
import { DOLLAR } from "../../units/price.js";
import { ExactSum } from "../../units/sum.js";
import { objectGiven } from "../given.js";
import { withOriginsOf } from "../joins/origins.js";
import { type BinOptions, binsByValue, binsOf } from "./bins.js";
import { murphy } from "./murphy.js";
import { type Sample, type SampleOptions, samplesOf } from "./samples.js";

/** Without `bins` forecasts are grouped by their value for the decomposition, which is then exact without the terms within bins. */
export interface ScoreOptions extends SampleOptions, BinOptions {
  /** How near to 0 or 1 a forecast counts as for the log loss. Default 0.0001, the finest step of a price. */
  readonly clip?: number | undefined;
}

/**
 * Scores of forecasts, one row per time before close, ascending: how accurate prices were, and how they became so.
 *
 * Columns: `before`, `hours_before`; `forecasts` scored, and those not: `without_price`, `unsettled`, `scalar`; `mean_price`, `outcome_rate`;
 * `brier` = `reliability` − `resolution` + `uncertainty` + `within_bin_variance` − `within_bin_covariance`; `skill` = 1 − brier /
 * uncertainty; `log_loss` (nats; prices clipped, `clipped` of them); `accuracy`. Null where nothing was scored. The table may be of
 * `forecastsAt`, or any with columns `price` and `outcome`; with `before` it is scored by that, with `result` it tells scalar markets by it.
 *
 * A market settled between 0 and 1 (voided, postponed) is left out and counted in `scalar`; with `{ scalar: "value" }` it is scored by what it
 * paid, log loss then being the cross entropy.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_PRICE`, `BAD_ARGUMENT`
 */
export function forecastScores(forecasts: ColumnTable, options: ScoreOptions = {}): ColumnTable {
  objectGiven("options", options);
  const clip = readClip(options.clip ?? 0.0001);
  const records = samplesOf(forecasts, options, "leave out").map((sample) => ({
    before: sample.before,
    hours_before: sample.hours_before,
    forecasts: sample.rows.length,
    without_price: sample.withoutPrice,
    unsettled: sample.unsettled,
    scalar: sample.scalar,
    ...(sample.rows.length === 0 ? { clipped: 0 } : scored(sample, options, clip)),
  }));
  return withOriginsOf(tableOfRecords(forecastScoresFrame, records), [forecasts]);
}

function scored({ prices, outcomes }: Sample, options: ScoreOptions, clip: number) {
  const isBinned = options.bins !== undefined || options.method !== undefined;
  const groups = isBinned ? binsOf(prices, options).map(({ members }) => members) : binsByValue(prices);
  const { brier, reliability, resolution, uncertainty, withinVariance, withinCovariance } = murphy(
    prices,
    outcomes,
    groups,
  );
  return {
    mean_price: mean(prices),
    outcome_rate: mean(outcomes),
    brier,
    reliability,
    resolution,
    uncertainty,
    within_bin_variance: withinVariance,
    within_bin_covariance: withinCovariance,
    skill: uncertainty === 0 ? null : 1 - brier / uncertainty,
    log_loss: logLoss(prices, outcomes, clip),
    clipped: prices.filter((price) => price / DOLLAR < clip || price / DOLLAR > 1 - clip).length,
    accuracy: accuracy(prices, outcomes),
  };
}

/** The mean of micro-dollars in dollars. */
export function mean(values: readonly number[]): number {
  const sum = new ExactSum();
  for (const value of values) sum.add(value);
  return Number(sum.read()) / values.length / DOLLAR;
}

function logLoss(prices: readonly number[], outcomes: readonly number[], clip: number): number {
  let sum = 0;
  for (const [at, price] of prices.entries()) {
    const p = Math.min(1 - clip, Math.max(clip, price / DOLLAR));
    const o = outcomes[at]! / DOLLAR;
    // 0 × ln of a clipped price is 0: no case of its own.
    sum -= o * Math.log(p) + (1 - o) * Math.log1p(-p);
  }
  return sum / prices.length;
}

function accuracy(prices: readonly number[], outcomes: readonly number[]): number {
  let right = 0;
  for (const [at, price] of prices.entries()) {
    const agreement = Math.sign(2 * price - DOLLAR) * Math.sign(2 * outcomes[at]! - DOLLAR);
    right += (1 + agreement) / 2;
  }
  return right / prices.length;
}

function readClip(clip: number): number {
  if (clip > 0 && clip < 0.5) return clip;
  throw new KalshiError("BAD_ARGUMENT", `no clip of prices: ${clip}`, {
    hint: "give how near to 0 or 1 a price counts as, such as 0.0001: above 0, for a sure price that is wrong costs without end",
    context: { clip },
  });
}
