import type { Subject, SubjectState } from "../../datasets/library/library-file.js";
import { type MarketVolume, marketVolumes } from "../../datasets/library/market-volumes.js";
import { DAY, formatTime, HOUR, MINUTE, parseTime, type Timestamp } from "../../units/time.js";
import type { Asking } from "./asking.js";

/** How far back is read again: what the exchange shows late. */
const LATE = 10 * MINUTE;
/** Settlements are read again for so long, since they may be amended. */
const AMENDED_WITHIN = 7 * DAY;
/** More markets than this are asked for by their series. */
const MOST_TICKERS = 400;
/** Trades that came to the same twice are all there are, whatever the volume says. */
const SURE_AFTER = 2;

/** What to ask for a subject to have all until now; null when nothing can be new. */
export async function nextAsk(
  library: string,
  subject: Subject,
  state: SubjectState,
  now: Timestamp,
): Promise<Asking["ask"] | null> {
  const through = state.through === null ? null : parseTime(state.through);
  const least = subject.from === null ? null : parseTime(subject.from);
  const series = subject.series === null ? {} : { series: subject.series };
  switch (subject.kind) {
    case "markets":
      return series;
    case "trades":
      return tradesAsk(subject, state, through, least, await marketVolumes(library, subject.series!));
    case "candlesticks":
      return candlesAsk(subject, through, least, now, await marketVolumes(library, subject.series!));
    case "fills":
      return from(through === null ? least : later(through - HOUR, least));
    default:
      return from(through === null ? least : later(through - AMENDED_WITHIN, least));
  }
}

/** Trades are asked of those markets alone whose volume is not that of the trades there are. */
function tradesAsk(
  subject: Subject,
  state: SubjectState,
  through: Timestamp | null,
  least: Timestamp | null,
  markets: readonly MarketVolume[],
): Asking["ask"] | null {
  const wanted = markets.filter((market) => isWanted(market, state, least));
  if (wanted.length === 0) return null;
  const starts = wanted.map(({ ticker, openTime }) => {
    if (through === null) return null;
    // Asked once already, and less came than the volume tells: perhaps something older is missing.
    const odd = state.odd[ticker];
    const lacks = odd !== undefined && odd.asked < SURE_AFTER && odd.counted < odd.volume;
    return lacks ? Math.min(openTime - MINUTE, through - LATE) : through - LATE;
  });
  const first = starts.includes(null) ? least : later(Math.min(...(starts as Timestamp[])), least);
  const tickers = wanted.map(({ ticker }) => ticker);
  const subjects =
    tickers.length > MOST_TICKERS || tickers.length === markets.length ? { series: subject.series! } : { tickers };
  return { ...subjects, ...from(first) };
}

function isWanted({ ticker, volume, counted, closeTime }: MarketVolume, state: SubjectState, least: Timestamp | null) {
  if (volume === counted || (least !== null && closeTime + DAY < least)) return false;
  const odd = state.odd[ticker];
  return !(odd !== undefined && odd.volume === volume && odd.counted === counted && odd.asked >= SURE_AFTER);
}

/** Candles change until they end, and come as long as a market lives. */
function candlesAsk(
  { series, period }: Subject,
  through: Timestamp | null,
  least: Timestamp | null,
  now: Timestamp,
  markets: readonly MarketVolume[],
): Asking["ask"] | null {
  if (through === null) return { series: series!, ...from(least) };
  const start = later(through - 2 * period! * MINUTE - HOUR, least)!;
  const lives = markets.some(({ settlementTime }) => settlementTime === null || settlementTime + DAY > start);
  return now <= through || !lives ? null : { series: series!, ...from(start) };
}

/** The markets that were asked, with what their trades come to now where that is not their volume. */
export function oddMarkets(
  { ask }: Asking,
  state: SubjectState,
  volumes: readonly MarketVolume[],
): SubjectState["odd"] {
  const asked = ask.tickers === undefined ? null : new Set(ask.tickers);
  const odd: Record<string, SubjectState["odd"][string]> = {};
  for (const { ticker, volume, counted } of volumes) {
    const before = state.odd[ticker];
    if (volume === counted) continue;
    if (asked !== null && !asked.has(ticker)) {
      if (before !== undefined) odd[ticker] = before;
      continue;
    }
    // Trades that are new leave what was missing before as it was.
    const same = before !== undefined && before.volume - before.counted === volume - counted;
    odd[ticker] = { volume, counted, asked: same ? before.asked + 1 : 1 };
  }
  return odd;
}

/** Whether every market whose trades are less than its volume was asked often enough to know that no more come. */
export function isSure(odd: SubjectState["odd"]): boolean {
  return Object.values(odd).every(({ asked, counted, volume }) => counted >= volume || asked >= SURE_AFTER);
}

/** What is known to be missing of the trades that were asked: such as the volumes tell and no answer has brought; null when nothing. */
export function missingTrades(
  { from }: Subject,
  odd: SubjectState["odd"],
  volumes: readonly MarketVolume[],
): string | null {
  // The volume of a market that was open before the start counts trades that nobody has asked for.
  const least = from === null ? Number.NEGATIVE_INFINITY : parseTime(from);
  const short = volumes.filter(({ ticker, openTime, volume, counted }) => {
    return Object.hasOwn(odd, ticker) && counted < volume && openTime >= least;
  });
  if (short.length === 0) return null;
  const [{ ticker, volume, counted }] = short as [MarketVolume];
  const others = short.length === 1 ? "" : `, and of ${short.length - 1} more markets`;
  return `the exchange's trades of ${ticker} are ${counted / 100} contracts of the ${volume / 100} that its volume tells${others}`;
}

function from(time: Timestamp | null): { from?: string } {
  return time === null ? {} : { from: formatTime(time) };
}

function later(time: Timestamp, least: Timestamp | null): Timestamp {
  return least === null ? time : Math.max(time, least);
}
