import type { JsonObject, Levels, Route } from "../../types.js";
import { wireLevels } from "../../wire/levels.js";
import { notFound, ok } from "../../wire/replies.js";
import { isLive } from "../../world/tiers.js";
import { QueryReader } from "../query.js";
import { type PublicSide, publicGet } from "./routes.js";

const MOST_TICKERS = 100;
const DEEPEST = 100;

/** Order books of one market and of several. Bids only, each side in its own price, ascending. */
export function bookRoutes(side: PublicSide): Route[] {
  return [
    publicGet("/markets/:ticker/orderbook", ({ params, query }) => {
      const depth = new QueryReader(query, "GetMarketOrderbook").integerUpTo("depth", DEEPEST) ?? 0;
      const ticker = params.ticker as string;
      if (!isHere(side, ticker)) return notFound();
      return ok({ orderbook_fp: bookWire(side, ticker, depth) });
    }),
    publicGet("/markets/orderbooks", ({ query }) => {
      const reader = new QueryReader(query, "GetMarketOrderbooks");
      reader.required("tickers");
      const tickers = reader.repeated("tickers", MOST_TICKERS);
      // What is unknown or archived is left out rather than shown with an empty book.
      const known = tickers.filter((ticker) => isHere(side, ticker));
      return ok({ orderbooks: known.map((ticker) => ({ orderbook_fp: bookWire(side, ticker, 0), ticker })) });
    }),
  ];
}

function isHere({ world }: PublicSide, ticker: string): boolean {
  const market = world.markets.get(ticker);
  return market !== undefined && isLive(market, world.cutoffs(), world.clock.now());
}

function bookWire({ books }: PublicSide, ticker: string, depth: number): JsonObject {
  const book = books.book(ticker);
  return { no_dollars: wireLevels(best(book?.no ?? [], depth)), yes_dollars: wireLevels(best(book?.yes ?? [], depth)) };
}

/** The `depth` best levels, still ascending; all of them for 0 and less. */
function best(levels: Levels, depth: number): Levels {
  return depth <= 0 ? levels : levels.slice(-depth);
}
