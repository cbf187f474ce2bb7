import type { ColumnTable } from "arquero";
import { withCellSignal } from "../client/cell-signal.js";
import { type Client, isLoopback } from "../client/http.js";
import { type CompactAsk, type Compacted, compactLibrary } from "../datasets/library/compact.js";
import { type DropAsk, type Dropped, dropFromLibrary } from "../datasets/library/drop.js";
import type { LockOptions } from "../datasets/library/lock-library.js";
import { libraryFolder } from "../datasets/library/place.js";
import type { Verified } from "../datasets/verify/fault.js";
import { verifyFolder } from "../datasets/verify/verify-folder.js";
import { KalshiError } from "../errors.js";
import { getExchangeStatus, getUserDataTimestamp } from "../exchange/operations/exchange.js";
import { balanceFrame } from "../frames/balance.js";
import { candlesticksFrame } from "../frames/candlesticks.js";
import { eventsFrame } from "../frames/events.js";
import { fillsFrame } from "../frames/fills.js";
import type { Frame } from "../frames/frame.js";
import { marketsFrame } from "../frames/markets.js";
import { ordersFrame } from "../frames/orders.js";
import { positionsFrame } from "../frames/positions.js";
import { seriesFrame } from "../frames/series.js";
import { settlementsFrame } from "../frames/settlements.js";
import { tradesFrame } from "../frames/trades.js";
import type { HistoryCache } from "../history/cache.js";
import { type Interval, routeCandlesticks } from "../history/candlesticks.js";
import type { Plan } from "../history/plan.js";
import type { Reach } from "../history/resolve.js";
import { routeMarkets, routeTrades } from "../history/route.js";
import { routeEvents, routeSeries } from "../history/route-catalogue.js";
import { routeBalance, routeFills, routeOrders, routePositions, routeSettlements } from "../history/route-own.js";
import { readSelection, refuseUndefined, type Selection, type SelectionInput } from "../history/selection.js";
import { type Live, openLive } from "../recorder/live.js";
import { type Recorder, startRecorder } from "../recorder/record.js";
import { systemClock, type Timestamp } from "../units/time.js";
import { accountName } from "./account-name.js";
import { type Api, apiOf } from "./api.js";
import { askedTickers } from "./asked-tickers.js";
import type { Cache } from "./cache.js";
import type { Environment } from "./environment.js";
import { Fees } from "./fees.js";
import {
  checkLiveAsk,
  checkRecordAsk,
  type LiveAsk,
  type LiveReadAsk,
  namesNothing,
  type RecordAsk,
} from "./live-ask.js";
import { fetchOrderbook, fetchOrderbooks } from "./orderbooks.js";
import { Query, type QueryOptions, requireSelection } from "./query.js";
import { type AccountReconciliation, type ReconcileAsk, reconcileAccount } from "./reconciliation.js";
import type { SandboxProcess } from "./sandbox-process.js";
import { search } from "./search.js";
import { type SqlOptions, SqlQuery } from "./sql.js";
import type { SyncAsk, SyncReport } from "./sync/ask-and-report.js";
import { syncLibrary } from "./sync/sync.js";
import { Trading } from "./trading.js";

export type { LiveAsk, LiveReadAsk, RecordAsk } from "./live-ask.js";

/** A question's subject and its options together. */
export type Ask = SelectionInput & QueryOptions;

export interface CandlestickAsk extends Ask {
  /** Minutes of a candle; default 60. */
  readonly period?: Interval | undefined;
}

interface LabParts {
  readonly client: Client;
  readonly wsUrl: string;
  readonly env: Environment;
  readonly sandbox: SandboxProcess | null;
  readonly cache: Cache;
}

/** Records of one's own account. */
const ownFrames: ReadonlySet<Frame> = new Set<Frame>([
  fillsFrame,
  ordersFrame,
  positionsFrame,
  settlementsFrame,
  balanceFrame,
]);

/** What everybody may see of the historical tier. */
const archivedFrames: ReadonlySet<Frame> = new Set<Frame>([tradesFrame, candlesticksFrame, marketsFrame]);

