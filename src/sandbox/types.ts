import type { Count } from "../units/count.js";
import type { Amount } from "../units/money.js";
import type { Price } from "../units/price.js";
import type { Clock, Timestamp } from "../units/time.js";

/** A value as JSON has it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** An object on the wire. Undefined fields are left out, keys are sorted when sent. */
export type JsonObject = { readonly [key: string]: Json | undefined };

/** One band of a price grid, in micro-dollars. */
export interface PriceBand {
  readonly start: Price;
  readonly end: Price;
  readonly step: Price;
}

/** A series; `wire` holds every field that never changes, as sent. */
export interface SeriesRecord {
  readonly ticker: string;
  readonly category: string;
  readonly feeType: string;
  readonly feeMultiplier: number;
  readonly wire: JsonObject;
}

/** An event; `wire` holds every field that never changes, as sent. */
export interface EventRecord {
  readonly ticker: string;
  readonly seriesTicker: string;
  readonly wire: JsonObject;
}

/** One of the markets that a combo is made of, and which side of it has to come true. */
export interface Leg {
  readonly ticker: string;
  readonly side: "yes" | "no";
}

/** How a market ends. */
export interface Outcome {
  readonly result: "yes" | "no" | "scalar";
  /** Payout of one YES contract. */
  readonly value: Price;
  /** The observed value as text, or "". */
  readonly observed: string;
}

/**
 * What changes about a market by trading; sizes and quotes of live markets are read from their book instead.
 * `TradeLog.append` sets `lastPrice`, adds to `volume`, and takes `openInterest` over from a trade that states it; whoever
 * appends changes none of the three. `yesBid` and `yesAsk` are the last quotes of markets without a book.
 */
export interface MarketStats {
  lastPrice: Price | null;
  volume: Count;
  openInterest: Count;
  yesBid: Price | null;
  yesAsk: Price | null;
}

/** A change of a series' fees, in force from its time on. */
export interface SeriesFeeChange {
  readonly id: string;
  readonly seriesTicker: string;
  readonly feeType: string;
  readonly feeMultiplier: number;
  readonly time: Timestamp;
}

/** A change of an event's own fees, which beat those of its series; nulls end the override. */
export interface EventFeeChange {
  readonly id: string;
  readonly eventTicker: string;
  readonly seriesTicker: string;
  readonly feeType: string | null;
  readonly feeMultiplier: number | null;
  readonly time: Timestamp;
}

/** All changes of fees, past and announced. Each list is in the order of its times. */
export interface FeeChanges {
  readonly series: readonly SeriesFeeChange[];
  readonly events: readonly EventFeeChange[];
}

/**
 * A market: what it is, when it lives, and how it will end (known to the world, told to nobody before its time).
 *
 * What is not read-only may change during its life; the engine's operations on markets change it, nobody else.
 */
export interface MarketRecord {
  readonly ticker: string;
  readonly eventTicker: string;
  readonly seriesTicker: string;
  readonly marketId: string;
  readonly createdTime: Timestamp;
  readonly openTime: Timestamp;
  closeTime: Timestamp;
  /** When the result is known; the market is `determined` from here. */
  determinedTime: Timestamp;
  /** When it is paid; `finalized` from here. */
  settledTime: Timestamp;
  outcome: Outcome;
  grid: readonly PriceBand[];
  /** Taken out of trading while it is open: `inactive`. */
  paused?: boolean;
  /** What became of its result after it was determined. */
  contest?: "disputed" | "amended";
  /** When anything but trading changed it last; absent where nothing did since its creation. */
  updatedTime?: Timestamp;
  /** True when the engine keeps a book for it: orders, deltas and makers exist. Archived and real-data markets have none. */
  readonly live: boolean;
  /** Of a combo, what it is made of; absent for all other markets. */
  readonly legs?: readonly Leg[] | undefined;
  /** Volatile figures, kept by the trade log and the engine. */
  readonly stats: MarketStats;
  /** Every field that trading does not change, as sent. */
  wire: JsonObject;
}

/** Where a trade stands in the order of its tier. */
export interface TradeKey {
  readonly time: Timestamp;
  readonly id: string;
}

/** A public trade. */
export interface TradeRecord {
  readonly id: string;
  readonly ticker: string;
  /** YES price. */
  readonly price: Price;
  readonly count: Count;
  /** What the taker became long of. */
  readonly taker: "yes" | "no";
  readonly time: Timestamp;
  readonly isBlock: boolean;
  /** Contracts held by somebody after this trade; absent where nobody knows, as in a folder of real records. */
  readonly openInterest?: Count | undefined;
}

export interface TradeQuery {
  readonly ticker?: string | undefined;
  /** Included. */
  readonly from?: Timestamp | undefined;
  /** Excluded. */
  readonly to?: Timestamp | undefined;
  /** Only trades that come after this one in the order, newest first. */
  readonly before?: TradeKey | undefined;
  readonly isBlock?: boolean | undefined;
  readonly limit: number;
}

