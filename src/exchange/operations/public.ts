import * as candlesticks from "./candlesticks.js";
import * as collections from "./collections.js";
import * as events from "./events.js";
import * as exchange from "./exchange.js";
import * as feeChanges from "./fee-changes.js";
import * as forecasts from "./forecasts.js";
import * as historical from "./historical.js";
import * as incentives from "./incentives.js";
import * as liveData from "./live-data.js";
import * as markets from "./markets.js";
import * as milestones from "./milestones.js";
import * as orderbooks from "./orderbooks.js";
import * as search from "./search.js";
import * as series from "./series.js";
import * as structuredTargets from "./structured-targets.js";
import * as trades from "./trades.js";
import * as weather from "./weather.js";

/** Operations about what everybody may see, and those that go with them. */
export const publicOperations = {
  ...series,
  ...events,
  ...feeChanges,
  ...markets,
  ...orderbooks,
  ...trades,
  ...candlesticks,
  ...historical,
  ...exchange,
  ...milestones,
  ...structuredTargets,
  ...incentives,
  ...collections,
  ...search,
  ...liveData,
  ...weather,
  ...forecasts,
};
