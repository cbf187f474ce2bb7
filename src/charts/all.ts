import { calibration } from "./calibration.js";
import { candlesticks } from "./candlesticks.js";
import { depth } from "./depth.js";
import { depthOverTime } from "./depth-over-time.js";
import { distribution } from "./distribution.js";
import { ladder } from "./ladder.js";
import { pnl } from "./pnl.js";
import { pnlByMarket } from "./pnl-by-market.js";
import { event, price } from "./price.js";
import { spread } from "./spread.js";

/** Every chart by its name: `chart.price(trades)`. Each takes a table (or the result of `pnl`) and gives a {@link Chart}. */
export const chart = {
  price,
  event,
  candlesticks,
  spread,
  depth,
  depthOverTime,
  ladder,
  pnl,
  pnlByMarket,
  calibration,
  distribution,
} as const;
