import type { Timestamp } from "../../../units/time.js";
import type { Reply, Route, SandboxRequest } from "../../types.js";
import { tradesText } from "../../wire/trade-text.js";
import { OVERLAP } from "../../world/tiers.js";
import { cutPage, decodeCursor } from "../cursor.js";
import { QueryReader } from "../query.js";
import { type PublicSide, publicGet } from "./routes.js";

/** Public trades of both tiers, newest first. */
export function tradeRoutes(side: PublicSide): Route[] {
  return [
    publicGet("/markets/trades", (request) => {
      const floor = side.world.cutoffs().tradesCreated - OVERLAP;
      return page(side, request, "GetTrades", floor, Number.POSITIVE_INFINITY);
    }),
    publicGet("/historical/trades", (request) => {
      return page(side, request, "GetHistoricalTrades", 0, side.world.cutoffs().tradesCreated);
    }),
  ];
}

/** One page of the trades in [`floor`, `ceiling`). Unknown and archived tickers have none, which is no error. */
function page(
  { world }: PublicSide,
  request: SandboxRequest,
  operation: string,
  floor: Timestamp,
  ceiling: Timestamp,
): Reply {
  const query = new QueryReader(request.query, operation);
  const limit = query.limit(0, 1000, 100);
  // Neither bound belongs to the answer: after one, before the other.
  const after = query.seconds("min_ts");
  const before = query.seconds("max_ts");
  const found = world.trades.page({
    ticker: query.text("ticker"),
    from: Math.max(floor, (after ?? -1) + 1),
    to: Math.min(ceiling, before ?? ceiling, world.clock.now() + 1),
    before: decodeCursor(request.query.get("cursor")),
    isBlock: query.flag("is_block_trade"),
    limit: limit + 1,
  });
  const { rows, cursor } = cutPage(found, limit, ({ time, id }) => ({ time, id }));
  return { status: 200, text: tradesText(rows, cursor) };
}