/** All public trades, generated, read from a folder, or made by the engine. */
export interface TradeLog {
  append(trade: TradeRecord): void;
  /** Newest first: time, then id, both descending. */
  page(query: TradeQuery): readonly TradeRecord[];
  /** One market's trades in [from, to), oldest first; none of a bulk market, which has too many. */
  between(ticker: string, from: Timestamp, to: Timestamp): readonly TradeRecord[];
  /** What the trades of a market so far have cost in all, and the contracts of the last. */
  turnover(ticker: string): Turnover;
}

export interface Turnover {
  readonly dollars: Amount;
  readonly lastCount: Count;
}

/** The four boundaries between live and historical tier, each a midnight UTC. */
export interface Cutoffs {
  readonly marketSettled: Timestamp;
  readonly tradesCreated: Timestamp;
  readonly ordersUpdated: Timestamp;
  readonly positionsUpdated: Timestamp;
}

/** What exists and what has happened, on the sandbox's own clock. Made by the generator, or from a folder of real records. */
export interface World {
  readonly seed: string;
  /** Tells this world from others; a restart of the same world has the same name. */
  readonly name: string;
  readonly clock: Clock;
  readonly series: ReadonlyMap<string, SeriesRecord>;
  readonly events: ReadonlyMap<string, EventRecord>;
  readonly markets: ReadonlyMap<string, MarketRecord>;
  readonly trades: TradeLog;
  readonly feeChanges: FeeChanges;
  marketsOf(eventTicker: string): readonly MarketRecord[];
  cutoffs(): Cutoffs;
  /** Adds what a running world brings forth, such as the next quick event of `SANDBOX`. */
  add(event: EventRecord, markets: readonly MarketRecord[]): void;
}

/** The money side of one key holder. Owned by the engine; the server only needs its id and key. */
export interface AccountRef {
  readonly userId: string;
  readonly keyId: string;
}

/** One answer to one request. `body` undefined sends none (204). */
export interface Reply {
  readonly status: number;
  readonly body?: Json | undefined;
  /** The body as JSON text, instead of `body`, where it is built without an object for each row. */
  readonly text?: string | undefined;
  /** Of `text`, where it is no JSON. */
  readonly contentType?: string | undefined;
}

export interface SandboxRequest {
  readonly method: string;
  /** Below `/trade-api/v2`. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON, or undefined without a body. */
  readonly body: unknown;
  /** Who signed; null for an unsigned call to a public endpoint. */
  readonly account: AccountRef | null;
  /** The one subaccount that the signing key may see; absent when it may see all. */
  readonly lockedTo?: number | undefined;
  readonly world: World;
}

/** One operation of the REST surface, as a row of a table that the server dispatches on. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With colon parameters: `/markets/:ticker/orderbook`. */
  readonly path: string;
  readonly access: "public" | "signed";
  readonly bucket: "read" | "write";
  /** Tokens; a function for batches. */
  readonly cost: number | ((body: unknown) => number);
  handle(request: SandboxRequest): Reply | Promise<Reply>;
}

/** One side of a book as sent: levels ascending by price, best last; NO levels in NO prices. */
export type Levels = readonly (readonly [Price, Count])[];

export interface BookView {
  readonly yes: Levels;
  readonly no: Levels;
}

/** What one member alone is told, of one of its subaccounts. */
interface OwnEvent {
  readonly userId: string;
  readonly subaccount: number;
  readonly message: JsonObject;
}

/** What the engine tells whoever listens: the socket channels, the world's figures, the log of what was sent. */
export type EngineEvent =
  | {
      readonly type: "delta";
      readonly ticker: string;
      readonly side: "yes" | "no";
      /** In the side's own price. */
      readonly price: Price;
      readonly delta: Count;
      readonly time: Timestamp;
      readonly cause?:
        | { readonly userId: string; readonly clientOrderId: string; readonly subaccount?: number }
        | undefined;
    }
  | { readonly type: "wiped"; readonly ticker: string; readonly time: Timestamp }
  /** A message of a recording, to be passed on as it is. The two differ by the prices of NO levels. */
  | {
      readonly type: "recorded";
      readonly channel:
        | "orderbook_delta"
        | "ticker"
        | "trade"
        | "market_lifecycle_v2"
        | "multivariate_market_lifecycle";
      /** The message's own type. */
      readonly frame: string;
      readonly ticker: string | null;
      readonly message: JsonObject;
      readonly yesPriceMessage: JsonObject;
    }
  | { readonly type: "trade"; readonly trade: TradeRecord }
  | { readonly type: "ticker"; readonly ticker: string; readonly time: Timestamp }
  | (OwnEvent & { readonly type: "fill" | "order" | "position"; readonly ticker: string })
  | (OwnEvent & { readonly type: "order_group" })
  /** A market was created, paused, goes on, closes at another time, is determined or paid. `combo` decides the channel. */
  | { readonly type: "lifecycle"; readonly ticker: string; readonly combo: boolean; readonly message: JsonObject }
  | { readonly type: "event_lifecycle"; readonly combo: boolean; readonly message: JsonObject }
  | { readonly type: "event_fee_update"; readonly message: JsonObject };

/** The part of the engine that the public side needs: books, and what happens to them. */
export interface Books {
  /** Null for a market without a book. */
  book(ticker: string): BookView | null;
  on(listener: (event: EngineEvent) => void): () => void;
}
