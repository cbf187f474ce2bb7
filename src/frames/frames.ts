import { activityFrame } from "./activity.js";
import { balanceFrame } from "./balance.js";
import { candlesticksFrame } from "./candlesticks.js";
import { coherenceFrame, impliedFrame } from "./coherence.js";
import { eventsFrame } from "./events.js";
import { fillsFrame } from "./fills.js";
import { barsFrame, bookDeltasFrame, bookLevelsFrame, nearDepthFrame, topOfBookFrame } from "./flows.js";
import { calibrationFrame, forecastScoresFrame, forecastsFrame, priceReturnsFrame } from "./forecasts.js";
import type { Frame } from "./frame.js";
import { marketsFrame } from "./markets.js";
import { orderbookFrame } from "./orderbook.js";
import { ordersFrame } from "./orders.js";
import { positionsFrame } from "./positions.js";
import { qualityFrame } from "./quality.js";
import { seriesFrame } from "./series.js";
import { settlementsFrame } from "./settlements.js";
import { tradesFrame } from "./trades.js";
import { transactionsFrame } from "./transactions.js";

/** Every frame by the name of its table. */
export const frames = {
  series: seriesFrame,
  events: eventsFrame,
  markets: marketsFrame,
  trades: tradesFrame,
  candlesticks: candlesticksFrame,
  orderbook: orderbookFrame,
  quotes: topOfBookFrame,
  near_depth: nearDepthFrame,
  bars: barsFrame,
  book_levels: bookLevelsFrame,
  deltas: bookDeltasFrame,
  quality: qualityFrame,
  forecasts: forecastsFrame,
  forecast_scores: forecastScoresFrame,
  calibration: calibrationFrame,
  price_returns: priceReturnsFrame,
  coherence: coherenceFrame,
  implied_distribution: impliedFrame,
  fills: fillsFrame,
  orders: ordersFrame,
  positions: positionsFrame,
  settlements: settlementsFrame,
  balance: balanceFrame,
  transactions: transactionsFrame,
  activity: activityFrame,
} satisfies Record<string, Frame>;
