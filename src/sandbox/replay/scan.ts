import { KalshiError } from "../../errors.js";
import { messageTime } from "../../exchange/channel.js";
import { asObject } from "../../exchange/field.js";
import { readMark } from "../../recorder/marks.js";
import { openRecording } from "../../recorder/replay.js";
import { listStrands } from "../../recorder/strands.js";
import { entryKind } from "../../store/segment.js";
import { readSegments } from "../../store/segment-reader.js";
import { type Price, parsePrice } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import { readFrame, tickerIn } from "./recorded-frame.js";
import { gridIn, type NamedGrid } from "./recorded-grid.js";

/** A market as a recording knows it. */
export interface ScannedMarket {
  readonly ticker: string;
  /** `""` where no frame told it. */
  marketId: string;
  /** The grid that it had first, as the recording tells it; null where that is not told. */
  grid: NamedGrid | null;
  /** The first that it was changed to. */
  laterGrid: NamedGrid | null;
  /** Prices seen before that change, in either side's own price, for grids are the same from both ends. */
  readonly prices: Set<Price>;
}

/** What a recording is about. */
export interface Scan {
  readonly markets: ReadonlyMap<string, ScannedMarket>;
  /** First and last moment of the exchange's clock. */
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly frames: number;
}

/**
 * Reads a recording once through: which markets it has, and from when to when.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_FORMAT`, `BAD_ARGUMENT` for one of several connections at the same time
 */
export async function scanRecording(dir: string): Promise<Scan> {
  await openRecording(dir);
  const strands = (await listStrands(dir)).length;
  if (strands > 1) {
    throw new KalshiError("BAD_ARGUMENT", `${dir} was recorded over ${strands} connections at the same time`, {
      hint: "the sandbox plays recordings of one connection at a time; read this one with `openRecording`",
      context: { dir, strands },
    });
  }
  const markets = new Map<string, ScannedMarket>();
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  let frames = 0;
  const marketOf = (ticker: string): ScannedMarket => {
    const known = markets.get(ticker) ?? newMarket(ticker);
    markets.set(ticker, known);
    return known;
  };
  for await (const part of readSegments(dir)) {
    if (part.type === "damaged") continue;
    for (const { kind, time: receivedAt, body } of part.entries) {
      if (kind === entryKind.mark) {
        const mark = readMark(body);
        if (mark?.mark === "connect" || mark?.mark === "continue") for (const ticker of mark.tickers) marketOf(ticker);
        continue;
      }
      frames += 1;
      const envelope = readFrame(body);
      if (envelope === null) continue;
      const time = envelope.sentTime ?? timeIn(envelope.msg) ?? receivedAt;
      from = Math.min(from, time);
      to = Math.max(to, time);
      const ticker = tickerIn(envelope);
      if (ticker !== null) learn(marketOf(ticker), envelope.msg);
    }
  }
  return { markets, from: Number.isFinite(from) ? from : 0, to, frames };
}

/** The exchange's time of a message's content, or null where it has none that can be read. */
export function timeIn(msg: unknown): Timestamp | null {
  try {
    return messageTime(asObject("message", msg));
  } catch {
    return null;
  }
}

function newMarket(ticker: string): ScannedMarket {
  return { ticker, marketId: "", grid: null, laterGrid: null, prices: new Set() };
}

const PRICES = ["price_dollars", "yes_price_dollars", "yes_bid_dollars", "yes_ask_dollars"] as const;

function learn(market: ScannedMarket, msg: unknown): void {
  const message = asObject("message", msg);
  const { market_id, event_type, yes_dollars_fp, no_dollars_fp } = message;
  if (typeof market_id === "string" && market_id !== "") market.marketId = market_id;
  if (market.laterGrid !== null) return;
  if (event_type === "created") market.grid ??= gridIn(msg);
  if (event_type === "price_level_structure_updated") market.laterGrid = gridIn(msg);
  for (const name of PRICES) note(market, message[name]);
  for (const side of [yes_dollars_fp, no_dollars_fp]) {
    if (Array.isArray(side)) for (const level of side) if (Array.isArray(level)) note(market, level[0]);
  }
}

function note({ prices }: ScannedMarket, text: unknown): void {
  if (typeof text !== "string") return;
  try {
    prices.add(parsePrice(text));
  } catch {
    // A price that nobody can read is on no grid.
  }
}
