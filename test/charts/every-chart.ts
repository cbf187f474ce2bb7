import { calibration } from "../../src/charts/calibration.js";
import { candlesticks } from "../../src/charts/candlesticks.js";
import type { Chart } from "../../src/charts/chart.js";
import { depth } from "../../src/charts/depth.js";
import { depthOverTime } from "../../src/charts/depth-over-time.js";
import { distribution } from "../../src/charts/distribution.js";
import { ladder } from "../../src/charts/ladder.js";
import { pnl } from "../../src/charts/pnl.js";
import { pnlByMarket } from "../../src/charts/pnl-by-market.js";
import { event, price } from "../../src/charts/price.js";
import { spread } from "../../src/charts/spread.js";
import { books } from "./books.js";
import { calibrationBins, implied } from "./forecast-samples.js";
import { candles, levels, profit, quotes, trades } from "./samples.js";

const MARKETS = ["KXGEN-26OCT01-T5", "KXGEN-26OCT01-T6", "KXGEN-26OCT01-B5.5"];

const MANY = Array.from({ length: 12 }, (_, at) => `KXGEN-26OCT01-T${at}`);

/** Every chart, short and reduced, whole and with gaps. */
export const every: readonly [name: string, chart: () => Chart][] = [
  ["price of one market", () => price(trades(60))],
  ["price of a long table", () => price(trades(9_000))],
  ["price of candles", () => price(candles(30, { without: [9, 10] }))],
  ["event", () => event(trades(90, MARKETS))],
  ["event of many markets", () => event(trades(240, MANY))],
  ["candlesticks", () => candlesticks(candles(30, { quiet: [4] }))],
  ["candlesticks, merged", () => candlesticks(candles(700))],
  ["spread", () => spread(quotes(60, [20, 21]))],
  ["spread of a long table", () => spread(quotes(9_000, [20, 21]))],
  ["spread of candles", () => spread(candles(30, { without: [9, 10] }))],
  ["spread of many candles", () => spread(candles(4_000, { without: [9, 10, 2_000] }))],
  ["depth", () => depth(levels())],
  ["price with quotes", () => price(trades(30, ["SANDBOX-26OCT01-A"]), { quotes: quotes(60, [20, 21]) })],
  [
    "price with many quotes",
    () => price(trades(9_000, ["SANDBOX-26OCT01-A"], 1_000_000), { quotes: quotes(9_000, [20, 21, 4_000]) }),
  ],
  ["price of many candles", () => price(candles(9_000, { without: [9, 10, 4_000], quiet: [30, 31, 8_000] }))],
  ["event of long tables", () => event(trades(40_000, MANY, 1_000_000))],
  ["price in New York", () => price(trades(60), { timezone: "America/New_York" })],
  ["price, dark", () => price(trades(60), { scheme: "dark" })],
  ["depth over time", () => depthOverTime(books(40, { unknown: [7, 8] }))],
  ["depth over a long time", () => depthOverTime(books(900))],
  ["ladder", () => ladder(books(3))],
  ["calibration", () => calibration(calibrationBins())],
  ["calibration at several times", () => calibration(calibrationBins(["24h", "1h"]))],
  ["distribution", () => distribution(implied())],
  ["depth near the middle", () => depth(levels(), { within: 0.1 })],
  ["profit", () => pnl(profit(40))],
  ["profit of many fills", () => pnl(profit(5_000))],
  ["profit by market", () => pnlByMarket(profit(40))],
  ["profit by market, the largest", () => pnlByMarket(profit(40), { most: 2 })],
  [
    "calibration with gaps",
    () =>
      calibration(
        calibrationBins(["24h", "1h"]).filter(
          (row: { price_from: number }) => row.price_from < 0.25 || row.price_from > 0.65,
        ),
      ),
  ],
];
