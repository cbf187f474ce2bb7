import type { ColumnTable } from "arquero";
import type { Market } from "../../exchange/market.js";
import type { Price } from "../../units/price.js";
import { pricesOf } from "../given-amounts.js";
import { isTable, recordsGiven, tableGiven } from "../given-rows.js";
import { textsOf } from "../read-fills.js";

/** What profit reads of a market, where markets are given. */
export type KnownMarket = Pick<Market, "ticker" | "settlement_value"> &
  Partial<Pick<Market, "event_ticker" | "yes_bid" | "yes_ask" | "last_price">>;

const PRICES = ["settlement_value", "yes_bid", "yes_ask", "last_price"] as const;

/** Markets as records, whatever they are given as; null where none are. @throws KalshiError `BAD_ARGUMENT`, `BAD_RECORD`, `COLUMN_MISSING`, `COLUMN_KIND` */
export function readMarkets(markets: ColumnTable | Iterable<KnownMarket> | undefined): readonly KnownMarket[] | null {
  if (markets === undefined) return null;
  if (!isTable(markets)) return recordsGiven("markets", markets, ["ticker"], { whole: PRICES, prices: PRICES });
  tableGiven("markets", markets, ["ticker", "settlement_value"]);
  const names = new Set(markets.columnNames());
  const prices = (name: string): readonly (Price | null)[] => (names.has(name) ? pricesOf(markets, name) : []);
  const [bid, ask, last] = [prices("yes_bid"), prices("yes_ask"), prices("last_price")];
  const event = names.has("event_ticker") ? textsOf(markets, "event_ticker") : [];
  const value = pricesOf(markets, "settlement_value");
  return textsOf(markets, "ticker").map((ticker, row) => ({
    ticker: ticker ?? "",
    settlement_value: value[row] ?? null,
    ...given("event_ticker", event[row]),
    ...given("yes_bid", bid[row]),
    ...given("yes_ask", ask[row]),
    ...given("last_price", last[row]),
  }));
}

function given<N extends string, V>(name: N, value: V | null | undefined): { [name in N]?: V } {
  return value === null || value === undefined ? {} : ({ [name]: value } as { [name in N]?: V });
}
