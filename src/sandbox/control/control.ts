import { createServer, type IncomingMessage, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { KalshiError, messageOf } from "../../errors.js";
import { formatTime, parseTime } from "../../units/time.js";
import type { Engine } from "../engine/engine.js";
import type { FaultPlan } from "../faults/fault-plan.js";
import type { Limits } from "../rest/limits.js";
import type { LogEntry } from "../rest/server.js";
import type { Stats } from "../rest/stats.js";
import type { Json, TradeRecord } from "../types.js";
import { wireLevels } from "../wire/levels.js";
import { wireText } from "../wire/wire.js";
import type { MemoryWorld } from "../world/world.js";

const KEPT_ENTRIES = 10_000;
const MOST_PER_SECOND = 1_000_000;

/** What the control server tells of and acts on. */
export interface Controlled {
  readonly world: MemoryWorld;
  readonly engine: Engine;
  readonly limits: Limits;
  readonly faults: FaultPlan;
  readonly stats: Stats;
}

/** What tests and tools may ask of a sandbox that no exchange would answer. Not part of the imitated surface. */
export class Control {
  readonly #parts: Controlled;
  readonly #log: LogEntry[] = [];

  constructor(parts: Controlled) {
    this.#parts = parts;
  }

  /** Remembers an answered request; the oldest are forgotten. */
  note(entry: LogEntry): void {
    this.#log.push(entry);
    if (this.#log.length > KEPT_ENTRIES) this.#log.shift();
  }

  /**
   * | operation | what it does |
   * | --- | --- |
   * | `GET /books?tickers=A,B` | levels of the engine's own books now, `no` in NO prices |
   * | `GET /log` | answered requests, oldest first, each with the `fault` it met |
   * | `GET /stats` | requests by path and status, tokens by account and bucket, and how often each rule of the fault plan struck |
   * | `DELETE /stats` | counts anew; tokens and faults stay as they are |
   * | `GET /trades?ticker=T` | of any market how many public trades it has, first, last, and an {@link idChecksum} of their ids |
   * | `POST /faults` | takes the body as fault plan, see {@link readFaults}, in place of the one before |
   * | `DELETE /faults` | nothing goes wrong any more |
   * | `POST /cutoff?date=ISO` | moves the cutoffs there |
   * | `POST /flow?ticker=T&per_second=N` | lets a quote of a market come and go, N deltas a second, in place of its maker; 0 ends it |
   * | `POST /freeze`, `/thaw` | holds what moves by itself |
   */
  server(): Server {
    return createServer((request, response) => {
      this.#reply(request).then(
        ({ status, body }) => {
          response.writeHead(status, { "content-type": "application/json" }).end(wireText(body));
        },
        () => response.destroy(),
      );
    });
  }

  async #reply(request: IncomingMessage): Promise<{ readonly status: number; readonly body: Json }> {
    const sent = await text(request);
    try {
      const url = new URL(request.url ?? "/", "http://sandbox");
      const body = this.#answer(`${request.method ?? "GET"} ${url.pathname}`, url.searchParams, sent);
      if (body === undefined) return { status: 404, body: { error: "unknown operation or market" } };
      return { status: 200, body };
    } catch (error) {
      const told = error instanceof KalshiError ? { code: error.code, hint: error.hint } : {};
      return { status: 400, body: { error: messageOf(error), ...told } };
    }
  }

  #answer(operation: string, query: URLSearchParams, sent: string): Json | undefined {
    const { engine, limits, faults, stats } = this.#parts;
    switch (operation) {
      case "GET /books":
        return this.#books(query.get("tickers") ?? "");
      case "GET /log":
        return { entries: this.#log.map((entry) => ({ ...entry })) };
      case "GET /trades":
        return this.#trades(query.get("ticker") ?? "");
      case "POST /flow":
        return this.#flow(query.get("ticker") ?? "", Number(query.get("per_second") ?? Number.NaN));
      case "POST /freeze":
        engine.freeze();
        return {};
      case "POST /thaw":
        engine.thaw();
        return {};
      case "POST /cutoff":
        return this.#moveCutoff(query.get("date") ?? "");
      case "GET /stats":
        return { ...stats.describe(), ...limits.ledger(), faults: faults.describe() };
      case "DELETE /stats":
        stats.reset();
        limits.resetLedger();
        return {};
      case "POST /faults":
        faults.replace(JSON.parse(sent));
        return { faults: faults.describe() };
      case "DELETE /faults":
        faults.replace({ rules: [] });
        return {};
      default:
        return undefined;
    }
  }

  #books(tickers: string): Json {
    const { engine, world } = this.#parts;
    const wanted = tickers === "" ? [...world.markets.keys()] : tickers.split(",");
    const books = wanted.flatMap((ticker) => {
      const book = engine.book(ticker);
      if (book === null) return [];
      return [{ no_dollars: wireLevels(book.no), ticker, yes_dollars: wireLevels(book.yes) }];
    });
    return { books, now: formatTime(world.clock.now()) };
  }

  #flow(ticker: string, perSecond: number): Json | undefined {
    if (!(perSecond >= 0 && perSecond <= MOST_PER_SECOND)) {
      throw new KalshiError("BAD_ARGUMENT", `a flow cannot have ${perSecond} deltas a second`, {
        hint: `give per_second from 0 to ${MOST_PER_SECOND}`,
      });
    }
    return this.#parts.engine.requote(ticker, perSecond) ? { per_second: perSecond, ticker } : undefined;
  }

  #trades(ticker: string): Json | undefined {
    const { markets, trades, clock } = this.#parts.world;
    if (!markets.has(ticker)) return undefined;
    const { count, first, last, checksum } = trades.summary(ticker, clock.now() + 1);
    return { checksum, count, first: tradeRow(first), last: tradeRow(last), ticker };
  }

  #moveCutoff(date: string): Json {
    const { world } = this.#parts;
    world.moveCutoffTo(parseTime(date));
    return { market_settled_ts: formatTime(world.cutoffs().marketSettled) };
  }
}

function tradeRow(trade: TradeRecord | null): Json {
  return trade === null ? null : { created_time: formatTime(trade.time), trade_id: trade.id };
}
