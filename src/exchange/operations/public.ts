import { getMarket, getMarkets } from "./markets.js";

/** Operations about what everybody may see, and those that go with them. */
export const publicOperations = { getMarket, getMarkets };
