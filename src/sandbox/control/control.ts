import type { IncomingMessage, Server } from "node:http";
import { KalshiError, messageOf } from "../../errors.js";
import { formatTime, parseTime } from "../../units/time.js";
import type { Engine } from "../engine/engine.js";
import type { FaultPlan } from "../faults/fault-plan.js";
import { createBoundedServer } from "../http-limits.js";
import type { Limits } from "../rest/limits.js";
import type { LogEntry } from "../rest/server.js";
import type { Stats } from "../rest/stats.js";
import type { Connection } from "../socket/connection.js";
import type { Json, JsonObject, TradeRecord } from "../types.js";
import { wireLevels } from "../wire/levels.js";
import { wireText } from "../wire/wire.js";
import type { MemoryWorld } from "../world/world.js";
import type { Timekeeper } from "./clock-operations.js";
import { faultOperation } from "./fault-operations.js";
import { whyRefused } from "./guard.js";
import { marketOperation } from "./market-operations.js";
import { overview } from "./overview.js";
import { type ControlPage, readControlPage } from "./page.js";

const KEPT_ENTRIES = 10_000;
const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MOST_PER_SECOND = 1_000_000;

/** What the control server tells of and acts on. */
export interface Controlled {
  readonly world: MemoryWorld;
  readonly engine: Engine;
  readonly limits: Limits;
  readonly faults: FaultPlan;
  readonly stats: Stats;
  /** What `POST /clock` does. */
  readonly time: Pick<Timekeeper, "operate">;
  readonly clock: { readonly speed: number | string };
  /** How far a replay is; undefined where there is none. */
  readonly replay?: (() => JsonObject) | undefined;
  /** Told of each market that was operated on. */
  readonly operated?: ((ticker: string) => void) | undefined;
  /** Open sockets. */
  connections(): readonly Connection[];
}

interface ControlReply {
  readonly status: number;
  readonly body: Json;
  readonly page?: ControlPage;
}

/** What tests and tools may ask of a sandbox that no exchange would answer. Not part of the imitated surface. */
export class Control {
  readonly #parts: Controlled;
  readonly #log: LogEntry[] = [];
  #page: Promise<ControlPage> | null = null;
  #isFrozen = false;

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
   * | `GET /` | a page for browsers that shows what is running |
   * | `GET /overview?ticker=T&filter=TEXT` | what that page shows: clock, live markets, the ladder of one, sessions, tokens, faults, orders |
   * | `GET /replay` | how far a replay is: frames so far, outages, whether it has ended |
   * | `GET /books?tickers=A,B` | levels of the engine's own books now, `no` in NO prices |
   * | `GET /log` | answered requests, oldest first, each with the `fault` it met |
   * | `GET /stats` | requests by path and status, tokens by account and bucket, and how often each rule of the fault plan struck |
   * | `DELETE /stats` | counts anew; tokens and faults stay as they are |
   * | `GET /trades?ticker=T` | of any market how many public trades it has, first, last, and an {@link idChecksum} of their ids |
   * | `GET /faults` | the rules of the fault plan, each with its number, whether it is on, what fitted it and how often it struck |
   * | `POST /faults` | takes the body as fault plan, see {@link readFaults}, in place of the one before |
   * | `DELETE /faults` | nothing goes wrong any more |
   * | `POST /faults/rules` | adds the rule in the body, and gives its number |
   * | `DELETE /faults/rules/N` | takes a rule away |
   * | `POST /faults/rules/N/on`, `/off` | switches a rule; one that is off neither counts nor strikes |
   * | `GET /faults/log?limit=N` | what was done to whom: the newest strikes, oldest first |
   * | `POST /cutoff?date=ISO` | moves the cutoffs there |
   * | `POST /clock?to=ISO`, `?by=SECONDS`, `?speed=X` | puts the clock forward, see {@link Timekeeper}, or lets it run faster, slower, or stand at 0 |
   * | `POST /flow?ticker=T&per_second=N` | lets a quote of a market come and go, N deltas a second, in place of its maker; 0 ends it |
   * | `POST /freeze`, `/thaw` | holds what moves by itself |
   *
   * and those of {@link marketOperation}.
   */
  server(): Server {
    return createBoundedServer((request, response) => {
      this.#reply(request).then(
        ({ status, body, page }) => {
          if (page !== undefined) {
            const security = { "content-security-policy": page.policy, "referrer-policy": "no-referrer" };
            response.writeHead(status, { "content-type": "text/html; charset=utf-8", ...security }).end(page.html);
            return;
          }
          response.writeHead(status, { "content-type": "application/json" }).end(wireText(body));
        },
        () => response.destroy(),
      );
    });
  }

  async #reply(request: IncomingMessage): Promise<ControlReply> {
    const refused = whyRefused(request.headers);
    if (refused !== null) return { status: 403, body: { error: refused } };
    const sent = await readText(request);
    if (sent === null) return { status: 413, body: { error: "request body too large" } };
    try {
      const url = new URL(request.url ?? "/", "http://sandbox");
      if (request.method === "GET" && url.pathname === "/") {
        this.#page ??= readControlPage();
        return { status: 200, body: null, page: await this.#page };
      }
      const body = this.#answer(request.method ?? "GET", url.pathname, url.searchParams, sent);
      if (body === undefined) return { status: 404, body: { error: "unknown operation or market" } };
      return { status: 200, body };
    } catch (error) {
      const told = error instanceof KalshiError ? { code: error.code, hint: error.hint } : {};
      return { status: 400, body: { error: messageOf(error), ...told } };
    }
  }

  #answer(method: string, path: string, query: URLSearchParams, sent: string): Json | undefined {
    const { engine, limits, faults, stats } = this.#parts;
    switch (`${method} ${path}`) {
      case "GET /overview":
        return overview({ ...this.#parts, isFrozen: this.#isFrozen }, query);
      case "GET /replay":
        return this.#parts.replay?.();
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
        this.#isFrozen = true;
        return {};
      case "POST /thaw":
        engine.thaw();
        this.#isFrozen = false;
        return {};
      case "POST /clock":
        return this.#parts.time.operate(query);
      case "POST /cutoff":
        return this.#moveCutoff(query.get("date") ?? "");
      case "GET /stats":
        return { ...stats.describe(), ...limits.ledger(), faults: faults.describe() };
      case "DELETE /stats":
        stats.reset();
        limits.resetLedger();
        return {};
      default:
        return (
          faultOperation(faults, method, path, query, sent) ??
          marketOperation(engine, `${method} ${path}`, sent, this.#parts.operated)
        );
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

/** The body; null where it is too large to be any operation's. */
async function readText(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function tradeRow(trade: TradeRecord | null): Json {
  return trade === null ? null : { created_time: formatTime(trade.time), trade_id: trade.id };
}
