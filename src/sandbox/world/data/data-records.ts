import { DOLLAR } from "../../../units/price.js";
import { formatTime, type Timestamp } from "../../../units/time.js";
import type {
  EventRecord,
  Json,
  JsonObject,
  MarketRecord,
  Outcome,
  PriceBand,
  SeriesRecord,
  TradeRecord,
} from "../../types.js";
import { Random } from "../random.js";
import { DataLine } from "./data-lines.js";

/** After every moment that a clock can show: when what has not happened in the data happens. */
export const NEVER: Timestamp = Number.MAX_SAFE_INTEGER;

/** Fields of a market that change during its life. Those of a settled market are served as the folder has them. */
const CHANGING: ReadonlySet<string> = new Set([
  "expiration_value",
  "last_price_dollars",
  "no_ask_dollars",
  "no_bid_dollars",
  "open_interest_fp",
  "previous_price_dollars",
  "previous_yes_ask_dollars",
  "previous_yes_bid_dollars",
  "result",
  "settlement_ts",
  "settlement_value_dollars",
  "status",
  "volume_24h_fp",
  "volume_fp",
  "yes_ask_dollars",
  "yes_ask_size_fp",
  "yes_bid_dollars",
  "yes_bid_size_fp",
]);

/** A series as the folder has it. What the wire demands and the line lacks is filled with what claims nothing. */
export function readSeries(line: DataLine): SeriesRecord {
  const category = line.text("category");
  const empty = { additional_prohibitions: null, settlement_sources: null, tags: null };
  const texts = { contract_terms_url: "", contract_url: "" };
  return {
    ticker: line.text("ticker"),
    category,
    feeType: line.text("fee_type"),
    feeMultiplier: line.numeric("fee_multiplier"),
    wire: { ...empty, ...texts, categories: [category], ...wireOf(line) },
  };
}

export function readEvent(line: DataLine): EventRecord {
  return {
    ticker: line.text("event_ticker"),
    seriesTicker: line.text("series_ticker"),
    wire: { settlement_sources: null, ...wireOf(line) },
  };
}

/** A market as the folder has it, with its changing fields apart. One that is not settled there settles never. */
export function readMarket(
  line: DataLine,
  event: EventRecord,
  seed: string,
): { readonly market: MarketRecord; readonly fields: JsonObject } {
  const ticker = line.text("ticker");
  const openTime = line.time("open_time");
  const settled = settledTime(line);
  const wire = wireOf(line);
  const changing = Object.entries(wire).filter(([name]) => CHANGING.has(name));
  const filled = {
    created_time: line.text("open_time"),
    settlement_bounds_type: "default",
    updated_time: line.has("expected_expiration_time") ? line.text("expected_expiration_time") : line.text("open_time"),
  };
  const market: MarketRecord = {
    ticker,
    eventTicker: event.ticker,
    seriesTicker: event.seriesTicker,
    marketId: new Random(`${seed}/${ticker}`).uuid(),
    createdTime: line.has("created_time") ? line.time("created_time") : openTime,
    openTime,
    closeTime: line.time("close_time"),
    determinedTime: settled,
    settledTime: settled,
    outcome: settled === NEVER ? { result: "no", value: 0, observed: "" } : readOutcome(line),
    grid: readGrid(line),
    live: false,
    stats: {
      lastPrice: line.price("last_price_dollars") || null,
      volume: line.count("volume_fp"),
      openInterest: line.count("open_interest_fp"),
      yesBid: line.price("yes_bid_dollars"),
      yesAsk: line.price("yes_ask_dollars"),
    },
    wire: { ...filled, ...Object.fromEntries(Object.entries(wire).filter(([name]) => !CHANGING.has(name))) },
  };
  const sizes = { yes_ask_size_fp: "0.00", yes_bid_size_fp: "0.00" };
  const paid = settled === NEVER || line.has("settlement_ts") ? {} : { settlement_ts: formatTime(settled) };
  return { market, fields: { ...sizes, ...paid, ...Object.fromEntries(changing) } };
}

/** A public trade as the folder has it. */
export function readTrade(line: DataLine): TradeRecord {
  const taker = line.text(line.has("taker_outcome_side") ? "taker_outcome_side" : "taker_side");
  if (taker !== "yes" && taker !== "no")
    throw line.broken(`the taker's side is ${JSON.stringify(taker)}, not yes or no`);
  return {
    id: line.text("trade_id"),
    ticker: line.text("ticker"),
    price: line.price("yes_price_dollars"),
    count: line.count("count_fp"),
    taker,
    time: line.time("created_time"),
    isBlock: line.object.is_block_trade === true,
  };
}

/** The line is JSON already; only the type says so anew. */
function wireOf(line: DataLine): JsonObject {
  return line.object as { readonly [key: string]: Json };
}

/** When it was paid: stated, else when that was expected. Never for a market that the data shows unsettled. */
function settledTime(line: DataLine): Timestamp {
  if (line.text("status") !== "finalized") return NEVER;
  if (line.has("settlement_ts")) return line.time("settlement_ts");
  return Math.max(line.time("expected_expiration_time"), line.time("close_time"));
}

function readOutcome(line: DataLine): Outcome {
  const result = line.text("result");
  if (result !== "yes" && result !== "no" && result !== "scalar") {
    throw line.broken(`a finalized market with the result ${JSON.stringify(result)}`);
  }
  const plain = result === "yes" ? DOLLAR : 0;
  const stated = line.has("settlement_value_dollars") || result === "scalar";
  return {
    result,
    value: stated ? line.price("settlement_value_dollars") : plain,
    observed: line.text("expiration_value"),
  };
}

function readGrid(line: DataLine): readonly PriceBand[] {
  const ranges = line.object.price_ranges;
  if (!Array.isArray(ranges) || ranges.length === 0) throw line.broken("`price_ranges` should be a list of bands");
  return ranges.map((range: unknown) => {
    if (typeof range !== "object" || range === null) throw line.broken("`price_ranges` should be a list of bands");
    const band = new DataLine(line.file, line.number, range as Readonly<Record<string, unknown>>);
    return { start: band.price("start"), end: band.price("end"), step: band.price("step") };
  });
}
