import type { EngineEvent, MarketRecord } from "../../src/sandbox/types.js";
import { MINUTE, SECOND, type Timestamp } from "../../src/units/time.js";
import { BookStatistics } from "./book-statistics.js";
import { START, type TinyWorld, tinyEngine, tinyWorld } from "./tiny-world.js";

export interface LiveRun {
  /** By ticker. */
  readonly books: ReadonlyMap<string, BookStatistics>;
  /** Middle of every book at each second, in the order of the markets; null without a quote. */
  readonly middles: readonly (readonly (number | null)[])[];
  /** Levels of the sides that have any, at each second. */
  readonly levels: readonly number[];
  /** Levels of both sides together, at each second. */
  readonly depths: readonly number[];
  /** How many books have one side only, at each second. */
  readonly oneSided: readonly number[];
  /** Contracts of every level, each minute. */
  readonly sizes: readonly number[];
}

/** Tells the world of a run what its markets are about. */
export interface RunOptions {
  readonly category?: string;
  readonly exclusive?: boolean;
  readonly seed?: string;
}

/** A tiny world whose series has a category and whose events say whether one market at most wins. */
export function liveWorld(
  markets: readonly MarketRecord[],
  { category = "Test", exclusive = false }: RunOptions,
): TinyWorld {
  const tiny = tinyWorld(markets);
  for (const series of tiny.world.series.values()) tiny.world.series.set(series.ticker, { ...series, category });
  for (const event of tiny.world.events.values()) {
    tiny.world.events.set(event.ticker, { ...event, wire: { mutually_exclusive: exclusive } });
  }
  return tiny;
}

/** Runs markets from the start for so long, in steps of a second on a manual clock, and counts what a reader would see. */
export function liveRun(markets: readonly MarketRecord[], span: Timestamp, options: RunOptions = {}): LiveRun {
  const tiny = liveWorld(markets, options);
  const engine = tinyEngine(tiny, options.seed);
  const books = new Map(markets.map(({ ticker }) => [ticker, new BookStatistics()]));
  engine.on((event) => books.get(tickerOf(event))?.see(event));
  const middles: (number | null)[][] = [];
  const levels: number[] = [];
  const depths: number[] = [];
  const oneSided: number[] = [];
  const sizes: number[] = [];
  for (let at = 0; at < span; at += SECOND) {
    engine.step(tiny.clock.advance(SECOND));
    middles.push([...books.values()].map((book) => book.middle()));
    for (const { yes, no } of books.values()) {
      levels.push(...[yes.levels.size, no.levels.size].filter((size) => size > 0));
      depths.push(yes.levels.size + no.levels.size);
      if (at % MINUTE === 0) for (const size of [...yes.levels.values(), ...no.levels.values()]) sizes.push(size / 100);
    }
    oneSided.push([...books.values()].filter(({ yes, no }) => (yes.best === null) !== (no.best === null)).length);
  }
  return { books, middles, levels, depths, oneSided, sizes };
}

/** Deltas, trades and wipes of a run that is stepped at the start, and then by steps that are as long as told, in turn. */
export function eventsOf(tiny: TinyWorld, span: Timestamp, steps: readonly Timestamp[]): readonly EngineEvent[] {
  const events: EngineEvent[] = [];
  const engine = tinyEngine(tiny);
  engine.on((event) => {
    if (event.type === "delta" || event.type === "trade" || event.type === "wiped") events.push(event);
  });
  engine.step(START);
  for (let n = 0; tiny.clock.now() < START + span; n += 1) {
    const step = Math.min(steps[n % steps.length]!, START + span - tiny.clock.now());
    engine.step(tiny.clock.advance(step));
  }
  return events;
}

function tickerOf(event: EngineEvent): string {
  if (event.type === "trade") return event.trade.ticker;
  return "ticker" in event ? (event.ticker ?? "") : "";
}
