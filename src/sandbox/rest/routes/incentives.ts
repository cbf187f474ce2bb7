import { formatCount } from "../../../units/count.js";
import { formatTime, type Timestamp } from "../../../units/time.js";
import type { JsonObject, Reply, Route, SandboxRequest } from "../../types.js";
import { ok } from "../../wire/replies.js";
import { type IncentiveProgram, incentiveOf, incentiveStatus } from "../../world/almanac/incentives.js";
import { isCombo } from "../../world/series/combo-series.js";
import { cutPage, decodeCursor, latestFirst, type Position } from "../cursor.js";
import { QueryReader } from "../query.js";
import { type PublicSide, publicGet } from "./routes.js";

/** Rewards for trading in some of the markets. The cursor of the next page has a name of its own. */
export function incentiveRoutes(side: PublicSide): Route[] {
  return [publicGet("/incentive_programs", (request) => list(side, request))];
}

function list(side: PublicSide, request: SandboxRequest): Reply {
  const query = new QueryReader(request.query, "GetIncentivePrograms");
  const limit = query.limit(1, 10_000, 100);
  const status = query.oneOf("status", ["all", "active", "upcoming", "closed", "paid_out"]) ?? "all";
  const type =
    query.oneOf("type", ["all", "liquidity", "volume", "margin_maker_volume", "margin_taker_volume"]) ?? "all";
  const description = query.text("incentive_description");
  const now = side.world.clock.now();
  const found = programs(side, now).filter(
    (one) =>
      (status === "all" || incentiveStatus(one, now) === status) &&
      (type === "all" || one.type === type) &&
      (description === undefined || one.description === description),
  );
  const positionOf = (one: IncentiveProgram): Position => ({ time: one.start, id: one.id });
  const { rows, cursor } = cutPage(
    latestFirst(found, positionOf, decodeCursor(request.query.get("cursor"))),
    limit,
    positionOf,
  );
  return ok({ incentive_programs: rows.map((one) => wire(one, now)), next_cursor: cursor });
}

/** Programs of generated markets that exist by now. */
function programs({ world, almanac }: PublicSide, now: Timestamp): readonly IncentiveProgram[] {
  return [...world.markets.values()]
    .filter((one) => one.createdTime <= now && !isCombo(one) && almanac.series(one.seriesTicker) !== undefined)
    .map((market) => incentiveOf(world.seed, market))
    .filter((program) => program !== null);
}

function wire(one: IncentiveProgram, now: Timestamp): JsonObject {
  return {
    discount_factor_bps: one.discountBps,
    end_date: formatTime(one.end),
    id: one.id,
    incentive_description: one.description,
    incentive_type: one.type,
    market_id: one.market.marketId,
    market_ticker: one.market.ticker,
    max_reward_per_account: one.mostPerAccount,
    paid_out: now >= one.paid,
    period_reward: one.reward,
    start_date: formatTime(one.start),
    target_size_fp: one.target === undefined ? undefined : formatCount(one.target),
  };
}
