import { channelNames, closedChannels } from "../../src/sandbox/socket/channel.js";
import type { EngineEvent, Json, JsonObject } from "../../src/sandbox/types.js";
import type { Random } from "../../src/sandbox/world/random.js";
import type { Stage } from "./socket-stage.js";
import { MEMBER, OTHER } from "./tiny-world.js";

/** A command of any kind, mostly sensible, with an id of its own. */
export function randomCommand(random: Random, id: number): Json | string {
  const draw = random.next();
  if (draw < 0.5) return { id, cmd: "subscribe", params: subscribeParams(random) };
  if (draw < 0.58) return { id, cmd: "unsubscribe", params: { sids: [random.integer(1, 20)] } };
  if (draw < 0.88) return { id, cmd: "update_subscription", params: updateParams(random) };
  if (draw < 0.95) return { id, cmd: "list_subscriptions" };
  return random.pick<Json | string>(["{", { id, cmd: "dance" }, { id, cmd: "subscribe" }, [1], { id: -1 }]);
}

function subscribeParams(random: Random): JsonObject {
  const channels = some(random, random.chance(0.1) ? [...channelNames, ...closedChannels, "x"] : channelNames);
  return {
    channels,
    ...markets(random, 0.4),
    ...flags(random, ["send_initial_snapshot", "skip_ticker_ack", "use_yes_price"]),
  };
}

function updateParams(random: Random): JsonObject {
  const sid = random.integer(1, 12);
  const action = random.pick(["add_markets", "delete_markets", "get_snapshot", "get_snapshot", "dance"]);
  const target: JsonObject = random.chance(0.5) ? { sid } : { sids: [sid] };
  return { ...target, action, ...markets(random, 0.9), ...flags(random, ["send_initial_snapshot"]) };
}

function markets(random: Random, probability: number): JsonObject {
  if (!random.chance(probability)) return {};
  if (random.chance(0.1)) return { market_ids: ["0f0f0f0f-0000-4000-8000-000000000041"] };
  return random.chance(0.3) ? { market_ticker: random.pick(TICKERS) } : { market_tickers: some(random, TICKERS) };
}

const TICKERS = ["A", "B", "NOSUCH"];

function flags(random: Random, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.filter(() => random.chance(0.3)).map((name) => [name, random.chance(0.7)]));
}

/** At least one of a list, each once. */
function some<Item>(random: Random, list: readonly Item[]): Item[] {
  const chosen = list.filter(() => random.chance(0.3));
  return chosen.length > 0 ? chosen : [random.pick(list)];
}

/** One of the members places an order, far out or to be filled, or takes all of theirs back. */
export function randomOrder(random: Random, stage: Stage): void {
  const who = random.pick([MEMBER, OTHER]);
  if (random.chance(0.1)) {
    stage.engine.cancelAll(who.userId);
    return;
  }
  const side = random.pick(["bid", "ask"] as const);
  const price = random.pick(side === "bid" ? ["0.01", "0.02", "0.99"] : ["0.99", "0.98", "0.01"]);
  stage.place(side, price, random.integer(1, 4), who, "A");
}

const uuid = "0e0e0e0e-1111-4222-8333-444444444444";
const grid = { price_level_structure: "deci_cent", price_ranges: [{ start: "0.0000", end: "1.0000", step: "0.0010" }] };
const about = { name: "n", title: "t", yes_sub_title: "y", no_sub_title: "n", rules_primary: "r", rules_secondary: "" };
const metadata = { ...about, can_close_early: true, event_ticker: "E", expected_expiration_ts: 3, floor_strike: 4.5 };

/** What the exchange tells of a market over its life. */
const lives: readonly JsonObject[] = [
  { event_type: "created", exchange_index: 0, open_ts: 1, close_ts: 2, ...grid, additional_metadata: metadata },
  { event_type: "activated", is_deactivated: false },
  { event_type: "deactivated", is_deactivated: true },
  { event_type: "close_date_updated", close_ts: 2 },
  { event_type: "determined", result: "yes", determination_ts: 3, settlement_value: "1.0000" },
  { event_type: "settled", settled_ts: 4 },
  { event_type: "price_level_structure_updated", ...grid },
  { event_type: "metadata_updated", strike_type: "between", floor_strike: 1, cap_strike: 2.5, yes_sub_title: "y" },
];

/** An event of one of the kinds that seldom happen by themselves in a small world. */
export function randomEvent(random: Random): EngineEvent {
  const combo = random.chance(0.5);
  const { userId } = random.pick([MEMBER, OTHER]);
  switch (random.integer(0, 5)) {
    case 0:
      return position(userId, random.pick(TICKERS));
    case 1: {
      const limit = random.chance(0.5) ? { contracts_limit_fp: "150.00" } : {};
      const event_type = random.pick(["created", "triggered", "reset", "deleted", "limit_updated"]);
      return {
        type: "order_group",
        userId,
        subaccount: 0,
        message: { event_type, order_group_id: uuid, ...limit, ts_ms: 1 },
      };
    }
    case 2: {
      const ticker = combo ? "KXMVE-1" : "A";
      const { event_type, ...rest } = random.pick(lives);
      const message = { event_type, market_ticker: ticker, ...rest };
      return { type: "lifecycle", ticker, combo, message };
    }
    case 3: {
      const names = { event_ticker: "E", exchange_index: 0, title: "t", subtitle: "", series_ticker: "S" };
      const collateral = random.pick(["MECNET", "DIRECNET", ""]);
      return { type: "event_lifecycle", combo, message: { ...names, collateral_return_type: collateral } };
    }
    default: {
      const fees = combo ? ["flat", 1] : [null, null];
      const message = { event_ticker: "E", fee_type_override: fees[0], fee_multiplier_override: fees[1] };
      return { type: "event_fee_update", message };
    }
  }
}

function position(userId: string, ticker: string): EngineEvent {
  const money = { position_cost_dollars: "0.500000", realized_pnl_dollars: "0.000000", fees_paid_dollars: "0.010000" };
  const counts = { position_fp: "-1.00", ...money, position_fee_cost_dollars: "0.010000", volume_fp: "1.00" };
  return {
    type: "position",
    userId,
    subaccount: 0,
    ticker,
    message: { user_id: userId, market_ticker: ticker, ...counts },
  };
}
