import { formatCount } from "../../units/count.js";
import { complement, DOLLAR, formatPrice } from "../../units/price.js";
import { DAY, formatTime, type Timestamp } from "../../units/time.js";
import type { Books, JsonObject, Leg, MarketRecord, Quote } from "../types.js";
import { isDetermined, type Status, statusOf } from "../world/lifecycle.js";
import { fittingQuote } from "../world/past/quotes.js";
import type { MemoryWorld } from "../world/world.js";

const EMPTY: Quote = { bid: 0, bidSize: 0, ask: DOLLAR, askSize: 0 };

/** A market as an answer has it at this moment. Its result stays unsaid until it is determined. */
export function marketWire(world: MemoryWorld, books: Books, market: MarketRecord): JsonObject {
  const now = world.clock.now();
  const status = statusOf(market, now);
  const found = world.found.get(market.ticker);
  if (found !== undefined && now >= found.from && now < found.to) return { ...market.wire, ...found.fields };
  return {
    ...market.wire,
    ...quoteFields(status, quoteOf(books, market)),
    ...figures(world, market, status, now),
    ...outcomeFields(market, status),
    mve_selected_legs: market.legs?.map((leg) => legWire(world, leg, now)),
    status,
  };
}

/** A leg of a combo. What it pays is told once it is determined. */
function legWire(world: MemoryWorld, { ticker, side }: Leg, now: Timestamp): JsonObject {
  const market = world.markets.get(ticker);
  const isKnown = market !== undefined && ["determined", "finalized"].includes(statusOf(market, now));
  return {
    event_ticker: market?.eventTicker,
    market_ticker: ticker,
    side,
    yes_settlement_value_dollars: isKnown ? formatPrice(market.outcome.value) : undefined,
  };
}

function quoteOf(books: Books, market: MarketRecord): Quote {
  const book = market.live ? books.book(market.ticker) : null;
  const told = book === null && market.live ? books.quote?.(market.ticker) : undefined;
  if (told != null) return told;
  const yes = book?.yes.at(-1);
  const no = book?.no.at(-1);
  return {
    bid: yes === undefined ? EMPTY.bid : yes[0],
    bidSize: yes === undefined ? 0 : yes[1],
    ask: no === undefined ? EMPTY.ask : complement(no[0]),
    askSize: no === undefined ? 0 : no[1],
  };
}

function quoteFields(status: Status, quote: Quote): JsonObject {
  // Before it opens a market shows no ask as nothing, afterwards as the whole dollar.
  const ask = status === "initialized" ? 0 : quote.ask;
  return {
    no_ask_dollars: formatPrice(complement(quote.bid)),
    no_bid_dollars: formatPrice(complement(ask)),
    yes_ask_dollars: formatPrice(ask),
    yes_ask_size_fp: formatCount(quote.askSize),
    yes_bid_dollars: formatPrice(quote.bid),
    yes_bid_size_fp: formatCount(quote.bidSize),
  };
}

function figures(world: MemoryWorld, market: MarketRecord, status: Status, now: Timestamp): JsonObject {
  const { lastPrice, volume, openInterest } = statsAt(world, market, status, now);
  const dayAgo = status === "finalized" ? undefined : world.trades.lastBefore(market.ticker, now - DAY);
  // Of real records no quotes are known.
  const quote = dayAgo === undefined || world.found.has(market.ticker) ? null : fittingQuote(market, dayAgo);
  return {
    last_price_dollars: formatPrice(lastPrice ?? 0),
    open_interest_fp: formatCount(openInterest),
    previous_price_dollars: formatPrice(dayAgo?.price ?? 0),
    previous_yes_ask_dollars: formatPrice(quote?.ask.close ?? 0),
    previous_yes_bid_dollars: formatPrice(quote?.bid.close ?? 0),
    volume_24h_fp: formatCount(world.trades.volumeBetween(market.ticker, now - DAY, now)),
    volume_fp: formatCount(volume),
  };
}

/** Figures as of now: kept ones where they are of now, else (real records under an earlier clock) from the trades so far. */
function statsAt(world: MemoryWorld, market: MarketRecord, status: Status, now: Timestamp) {
  if (market.live || status === "finalized" || !world.found.has(market.ticker)) return market.stats;
  return {
    lastPrice: world.trades.lastBefore(market.ticker, now)?.price ?? null,
    volume: world.trades.volumeBetween(market.ticker, 0, now),
    openInterest: 0,
  };
}

function outcomeFields(market: MarketRecord, status: Status): JsonObject {
  if (!isDetermined(status)) return { expiration_value: "", result: "" };
  return {
    expiration_value: market.outcome.observed,
    result: market.outcome.result,
    settlement_ts: status === "finalized" ? formatTime(market.settledTime) : undefined,
    settlement_value_dollars: formatPrice(market.outcome.value),
  };
}