const ALL_CHANNELS = ["orderbook_delta", "trade", "ticker"] as const;

/** What a notebook holds: one method per thing a researcher asks for. Made by {@link connect}. */
export class Lab implements AsyncDisposable {
  readonly env: Environment;
  readonly client: Client;
  /** Orders. @see Trading */
  readonly trading: Trading;
  /** Fees by the exchange's own schedule. @see Fees */
  readonly fees: Fees;
  /** What of history can no longer change, kept on disk and asked once. */
  readonly cache: Cache;
  readonly #parts: LabParts;
  #api: Api | null = null;
  /** How to end what live and record have opened. Ending twice is no harm. */
  readonly #open = new Set<() => Promise<unknown>>();

  constructor(parts: LabParts) {
    this.env = parts.env;
    this.client = parts.client;
    this.trading = new Trading(parts.client);
    this.fees = new Fees(parts.client, () => this.#now());
    this.cache = parts.cache;
    this.#parts = parts;
  }

  /** All series, or the named ones. @see GET /series */
  series(ask: Ask = {}): Query<typeof seriesFrame> {
    return this.#query(seriesFrame, ask, (selection, reach) => routeSeries(this.client, selection, reach));
  }

  /** Events of a series, or the named ones. @throws KalshiError `EVENT_NOT_FOUND`, `SERIES_NOT_FOUND` @see GET /events */
  events(ask: Ask = {}): Query<typeof eventsFrame> {
    return this.#query(eventsFrame, ask, (selection, reach) => routeEvents(this.client, selection, reach));
  }

  /**
   * Markets of both tiers; `from` and `to` select by closing time.
   *
   * @throws KalshiError `MARKET_NOT_FOUND`, `EVENT_NOT_FOUND`, `SERIES_NOT_FOUND`
   * @see GET /markets, GET /historical/markets
   */
  markets(ask: Ask = {}): Query<typeof marketsFrame> {
    return this.#query(marketsFrame, ask, (selection, reach) => routeMarkets(this.client, selection, reach));
  }

  /**
   * Public trades, oldest first, one row per trade. Reads both sides of the cutoff; a trade present on both appears once.
   *
   * @throws KalshiError `MARKET_NOT_FOUND`, `EVENT_NOT_FOUND`, `SERIES_NOT_FOUND`, `RATE_LIMITED`
   * @see GET /markets/trades, GET /historical/trades
   */
  trades(ask: Ask = {}): Query<typeof tradesFrame> {
    return this.#query(tradesFrame, ask, (selection, reach) => routeTrades(this.client, selection, reach));
  }

  /**
   * Candles of both tiers in one schema, oldest first; `from` and `to` select by a candle's start.
   *
   * @throws KalshiError `MARKET_NOT_FOUND`, `EVENT_NOT_FOUND`, `SERIES_NOT_FOUND`, `BAD_ARGUMENT`
   * @see GET /markets/candlesticks, GET /historical/markets/{ticker}/candlesticks
   */
  candlesticks(ask: CandlestickAsk): Query<typeof candlesticksFrame> {
    const { period = 60 } = ask;
    if (period !== 1 && period !== 60 && period !== 1440) {
      throw new KalshiError("BAD_ARGUMENT", `no candles of ${String(period)} minutes`, {
        hint: "period is 1, 60 or 1440 minutes",
        context: { period },
      });
    }
    return this.#query(candlesticksFrame, ask, async (selection, reach) => {
      requireSelection(
        "candlesticks",
        selection.tickers.length + selection.events.length + selection.series.length > 0,
      );
      return routeCandlesticks(this.client, selection, period, await this.#now(), reach);
    });
  }

  /** Own fills of both tiers, oldest first. @see GET /portfolio/fills, GET /historical/fills */
  fills(ask: Ask = {}): Query<typeof fillsFrame> {
    return this.#query(fillsFrame, ask, (selection, reach) => routeFills(this.client, selection, reach));
  }

  /** Own orders of both tiers by creation, oldest first. @see GET /portfolio/orders, GET /historical/orders */
  orders(ask: Ask = {}): Query<typeof ordersFrame> {
    return this.#query(ordersFrame, ask, (selection, reach) => routeOrders(this.client, selection, reach));
  }

