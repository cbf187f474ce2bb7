import { candlesticks } from "./candlesticks.js";
import { depth } from "./depth.js";
import { pnl } from "./pnl.js";
import { pnlByMarket } from "./pnl-by-market.js";
import { event, price } from "./price.js";
import { spread } from "./spread.js";

/** Every chart, one function per question, from table to chart: `chart.price(trades)`. */
export const chart = { price, event, candlesticks, spread, depth, pnl, pnlByMarket } as const;
