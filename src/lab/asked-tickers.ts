import type { Client } from "../client/http.js";
import { KalshiError } from "../errors.js";
import { resolveMarkets } from "../history/resolve.js";
import { readSelection } from "../history/selection.js";
import type { LiveAsk } from "./live-ask.js";
import { requireSelection } from "./query.js";

/**
 * The markets to listen to: those that were named, and of a series or an event those that are open.
 *
 * @throws KalshiError `BAD_ARGUMENT` where none is named, `MARKET_NOT_FOUND` where none is open
 */
export async function askedTickers(client: Client, ask: LiveAsk): Promise<readonly string[]> {
  const selection = readSelection(
    { ticker: ask.ticker, tickers: ask.tickers, event: ask.event, series: ask.series },
    0,
  );
  requireSelection("books", selection.tickers.length + selection.events.length + selection.series.length > 0);
  const { markets } = await resolveMarkets(client, selection, { signal: ask.signal });
  // Of a series or an event only what still trades can move; a ticker that was named is taken as it is.
  const open = markets.filter(({ market }) => selection.tickers.includes(market.ticker) || market.status === "active");
  if (open.length > 0) return open.map(({ market }) => market.ticker);
  // Without a market the exchange would send those of everybody.
  const asked = [...selection.events, ...selection.series].join(", ");
  throw new KalshiError("MARKET_NOT_FOUND", `no market of ${asked} is open, of ${markets.length} that there are`, {
    hint: "`kalshi-lab search` finds open markets; for those that have ended there are lab.trades() and lab.candlesticks()",
    context: { events: selection.events, series: selection.series, markets: markets.length },
  });
}