  /** Own positions of every subaccount, settled ones included. @see GET /portfolio/positions, GET /historical/positions */
  positions(ask: Ask = {}): Query<typeof positionsFrame> {
    return this.#query(positionsFrame, ask, (selection, reach) => routePositions(this.client, selection, reach));
  }

  /** Own settlements of every subaccount, oldest first. @see GET /portfolio/settlements */
  settlements(ask: Ask = {}): Query<typeof settlementsFrame> {
    return this.#query(settlementsFrame, ask, (selection, reach) => routeSettlements(this.client, selection, reach));
  }

  /** The account's money, one row. @see GET /portfolio/balance */
  balance(options: QueryOptions = {}): Query<typeof balanceFrame> {
    return this.#query(balanceFrame, options, () => routeBalance());
  }

  /**
   * Our figures of the whole account beside the exchange's positions, settlements and balance, each difference with the fills behind it.
   *
   * The balance is compared while no order rests, or with the money behind them given; else its lines say what is missing for them.
   *
   * @throws KalshiError `KEY_MISSING`, `KEY_REFUSED`, `BAD_RECORD`
   * @see reconcile
   */
  reconcile(ask: ReconcileAsk = {}): Promise<AccountReconciliation> {
    return reconcileAccount(this, ask);
  }

  /**
   * The order book of one market now, one row per level. @throws KalshiError `MARKET_NOT_FOUND` @see GET /markets/{ticker}/orderbook
   */
  async orderbook(ask: { readonly ticker: string; readonly depth?: number }): Promise<ColumnTable> {
    const [ticker = ""] = readSelection({ ticker: ask.ticker }, 0).tickers;
    return fetchOrderbook(this.client, ticker, ask.depth);
  }

  /** Order books of several markets now, one row per level. @throws KalshiError `MARKET_NOT_FOUND` @see GET /markets/orderbooks */
  async orderbooks(ask: Omit<LiveAsk, "channels">): Promise<ColumnTable> {
    return fetchOrderbooks(this.client, await askedTickers(this.client, ask), ask.signal);
  }

  /**
   * SQL over the library of datasets, recordings, files and tables: `await lab.sql("SELECT …")` gives the table, `.save(path)` writes it to a file.
   *
   * The engine is DuckDB. A view for each kind of dataset in the library (`trades`, `candlesticks`, `markets`, …) has the columns of its table,
   * and those of its folders (`series`, `date`); a recording's views stand behind its name (`today.quotes`). Asks no exchange.
   *
   * @throws KalshiError `BAD_SQL` with line and column, `BAD_ARGUMENT` for what is no query
   */
  sql(statement: string, options: SqlOptions = {}): SqlQuery {
    return new SqlQuery(statement, options);
  }

