import { CONTRACT, type Count, formatCount } from "../../../units/count.js";
import { DAY, startOfDay, type Timestamp, toSeconds } from "../../../units/time.js";
import type { Engine } from "../../engine/engine.js";
import type { JsonObject, Reply, Route, SandboxRequest, World } from "../../types.js";
import { ok, Refused, refusal } from "../../wire/replies.js";
import type { Limits, Tier } from "../limits.js";
import { REST_PREFIX } from "../server.js";
import { signer } from "./orders.js";
import { DEFAULT_COST, publicGet } from "./routes.js";

/** What the account may spend, how it may get more, and what costs more or less than usual. `all` names every route, these included. */
export function accountRoutes(engine: Engine, limits: Limits, all: () => readonly Route[]): Route[] {
  return [
    signedGet("/account/limits", (request) => ok(limits.describe(signer(request).userId))),
    signedGet("/account/api_usage_level/volume_progress", (request) => ok(progress(engine, request))),
    {
      method: "POST",
      path: "/account/api_usage_level/upgrade",
      access: "signed",
      bucket: "write",
      cost: 30,
      handle: (request) => upgrade(engine, limits, request),
    },
    publicGet("/account/endpoint_costs", () => ok({ default_cost: DEFAULT_COST, endpoint_costs: exceptions(all()) })),
  ];
}

function signedGet(path: string, handle: Route["handle"]): Route {
  return { method: "GET", path, access: "signed", bucket: "read", cost: DEFAULT_COST, handle };
}

/** Whoever has placed an order gets the level `advanced`: every order here is made by the API. */
function upgrade(engine: Engine, limits: Limits, request: SandboxRequest): Reply {
  const { userId } = signer(request);
  if (engine.account(userId).orders.size === 0) {
    throw new Refused(refusal(403, "forbidden", "none of the last 100 orders was made by the API"));
  }
  limits.grantAdvanced(userId);
  return { status: 201 };
}

/** Shares of the exchange's volume that earn and keep a level, in millionths. See API: rate limits. */
const GOALS: readonly { readonly level: Tier; readonly earn: number; readonly keep: number }[] = [
  { level: "expert", earn: 750, keep: 500 },
  { level: "premier", earn: 1_250, keep: 1_000 },
  { level: "paragon", earn: 2_500, keep: 2_000 },
  { level: "prime", earn: 5_000, keep: 4_000 },
  { level: "prestige", earn: 10_000, keep: 8_000 },
];

/** Computed once a day, at midnight UTC. */
function progress(engine: Engine, request: SandboxRequest): JsonObject {
  const computed = startOfDay(request.world.clock.now());
  const { fills } = engine.account(signer(request).userId);
  const own = fills
    .filter(({ time }) => time >= computed - 30 * DAY && time < computed)
    .reduce((sum, { count }) => sum + count, 0);
  const month = volumeOfMonthBefore(request.world, computed);
  // Of every contract there are two sides.
  const goal = (millionths: number) =>
    formatCount(Math.ceil((2 * month * millionths) / 1_000_000 / CONTRACT) * CONTRACT);
  const goals = GOALS.map(({ level, earn, keep }) => ({
    earn_volume_goal_fp: goal(earn),
    keep_volume_goal_fp: goal(keep),
    level,
  }));
  return { volume_progress: [{ computed_ts: toSeconds(computed), goals, trailing_30d_volume_fp: formatCount(own) }] };
}

/** Contracts of the markets that closed in the calendar month before a moment. */
function volumeOfMonthBefore(world: World, time: Timestamp): Count {
  const date = new Date(time / 1000);
  const first = (back: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - back, 1) * 1000;
  let volume = 0;
  for (const { closeTime, stats } of world.markets.values()) {
    if (closeTime >= first(1) && closeTime < first(0)) volume += stats.volume;
  }
  return volume;
}

/** Operations that the exchange lists and the sandbox has not, so that whoever plans by the list finds it whole. */
const ELSEWHERE: readonly JsonObject[] = [
  { cost: 2, method: "POST", path: "/communications/quotes" },
  ...["GET", "DELETE"].flatMap((method) =>
    ["/communications/quotes/:quote_id", "/communications/rfqs/:rfq_id/quotes/:quote_id"].map((path) => ({
      cost: 2,
      method,
      path,
    })),
  ),
  { cost: 150, method: "GET", path: "/cfbenchmarks" },
  { cost: 150, method: "GET", path: "/cfbenchmarks/*endpoint" },
].map((row) => ({ ...row, path: `${REST_PREFIX}${row.path}` }));

function exceptions(routes: readonly Route[]): readonly JsonObject[] {
  const own = routes
    .map((route) => ({ cost: itemCost(route), method: route.method, path: `${REST_PREFIX}${route.path}` }))
    .filter(({ cost }) => cost !== DEFAULT_COST);
  return [...own, ...ELSEWHERE];
}

/** The cost of a batch is listed per item. */
function itemCost(route: Route): number {
  return typeof route.cost === "number" ? route.cost : route.cost({ orders: [{}] });
}
