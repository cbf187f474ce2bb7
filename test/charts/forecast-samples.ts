import { type ColumnTable, table } from "arquero";
import { random } from "./samples.js";

/** Bins of calibration as the analysis gives them: ten for each time before close. */
export function calibrationBins(befores: readonly string[] = ["24h"]): ColumnTable {
  const next = random(23);
  const rows = befores.flatMap((before) =>
    Array.from({ length: 10 }, (_, bin) => {
      const [mean_price, outcome_rate] = [(bin + next()) / 10, (bin + next()) / 10];
      return {
        before,
        bin: bin + 1,
        price_from: bin / 10,
        price_to: (bin + 1) / 10,
        forecasts: 10 + Math.round(next() * 90),
        mean_price,
        outcome_rate,
        low: Math.max(0, outcome_rate - 0.1),
        high: Math.min(1, outcome_rate + 0.1),
        band: "wilson",
        confidence: 0.95,
      };
    }),
  );
  const names = Object.keys(rows[0]!) as (keyof (typeof rows)[number])[];
  return table(Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])])));
}

/** Ranges of an event's strikes with the probability of each, open at both ends, as the analysis gives them. */
export function ranges(): ColumnTable {
  return table({
    value_from: [null, 37, 39, 41, 43, 45],
    value_to: [37, 39, 41, 43, 45, null],
    assumed_from: [35, 37, 39, 41, 43, 45],
    assumed_to: [37, 39, 41, 43, 45, 47],
    probability: [0.02, 0.11, 0.36, 0.34, 0.125, 0.045],
  });
}

const QUANTILES: Readonly<Record<number, number>> = { 0.05: 37.5, 0.25: 39.4, 0.5: 41.1, 0.75: 42.6, 0.95: 45.1 };

export function implied() {
  return {
    table: ranges(),
    event_ticker: "KXGEN-26OCT01",
    mean: 41.0375,
    quantile: (share: number) => QUANTILES[share]!,
  };
}
