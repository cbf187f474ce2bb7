import { randomUUID } from "node:crypto";
import type { Random } from "../../src/sandbox/world/random.js";
import type { SpecifiedParameter } from "./specified-operations.js";

type Rows = readonly Record<string, unknown>[];
type Ask = (path: string) => Promise<{ readonly body: unknown }>;

/** Texts that no parameter expects. */
const JUNK = [
  "",
  "x",
  "-1",
  "1e9",
  "99999999999999",
  "null",
  "%",
  "🎲",
  "yes,no",
  "A&B",
  "0x10",
  "2026-10-15",
  "'; --",
  "a".repeat(300),
];

/** Words that some parameters are held to. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  mve_filter: ["only", "exclude"],
  count_filter: ["position", "total_traded", "position,total_traded"],
  settlement_status: ["all", "unsettled", "settled"],
  range: ["15min", "1h", "1d"],
  competition: ["Harbor Cup"],
  incentive_description: ["Liquidity program"],
  tags: ["Inflation", "Indices,Combos"],
  period_interval: ["0", "1", "60", "1440"],
};

const STATUSES: Readonly<Record<string, readonly string[]>> = {
  GetMarkets: ["unopened", "open", "paused", "closed", "settled", "finalized"],
  GetEvents: ["unopened", "open", "closed", "settled"],
  GetOrders: ["resting", "canceled", "executed"],
  GetMultivariateEventCollections: ["unopened", "open", "closed"],
  GetIncentivePrograms: ["all", "active", "upcoming", "closed", "paid_out"],
};

/** What an amendment of an order has to repeat. */
interface Placing {
  readonly ticker: string;
  readonly side: string;
}

/** What a walk knows of the exchange it walks over: names to ask for, and those that its own steps brought forth. */
export class Pools {
  readonly random: Random;
  /** Seconds. */
  readonly now: number;
  readonly #names = new Map<string, string[]>();
  readonly #orders = new Map<string, Placing>();
  #placing: Placing = { ticker: "", side: "bid" };
  #current = "";
  #cursors: string[] = [];

  constructor(random: Random, now: string) {
    this.random = random;
    this.now = Math.floor(Date.parse(now) / 1000);
  }

  /** Reads the names that a walk starts from. */
  async fill(ask: Ask): Promise<void> {
    const rows = async (path: string, key: string) => ((await ask(path)).body as Record<string, Rows>)[key] ?? [];
    const texts = (list: Rows, key: string) => list.map((row) => String(row[key]));
    this.#put("live", texts(await rows("/markets?event_ticker=SANDBOX-LIVE", "markets"), "ticker"));
    const settled = await rows("/markets?status=settled&limit=30", "markets");
    this.#put("ticker", [...this.names("live"), ...texts(settled, "ticker")]);
    this.#put("archived", texts(await rows("/historical/markets?limit=30", "markets"), "ticker"));
    const events = await rows("/events?status=open", "events");
    this.#put("event", texts(events.length > 0 ? events : await rows("/events", "events"), "event_ticker"));
    this.#put("series", texts(await rows("/series", "series"), "ticker"));
    this.#put("milestone", texts(await rows("/milestones?limit=20", "milestones"), "id"));
    this.#put("target", texts(await rows("/structured_targets", "structured_targets"), "id"));
    const collections = "/multivariate_event_collections?status=open";
    this.#put("collection", texts(await rows(collections, "multivariate_contracts"), "collection_ticker"));
    this.#put("past order", texts(await rows("/portfolio/orders?limit=20", "orders"), "order_id"));
  }

  names(kind: string): readonly string[] {
    return this.#names.get(kind) ?? [];
  }

  /** One of a kind; a name of nothing where there is none. */
  pick(kind: string): string {
    const names = this.names(kind);
    return names.length === 0 ? randomUUID() : this.random.pick(names);
  }

  junk(): string {
    return this.random.pick(JUNK);
  }

  /** What stands for a parameter of the path. */
  inPath(name: string, path: string, isPlain: boolean): string {
    if (!isPlain && this.random.chance(0.1)) return this.random.chance(0.5) ? "NOBODY" : this.junk() || "-";
    if (name === "ticker" && path.includes("/events/")) return isPlain ? "SANDBOX-LIVE" : this.pick("event");
    if (name === "ticker" && path.startsWith("/historical")) return this.pick("archived");
    if (name === "ticker") return isPlain ? this.pick("live") : this.pick("ticker");
    if (name === "series_ticker") return isPlain ? "SANDBOX" : this.pick("series");
    if (name === "order_id") return this.#nameOrder(isPlain);
    if (name === "city") return "port-avon";
    if (name === "type") return "basketball_game";
    const kinds: Readonly<Record<string, string>> = {
      event_ticker: "event",
      milestone_id: "milestone",
      structured_target_id: "target",
      collection_ticker: "collection",
      api_key: "key",
      order_group_id: "group",
      transfer_id: "transfer",
    };
    const kind = kinds[name] ?? name;
    return kind === "event" && isPlain ? "SANDBOX-LIVE" : this.pick(kind);
  }

