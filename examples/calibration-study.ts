// How good were the prices? Calibration and scores at fixed times before close: npx tsx examples/calibration-study.ts [SERIES] [FILE.parquet]
import { calibration, connect, forecastScores, forecastsAt, provenance, saveTable, tableText } from "kalshi-lab";

const series = process.argv[2] ?? "SANDBOX";
const file = process.argv[3] ?? "out/forecasts.parquet";
await using lab = await connect();
const markets = (await lab.markets({ series })).filter((d: { result: string }) => d.result !== "");
const trades = await lab.trades({ series });

// The last trade of every market at or before each moment, beside what the market became.
const forecasts = forecastsAt(trades, markets, { before: ["1h", "3h", "6h"] });
await saveTable(forecasts, file);
console.log(`${file}: ${forecasts.numRows()} forecasts, complete: ${provenance(forecasts)?.complete}`);

// A market without a trade by then is no forecast: it is counted, and left out.
const scores = forecastScores(forecasts);
console.log(tableText(scores.select("before", "forecasts", "without_price", "brier", "skill", "log_loss"), 10));

// The markets of an event move together, so the bands are of events drawn again and again.
const bins = calibration(forecasts, { bins: 5, bootstrap: { samples: 500, seed: 1 } });
console.log(tableText(bins.select("before", "bin", "forecasts", "mean_price", "outcome_rate", "low", "high"), 20));
