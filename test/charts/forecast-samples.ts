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
      };
    }),
  );
  const names = Object.keys(rows[0]!) as (keyof (typeof rows)[number])[];
  return table(Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])])));
}

/** Ranges of an event's strikes with the probability of each, open at both ends. */
export function ranges(): ColumnTable {
  return table({
    from: [null, 37, 39, 41, 43, 45],
    to: [37, 39, 41, 43, 45, null],
    probability: [0.02, 0.11, 0.36, 0.34, 0.125, 0.045],
  });
}