  /**
   * Brings the library of datasets up to date: a folder of Parquet files, `kind=trades/series=…/date=…`, that any engine reads by itself.
   *
   * Named series and kinds are kept from then on; without any, all that is kept is brought up to date. Only what is new is asked, and what
   * can have changed; each record stands once, whenever it is stopped; one sync waits for another. What the exchange tells otherwise than
   * before is in `amendments`, what it does not tell any more in `vanished`.
   *
   * @throws KalshiError `BAD_ARGUMENT`, `CHECKPOINT_MISMATCH` for a library of another exchange or account, `FOLDER_LOCKED` with `wait: false`,
   * `SERIES_NOT_FOUND`, `KEY_MISSING`, `INTERRUPTED`, `FILE_UNREADABLE`, `DISK_FULL`
   */
  sync(ask: SyncAsk = {}): Promise<SyncReport> {
    const seriesOf = (given: string | readonly string[]) => readSelection({ series: given }, 0).series;
    return syncLibrary(
      { lab: this, now: () => this.#now(), identity: () => this.#identity(fillsFrame), seriesOf },
      ask,
    );
  }

  /**
   * Checks every data file below a folder (the library's, unless told) against its manifest, and a library's records: see `faults`.
   *
   * @throws KalshiError `FILE_NOT_FOUND`, `FOLDER_LOCKED` with `wait: false`, `INTERRUPTED`
   */
  verify(dir?: string, options: LockOptions = {}): Promise<Verified> {
    return verifyFolder(libraryFolder(dir, process.env), options);
  }

  /**
   * Merges the small files of each partition of the library, as many syncs leave them.
   *
   * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FOLDER_LOCKED` with `wait: false`, `INTERRUPTED`, `DISK_FULL`
   */
  compact(ask: CompactAsk = {}): Promise<Compacted> {
    return compactLibrary(ask);
  }

  /**
   * Removes series, or records of the account, from the library, and keeps them up to date no more: `lab.drop({ series: "KXFED" })`.
   *
   * @throws KalshiError `FILE_NOT_FOUND`, `BAD_ARGUMENT`, `FOLDER_LOCKED` with `wait: false`, `INTERRUPTED`, `DISK_FULL`
   */
  drop(ask: DropAsk): Promise<Dropped> {
    return dropFromLibrary(ask);
  }

  /** Series, events and open markets by words, the best fitting first. */
  search(text: string, signal?: AbortSignal): Promise<ColumnTable> {
    return search(this.client, text, signal);
  }

  /**
   * What happens on channels, as {@link BookEvent}s: `for await (const event of await lab.live({ ticker }))`. Ends with `close()` or the
   * signal.
   *
   * Of a series or an event those markets that are open now; `addMarkets` and `deleteMarkets` of what it gives change them, and all of it
   * comes over one connection as long as the exchange's limits allow. Channels other than books may be asked for without a market: they
   * then tell of all of them.
   *
   * @throws KalshiError `KEY_MISSING`, `KEY_REFUSED`, `MARKET_NOT_FOUND`, `CHANNEL_REFUSED`, `BAD_ARGUMENT`
   */
  async live(ask: LiveReadAsk): Promise<Live> {
    checkLiveAsk(ask);
    const { channels = ALL_CHANNELS } = ask;
    const isForAll = ask.channels !== undefined && !channels.includes("orderbook_delta") && namesNothing(ask);
    const live = await openLive({
      ...this.#socket(),
      tickers: isForAll ? [] : await askedTickers(this.client, ask),
      channels,
      useYesPrice: ask.useYesPrice,
      stallMs: ask.stallMs,
      onSlow: ask.onSlow,
      maxWaiting: ask.maxWaiting,
      maxWaitingBytes: ask.maxWaitingBytes,
      signal: withCellSignal(ask.signal),
    });
    this.#open.add(() => live.close());
    return live;
  }

  /**
   * Records every frame byte for byte into a folder until stopped; {@link openRecording} reads it, also while it grows.
   *
   * Of an event or a series every market is recorded that is not closed, from before it opens until after its end: new ones are heard of on
   * the lifecycle channel, which is recorded too, and looked for by REST. Named markets are recorded besides.
   *
   * @throws KalshiError `KEY_MISSING`, `KEY_REFUSED`, `MARKET_NOT_FOUND`, `EVENT_NOT_FOUND`, `SERIES_NOT_FOUND`, `FOLDER_LOCKED`, `DISK_FULL`,
   * `BAD_ARGUMENT`
   */
  async record(ask: RecordAsk): Promise<Recorder> {
    checkRecordAsk(ask);
    const { ticker, tickers, event, series, channels = ALL_CHANNELS, compareMs = 300_000, ...options } = ask;
    const selection = readSelection({ ticker, tickers, event, series }, 0);
    requireSelection("books", selection.tickers.length + selection.events.length + selection.series.length > 0);
    const recorder = await startRecorder({
      ...options,
      signal: withCellSignal(ask.signal),
      ...this.#socket(),
      tickers:
        selection.tickers.length === 0
          ? []
          : await askedTickers(this.client, { tickers: selection.tickers, signal: ask.signal }),
      events: selection.events,
      series: selection.series,
      channels,
      client: this.client,
      exchangeTime: () => this.#now(),
      compareMs,
    });
    this.#open.add(() => recorder.stop());
    return recorder;
  }

  /** The exchange's own present: wall time, or the sandbox's clock. Relative times such as "-7d" count from it. */
  async now(): Promise<Date> {
    return new Date((await this.#now()) / 1000);
  }

  /** Every REST operation of the exchange as it is, one request each, or page by page. @see Api */
  get api(): Api {
    this.#api ??= apiOf(this.client);
    return this.#api;
  }

  /** Ends what it opened: live connections, recorders with everything synced, requests, and the sandbox when this lab started it. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#open].map((end) => end()));
    this.#open.clear();
    await this.client.close();
    await this.#parts.sandbox?.close();
  }

  /** `await using lab = await connect()` ends it with the block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The sandbox that this lab started, or null. */
  get sandbox(): SandboxProcess | null {
    return this.#parts.sandbox;
  }

  #query<F extends Frame>(frame: F, ask: Ask, route: (selection: Selection, reach: Reach) => Promise<Plan>): Query<F> {
    const { numbers, extra, signal, onProgress, ...subject } = ask;
    refuseUndefined(subject);
    return new Query({
      frame,
      client: this.client,
      key: async () => JSON.stringify({ noun: frame.noun, ...(await this.#identity(frame)), ...subject, extra }),
      now: () => this.#now(),
      cache: async () => (archivedFrames.has(frame) ? this.#cache() : null),
      plan: async (reach) => {
        if (ownFrames.has(frame)) this.#signer(`${frame.noun} records`);
        return route(readSelection(subject, await this.#nowFor(subject)), reach);
      },
      relative: isRelative(subject),
      options: { numbers, extra, signal, onProgress },
      invented: this.env !== "production",
    });
  }

  /** Only relative times need to know what time it is there. */
  async #nowFor(subject: SelectionInput): Promise<Timestamp> {
    return isRelative(subject) ? this.#now() : systemClock.now();
  }

  /** Which exchange a download is begun against, and for own records whose they are: nothing else may go on with it. */
  async #identity(frame: Frame): Promise<{ exchange: string; account: string | null }> {
    // A sandbox that we start has a key of its own each time, for the one account of its world.
    const own = ownFrames.has(frame) && this.#parts.sandbox === null;
    return {
      exchange: this.env === "sandbox" ? await this.#world() : this.client.baseUrl,
      account: own && this.client.signer !== null ? accountName(this.client.signer.keyId) : null,
    };
  }

  /** What is kept of this very exchange; null where the cache is off, or it cannot be told which exchange this is. */
  async #cache(): Promise<HistoryCache | null> {
    if (this.cache.dir === null) return null;
    const { baseUrl } = this.client;
    if (this.env === "sandbox") {
      const world = await this.#world();
      return world === baseUrl ? null : this.cache.of(world);
    }
    // What stands on this machine is not the exchange itself, and another may stand there tomorrow.
    const { host, hostname } = new URL(baseUrl);
    return isLoopback(hostname) ? null : this.cache.of(host);
  }

  /** A sandbox says in its status which world it serves; its address changes with every start. */
  async #world(): Promise<string> {
    const { exchange_index_statuses: shards } = await getExchangeStatus(this.client);
    return shards?.[0]?.description ?? this.client.baseUrl;
  }

  async #now(): Promise<Timestamp> {
    if (this.env !== "sandbox") return systemClock.now();
    return (await getUserDataTimestamp(this.client)).as_of_time;
  }

  #socket(): { url: string; signer: NonNullable<Client["signer"]> } {
    return { url: this.#parts.wsUrl, signer: this.#signer("live data, whatever the channel") };
  }

  /** Said before anything is asked or written. */
  #signer(what: string): NonNullable<Client["signer"]> {
    const { signer } = this.client;
    if (signer !== null) return signer;
    throw new KalshiError("KEY_MISSING", `there is no key, and the exchange asks for one for ${what}`, {
      hint: "set KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY_PATH, or pass keyId and privateKeyPath to connect()",
    });
  }
}

/** Whether a span counts from the present: "-7d". */
function isRelative({ from, to }: SelectionInput): boolean {
  return [from, to].some((time) => typeof time === "string" && time.trim().startsWith("-"));
}
