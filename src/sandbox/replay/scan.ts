import { messageTime } from "../../exchange/channel.js";
import { asObject } from "../../exchange/field.js";
import { readMark } from "../../recorder/marks.js";
import { openRecording } from "../../recorder/replay.js";
import { entryKind } from "../../store/segment.js";
import { readSegments } from "../../store/segment-reader.js";
import { CENT, parsePrice } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import { readFrame, tickerIn } from "./recorded-frame.js";

/** A market as a recording knows it. */
export interface ScannedMarket {
  readonly ticker: string;
  /** `""` where no frame told it. */
  marketId: string;
  /** Whether a price was seen that is no whole cent. */
  isFine: boolean;
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
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_FORMAT`
 */
export async function scanRecording(dir: string): Promise<Scan> {
  await openRecording(dir);
  const markets = new Map<string, ScannedMarket>();
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  let frames = 0;
  const marketOf = (ticker: string): ScannedMarket => {
    const known = markets.get(ticker) ?? { ticker, marketId: "", isFine: false };
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

function learn(market: ScannedMarket, msg: unknown): void {
  const { market_id, price_dollars, yes_price_dollars, yes_dollars_fp, no_dollars_fp } = asObject("message", msg);
  if (typeof market_id === "string" && market_id !== "") market.marketId = market_id;
  if (market.isFine) return;
  const levels = [yes_dollars_fp, no_dollars_fp].flatMap((side) => (Array.isArray(side) ? side : []));
  const prices = [
    price_dollars,
    yes_price_dollars,
    ...levels.map((level: unknown) => Array.isArray(level) && level[0]),
  ];
  market.isFine = prices.some((price) => typeof price === "string" && isFine(price));
}

function isFine(text: string): boolean {
  try {
    return parsePrice(text) % CENT !== 0;
  } catch {
    return false;
  }
}
