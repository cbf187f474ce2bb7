import { createServer, type Server } from "node:http";
import { messageOf } from "../errors.js";
import { formatCount } from "../units/count.js";
import { formatPrice } from "../units/price.js";
import { formatTime, parseTime } from "../units/time.js";
import type { Engine } from "./engine.js";
import type { LogEntry } from "./server.js";
import { cutoffsAt } from "./tiers.js";
import type { Json, Levels, TradeRecord } from "./types.js";
import { wireText } from "./wire.js";
import type { MemoryWorld } from "./world.js";

const KEPT_ENTRIES = 10_000;

/** What tests and tools may ask of a sandbox that no exchange would answer. Not part of the imitated surface. */
export class Control {
  readonly #world: MemoryWorld;
  readonly #engine: Engine;
  readonly #log: LogEntry[] = [];

  constructor(world: MemoryWorld, engine: Engine) {
    this.#world = world;
    this.#engine = engine;
  }

  /** Remembers an answered request; the oldest are forgotten. */
  note(entry: LogEntry): void {
    this.#log.push(entry);
    if (this.#log.length > KEPT_ENTRIES) this.#log.shift();
  }

  /**
   * `GET /books?tickers=A,B`: levels of the engine's own books now, `no` in NO prices. `GET /log`: answered requests, oldest
   * first. `GET /trades?ticker=T`: how many public trades there are of any market, the first, the last, and an {@link idChecksum} of
   * their ids, to hold a download against. `POST /freeze`, `/thaw`: holds what moves by itself. `POST /cutoff?date=ISO`: moves the cutoffs there.
   */
  server(): Server {
    return createServer((request, response) => {
      const { status, body } = this.#reply(request.method ?? "GET", request.url ?? "/");
      response.writeHead(status, { "content-type": "application/json" }).end(wireText(body));
    });
  }

  #reply(method: string, target: string): { readonly status: number; readonly body: Json } {
    try {
      const url = new URL(target, "http://sandbox");
      const body = this.#answer(`${method} ${url.pathname}`, url.searchParams);
      return body === undefined
        ? { status: 404, body: { error: "unknown operation or market" } }
        : { status: 200, body };
    } catch (error) {
      return { status: 400, body: { error: messageOf(error) } };
    }
  }

  #answer(operation: string, query: URLSearchParams): Json | undefined {
    switch (operation) {
      case "GET /books":
        return this.#books(query.get("tickers") ?? "");
      case "GET /log":
        return { entries: this.#log.map((entry) => ({ ...entry })) };
      case "GET /trades":
        return this.#trades(query.get("ticker") ?? "");
      case "POST /freeze":
        this.#engine.freeze();
        return {};
      case "POST /thaw":
        this.#engine.thaw();
        return {};
      case "POST /cutoff":
        return this.#moveCutoff(query.get("date") ?? "");
      default:
        return undefined;
    }
  }

  #books(tickers: string): Json {
    const wanted = tickers === "" ? [...this.#world.markets.keys()] : tickers.split(",");
    const books = wanted.flatMap((ticker) => {
      const book = this.#engine.book(ticker);
      if (book === null) return [];
      return [{ no_dollars: wireLevels(book.no), ticker, yes_dollars: wireLevels(book.yes) }];
    });
    return { books, now: formatTime(this.#world.clock.now()) };
  }

  #trades(ticker: string): Json | undefined {
    const { markets, trades, clock } = this.#world;
    if (!markets.has(ticker)) return undefined;
    const { count, first, last, checksum } = trades.summary(ticker, clock.now() + 1);
    return { checksum, count, first: tradeRow(first), last: tradeRow(last), ticker };
  }

  #moveCutoff(date: string): Json {
    const time = parseTime(date);
    this.#world.moveCutoffs((now) => cutoffsAt(time, now));
    return { market_settled_ts: formatTime(this.#world.cutoffs().marketSettled) };
  }
}

function tradeRow(trade: TradeRecord | null): Json {
  return trade === null ? null : { created_time: formatTime(trade.time), trade_id: trade.id };
}

/** Levels as the wire has them, ascending. */
export function wireLevels(levels: Levels): readonly (readonly [string, string])[] {
  return levels.map(([price, count]) => [formatPrice(price), formatCount(count)] as const);
}