  /** An order of the walk is about to be placed. */
  placing({ ticker, side }: Readonly<Record<string, unknown>>): void {
    this.#placing = { ticker: String(ticker), side: String(side) };
  }

  /** The order that the path of the present step names, or the last one. */
  currentOrder(): Placing & { readonly id: string } {
    const [id, placing] = this.#orders.has(this.#current)
      ? [this.#current, this.#orders.get(this.#current)!]
      : ([...this.#orders].at(-1) ?? [randomUUID(), this.#placing]);
    return { ...placing, id };
  }

  #nameOrder(isPlain: boolean): string {
    const own = [...this.#orders.keys()];
    const back = isPlain ? 0 : this.random.integer(0, 4);
    this.#current = own.at(-1 - back) ?? this.pick("past order");
    return this.#current;
  }

  /** Values of a parameter of the query: one, or several where it is repeated. */
  inQuery(parameter: SpecifiedParameter, operation: string, isPlain: boolean): readonly string[] {
    if (!isPlain && this.random.chance(0.08)) return [this.junk()];
    if (!parameter.repeated) return [this.#one(parameter, operation, isPlain)];
    return Array.from({ length: this.random.integer(1, 4) }, () => this.#one(parameter, operation, isPlain));
  }

  #one({ name, type }: SpecifiedParameter, operation: string, isPlain: boolean): string {
    if (name === "status") return this.random.pick(STATUSES[operation] ?? ["open"]);
    if (name === "type") return this.random.pick(["all", "liquidity", "basketball_game", "basketball_team"]);
    if (name === "period_interval") return isPlain ? "60" : this.random.pick(WORDS.period_interval!);
    const words = WORDS[name];
    if (words !== undefined) return this.random.pick(words);
    if (name === "limit" || name === "page_size")
      return String(this.random.pick([0, 1, 2, 5, 10, 50, 200, 1001]) || 20);
    if (name === "percentiles") return String(this.random.integer(0, 10_000));
    if (name === "depth") return String(this.random.integer(-2, 103));
    if (name === "last_sec") return String(this.random.integer(0, 7_200));
    if (name === "from" || name === "to") return String((this.now - this.random.integer(0, 86_400)) * 1_000);
    if (name === "start_ts") return String(this.now - this.random.integer(3_600, 5 * 86_400));
    if (name === "end_ts") return String(this.now);
    if (name.endsWith("_ts")) return String(this.now - this.random.integer(-86_400, 60 * 86_400));
    if (name === "minimum_start_date")
      return new Date((this.now - 86_400 * this.random.integer(0, 60)) * 1_000).toISOString();
    if (name === "subaccount" || name === "exchange_index") return this.random.pick(["0", "0", "1", "64"]);
    if (name === "cursor") return this.#cursors.length === 0 ? "bm90aGluZw" : this.random.pick(this.#cursors);
    if (name === "tickers" && operation === "GetEvents") return this.pick("event");
    if (/ticker/.test(name)) return this.#tickerFor(name);
    if (name === "category") return this.random.pick(["Sports", "Economics", "Sandbox"]);
    if (name === "milestone_ids") return this.pick("milestone");
    if (name === "ids") return this.pick("target");
    if (name === "order_id") return this.pick("past order");
    if (type === "boolean") return this.random.pick(["true", "false"]);
    return this.junk();
  }

  #tickerFor(name: string): string {
    if (name.includes("series")) return this.pick("series");
    if (name.includes("event")) return this.random.chance(0.5) ? "SANDBOX-LIVE" : this.pick("event");
    if (name.includes("collection")) return this.pick("collection");
    if (name.endsWith("tickers")) return [this.pick("live"), this.pick("ticker")].join(",");
    return this.pick("ticker");
  }

  /** Takes over what an answer tells of: ids that later steps name, and cursors. */
  learn(operation: string, status: number, body: unknown, path: string): void {
    if (typeof body !== "object" || body === null || status >= 300) return;
    const { cursor, api_key_id, order_group_id, transfer_id, market_ticker, event_ticker } = body as Record<
      string,
      unknown
    >;
    if (typeof cursor === "string" && cursor !== "") this.#cursors = [...this.#cursors, cursor].slice(-20);
    if (typeof api_key_id === "string") this.#add("key", api_key_id);
    if (typeof order_group_id === "string") this.#add("group", order_group_id);
    if (typeof transfer_id === "string") this.#add("transfer", transfer_id);
    if (operation.startsWith("CreateMarketIn")) {
      this.#add("ticker", String(market_ticker));
      this.#add("live", String(market_ticker));
      this.#add("event", String(event_ticker));
    }
    const { order_id } = body as Record<string, unknown>;
    if (operation === "CreateOrderV2") this.#orders.set(String(order_id), this.#placing);
    if (operation === "CancelOrderV2") this.#orders.delete(path.split("/").at(-1) ?? "");
  }

  #put(kind: string, names: readonly string[]): void {
    this.#names.set(kind, [...names]);
  }

  #add(kind: string, name: string): void {
    this.#put(kind, [...this.names(kind), name].slice(-60));
  }
}
