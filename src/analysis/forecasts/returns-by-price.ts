import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { priceReturnsFrame } from "../../frames/forecasts.js";
import { tableOfRecords } from "../../frames/frame.js";
import { CONTRACT, type Count } from "../../units/count.js";
import { complement, DOLLAR } from "../../units/price.js";
import { ExactSum } from "../../units/sum.js";
import { objectGiven } from "../given.js";
import { countsOf } from "../given-amounts.js";
import { tableGiven } from "../given-rows.js";
import { withOriginsOf } from "../joins/origins.js";
import { type Bin, type BinOptions, binsOf } from "./bins.js";
import { type BootstrapOptions, bootstrapBands } from "./bootstrap.js";
import { eventCount, eventSums } from "./event-sums.js";
import { type Sample, type SampleOptions, samplesOf } from "./samples.js";
import { readConfidence } from "./wilson.js";

export interface ReturnOptions extends SampleOptions, BinOptions {
  /** Who is looked at: buyers of YES at the price, or of NO at $1 − price. Default `yes`. */
  readonly side?: "yes" | "no" | undefined;
  /** Of the band. Default 0.95. */
  readonly confidence?: number | undefined;
  /** A band by resampling whole events; needs `event_ticker`. `true`: 1000 samples, seed 1. */
  readonly bootstrap?: boolean | BootstrapOptions | undefined;
}

/**
 * What buyers got for their money, by bins of the price they paid: longshots that cost more than they return, and favourites that return more
 * than they cost, show here. One row per time before close (of forecasts) and bin, ascending.
 *
 * Of forecasts one contract is bought at each; of trades (`withOutcomes(trades, markets)`) as many as `count` says, at `yes_price`.
 * Columns: `before`, `hours_before`; `bin`, `price_from`, `price_to` ($, of the side bought); `forecasts` (rows), `volume` (contracts), `events`;
 * `mean_price`, `outcome_rate`, `mean_profit` ($ a contract, before fees); `return_on_cost`; `low`, `high`, its band by resampling events, null
 * without. A market settled between 0 and 1 pays its value, as it does; `{ scalar: "leave out" }` leaves it out. What has no price or is
 * not settled is left out.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_PRICE`, `BAD_ARGUMENT`
 */
export function returnsByPrice(table: ColumnTable, options: ReturnOptions = {}): ColumnTable {
  objectGiven("options", options);
  tableGiven("forecasts or trades", table);
  const confidence = readConfidence(options.confidence ?? 0.95);
  const names = table.columnNames();
  const price = options.price ?? (names.includes("price") ? "price" : "yes_price");
  const counts = names.includes("count") ? countsOf(table, "count") : null;
  const records = samplesOf(table, { ...options, price }, "value").flatMap((given) => {
    const sample = ofSide(given, options.side ?? "yes");
    const weights = sample.rows.map((row) => (counts === null ? CONTRACT : (counts[row] ?? 0)));
    const bins = binsOf(sample.prices, options);
    const bands = bandsOf(sample, weights, bins, confidence, options.bootstrap ?? false);
    return bins.map((bin, at) => ({
      ...{ before: sample.before, hours_before: sample.hours_before },
      ...returnOf(sample, weights, bin),
      ...(bands?.[at] ?? { low: null, high: null }),
    }));
  });
  return withOriginsOf(tableOfRecords(priceReturnsFrame, records), [table]);
}

function returnOf(sample: Sample, weights: readonly Count[], { bin, from, to, members }: Bin) {
  const [cost, payout, volume] = [new ExactSum(), new ExactSum(), new ExactSum()];
  for (const at of members) {
    cost.addProduct(sample.prices[at]!, weights[at]!);
    payout.addProduct(sample.outcomes[at]!, weights[at]!);
    volume.add(weights[at]!);
  }
  const contracts = Number(volume.value());
  const perContract = (sum: bigint) => (contracts === 0 ? 0 : Number(sum) / contracts / DOLLAR);
  const profit = payout.value() - cost.value();
  return {
    bin,
    price_from: from,
    price_to: to,
    forecasts: members.length,
    volume: contracts,
    events: eventCount(sample, members),
    mean_price: perContract(cost.value()),
    outcome_rate: perContract(payout.value()),
    mean_profit: perContract(profit),
    return_on_cost: cost.value() === 0n ? null : Number(profit) / Number(cost.value()),
  };
}

function bandsOf(
  sample: Sample,
  weights: readonly Count[],
  bins: readonly Bin[],
  confidence: number,
  bootstrap: boolean | BootstrapOptions,
) {
  if (bootstrap === false) return null;
  const { prices, outcomes } = sample;
  const sums = eventSums(
    sample,
    bins,
    (at) => (outcomes[at]! - prices[at]!) * weights[at]!,
    (at) => prices[at]! * weights[at]!,
  );
  return bootstrapBands(sums, bins.length, confidence, bootstrap === true ? {} : bootstrap);
}

function ofSide(sample: Sample, side: "yes" | "no"): Sample {
  if (side === "yes") return sample;
  if (side === "no") {
    return { ...sample, prices: sample.prices.map(complement), outcomes: sample.outcomes.map(complement) };
  }
  throw new KalshiError("BAD_ARGUMENT", `no side: ${JSON.stringify(side)}`, {
    hint: 'give { side: "yes" } or { side: "no" }',
    context: { side },
  });
}
