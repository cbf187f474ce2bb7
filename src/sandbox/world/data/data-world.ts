import { type Clock, HOUR, parseTime, type Timestamp } from "../../../units/time.js";
import type { JsonObject, MarketRecord, TradeRecord } from "../../types.js";
import { SANDBOX_SERIES } from "../series/series-sandbox.js";
import { cutoffsAt } from "../tiers.js";
import { type FoundState, MemoryWorld } from "../world.js";
import { type DataLine, eachLine } from "./data-lines.js";
import { NEVER, readEvent, readMarket, readSeries, readTrade } from "./data-records.js";

export interface DataOptions {
  readonly folder: string;
  /** Boundary between the tiers, RFC 3339; the middle of the data in time when absent. Floored to midnight UTC. */
  readonly cutoff?: string | undefined;
  readonly seed: string;
  /** Makes the world's clock once the end of the data is known. */
  readonly clockFrom: (end: Timestamp) => Clock;
}

/**
 * A world of real records, served as they are. By the end of the data everything in the folder has happened: it is the last trade or
 * settlement, rounded up to the hour.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `BAD_LINE`, `BAD_TIME`
 */
export async function loadDataWorld(options: DataOptions): Promise<MemoryWorld> {
  const { folder, seed } = options;
  let clock: Clock = { now: () => 0 };
  let boundary = options.cutoff === undefined ? 0 : parseTime(options.cutoff);
  const cutoffs = (now: Timestamp) => cutoffsAt(boundary, now);
  const world = new MemoryWorld({ seed, clock: { now: () => clock.now() }, cutoffs });
  const changing = new Map<string, JsonObject>();
  world.content.push(
    await eachLine(folder, "series.ndjson", (line) => addSeries(world, line)),
    await eachLine(folder, "events.ndjson", (line) => addEvent(world, line)),
    await eachLine(folder, "markets.ndjson", (line) => addMarket(world, line, changing)),
    await addTrades(world, folder),
  );
  const { start, end } = spanOf(world);
  for (const [ticker, fields] of changing)
    world.found.set(ticker, stateOf(world.markets.get(ticker) as MarketRecord, fields, end));
  clock = options.clockFrom(end);
  if (options.cutoff === undefined) boundary = start + (end - start) / 2;
  return world;
}

function addSeries(world: MemoryWorld, line: DataLine): void {
  const series = readSeries(line);
  if (series.ticker === SANDBOX_SERIES) throw line.broken(`${SANDBOX_SERIES} is the name of the sandbox's own series`);
  world.addSeries(series);
}

function addEvent(world: MemoryWorld, line: DataLine): void {
  const event = readEvent(line);
  if (!world.series.has(event.seriesTicker))
    throw line.broken(`its series ${event.seriesTicker} is not in series.ndjson`);
  if (world.events.has(event.ticker)) throw line.broken(`event ${event.ticker} is there twice`);
  world.add(event, []);
}

function addMarket(world: MemoryWorld, line: DataLine, changing: Map<string, JsonObject>): void {
  const eventTicker = line.text("event_ticker");
  const event = world.events.get(eventTicker);
  if (event === undefined) throw line.broken(`its event ${eventTicker} is not in events.ndjson`);
  const { market, fields } = readMarket(line, event, world.seed);
  if (world.markets.has(market.ticker)) throw line.broken(`market ${market.ticker} is there twice`);
  world.add(event, [market]);
  changing.set(market.ticker, fields);
}

async function addTrades(world: MemoryWorld, folder: string): Promise<string> {
  const byTicker = new Map<string, TradeRecord[]>();
  const ids = new Set<string>();
  const digest = await eachLine(folder, "trades.ndjson", (line) => {
    const trade = readTrade(line);
    if (ids.has(trade.id)) throw line.broken(`trade ${trade.id} is there twice`);
    ids.add(trade.id);
    const market = world.markets.get(trade.ticker);
    if (market === undefined) throw line.broken(`its market ${trade.ticker} is not in markets.ndjson`);
    const list = byTicker.get(trade.ticker);
    // One text for all trades of a market instead of one each.
    const shared = { ...trade, ticker: market.ticker };
    if (list === undefined) byTicker.set(trade.ticker, [shared]);
    else list.push(shared);
  });
  for (const [ticker, trades] of byTicker) world.trades.load(ticker, trades);
  return digest;
}

/** When a market was as the folder has it: once settled, or, if it never was, from the end of the data to its close. */
function stateOf(market: MarketRecord, fields: JsonObject, end: Timestamp): FoundState {
  if (market.settledTime !== NEVER) return { from: market.settledTime, to: NEVER, fields };
  return { from: Math.min(end, market.closeTime), to: market.closeTime, fields };
}

/** From the first trade or opening to the last trade or settlement, rounded up to the hour. */
function spanOf(world: MemoryWorld): { readonly start: Timestamp; readonly end: Timestamp } {
  const times: Timestamp[] = [];
  for (const market of world.markets.values()) {
    times.push(market.openTime);
    if (market.settledTime !== NEVER) times.push(market.settledTime);
  }
  const [last] = world.trades.page({ limit: 1 });
  if (last !== undefined) times.push(last.time);
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const time of times) {
    start = Math.min(start, time);
    end = Math.max(end, time);
  }
  return { start: Math.min(start, end), end: Math.ceil(end / HOUR) * HOUR };
}
