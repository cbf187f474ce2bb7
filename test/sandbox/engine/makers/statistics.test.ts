import { describe, expect, it } from "vitest";
import { DOLLAR } from "../../../../src/units/price.js";
import { HOUR, MINUTE, SECOND } from "../../../../src/units/time.js";
import { type BookStatistics, shareOf, timeAt } from "../../../support/book-statistics.js";
import { eventsOf, type LiveRun, liveRun, liveWorld } from "../../../support/live-run.js";
import { expectWithin, type Figure, printFigures, quantile } from "../../../support/statistics.js";
import { START, type TinyMarket, tinyMarket } from "../../../support/tiny-world.js";

const YES = { result: "yes" as const, value: DOLLAR, observed: "" };
const NO = { result: "no" as const, value: 0, observed: "" };
const QUARTER = 15 * MINUTE;
/** Another seed for the makers, to see that the bounds hold for it too. */
const SEED = { seed: process.env.STATISTICS_SEED ?? "1" };
/** So many that no single path of a price decides a figure: the bounds hold for other seeds too. */
const MARKETS = 20;
/** Days whose temperatures are quoted, and games that are waited for. */
const DAYS = 4;
const GAMES = 3;

/** A market that is open for a quarter of an hour from the start. */
function quarter(index: number, end = index % 2 === 0 ? YES : NO): TinyMarket {
  return {
    ticker: `Q${index}`,
    eventTicker: `QUARTER-${index}`,
    seriesTicker: "QUARTER",
    grid: "tapered_deci_cent",
    open: START,
    close: START + QUARTER,
    settled: START + QUARTER + HOUR,
    outcome: end,
  };
}

/** A figure that may lie so far from theirs, as a share of it. */
function about(name: string, theirs: number, ours: number, share = 0.3): Figure {
  return { name, theirs: String(theirs), ours, low: theirs * (1 - share), high: theirs * (1 + share) };
}

/** A share in percent that may lie so many points from theirs. */
function points(name: string, theirs: number, ours: number, within = 5): Figure {
  return { name, theirs: `${theirs} %`, ours: 100 * ours, low: Math.max(0, theirs - within), high: theirs + within };
}

function between(name: string, theirs: string, ours: number, low: number, high: number): Figure {
  return { name, theirs, ours, low, high };
}

function all(run: LiveRun, of: (book: BookStatistics) => readonly number[]): number[] {
  const values: number[] = [];
  for (const book of run.books.values()) for (const value of of(book)) values.push(value);
  return values;
}

/** Share of all deltas of a run that did something. */
function did(run: LiveRun, what: keyof BookStatistics["tally"]): number {
  const books = [...run.books.values()];
  const count = books.reduce((sum, book) => sum + book.count, 0);
  return books.reduce((sum, book) => sum + book.tally[what], 0) / count;
}

function within(low: number, high: number): (value: number) => boolean {
  return (value) => value >= low && value <= high;
}

/** Deltas of each whole second of the market's life but the first two. */
function perSecond(run: LiveRun): number[] {
  const first = START / SECOND + 2;
  return all(run, ({ seconds }) => Array.from({ length: QUARTER / SECOND - 3 }, (_, n) => seconds.get(first + n) ?? 0));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Share of trades that share their moment with the trade before. */
function togetherness(books: Iterable<BookStatistics>): number {
  let [together, pairs] = [0, 0];
  for (const { trades } of books) {
    pairs += trades.length - 1;
    together += trades.filter((time, at) => at > 0 && time === trades[at - 1]).length;
  }
  return together / pairs;
}

describe("the statistics of live markets", { timeout: 120_000 }, () => {
  it("of a quarter of an hour lie within bounds of those measured", () => {
    const run = liveRun(
      Array.from({ length: MARKETS }, (_, index) => tinyMarket(quarter(index))),
      QUARTER + 10 * SECOND,
      SEED,
    );
    const books = [...run.books.values()];
    const rates = perSecond(run);
    const gaps = all(run, (book) => book.gaps);
    const gap = (low: number, high: number) => shareOf(gaps, within(low, high));
    const sizes = all(run, (book) => book.sizes);
    const distances = all(run, (book) => book.distances);
    const distance = (low: number, high: number) => shareOf(distances, within(low, high));
    const [centre, tails] = [books.map((book) => book.centre), books.map((book) => book.tails)];
    const middles = (second: number) => run.middles[second]!.map((middle) => middle!);
    const extremity = middles(QUARTER / SECOND - 61).map((middle) => Math.min(middle, 1 - middle));
    const wiped = books.map(({ wipes }) => wipes);
    const again = wiped.flatMap(([first, second]) =>
      second === undefined ? [] : (second.time - first!.time) / SECOND,
    );
    const figures: Figure[] = [
      about("deltas per second, mean", 87, mean(rates)),
      about("deltas per second, median", 67, quantile(rates, 0.5)),
      about("deltas per second, p90", 187, quantile(rates, 0.9)),
      about("deltas per second, p99", 359, quantile(rates, 0.99)),
      points("gap in the same ms", 41, gap(0, 0)),
      points("gap of 1 ms", 10, gap(1, 1), 3),
      points("gap of 2 to 5 ms", 15, gap(2, 5), 4),
      points("gap of 6 to 10 ms", 10, gap(6, 10), 3),
      points("gap of 11 to 50 ms", 19, gap(11, 50), 6),
      points("gap of 51 to 200 ms", 4, gap(51, 200), 2),
      points("longer gap", 0.5, gap(201, Number.POSITIVE_INFINITY), 0.7),
      points("removals", 52, did(run, "removal"), 3),
      about("size, p10", 2, quantile(sizes, 0.1), 0.5),
      about("size, p50", 75, quantile(sizes, 0.5)),
      about("size, p90", 1_000, quantile(sizes, 0.9)),
      about("size, p99", 8_000, quantile(sizes, 0.99)),
      points("requotes among consecutive deltas", 24, did(run, "requote"), 4),
      points("at the best of its side", 32, distance(0, 0)),
      points("one cent away", 17, distance(1, 1), 4),
      points("two to four cents away", 24, distance(2, 4)),
      points("five to nine cents away", 13, distance(5, 9), 4),
      points("further away", 13, distance(10, 100), 4),
      points("improving the best", 1, distance(-100, -1), 1.2),
      points("change of a best price", 5.4, did(run, "bestChange"), 1.6),
      points("fractional", 13, did(run, "fractional"), 3),
      points("to exactly zero", 6.7, did(run, "zero"), 2.5),
      points("below zero", 0, did(run, "negative"), 0),
      // These two hang on how early prices come near 0 or 1: from seed to seed they differ by some 4 points, and by some 9 levels.
      points("at prices between cents", 21, did(run, "subCent"), 8),
      about("levels of a side that has any, p10", 45, quantile(run.levels, 0.1), 0.55),
      about("levels of a side that has any, p50", 100, quantile(run.levels, 0.5)),
      about("levels of a side that has any, p90", 155, quantile(run.levels, 0.9), 0.35),
      points("time at 1 c, price 10 to 90 c", 81, timeAt(centre, within(10, 10)), 6),
      points("time at 2 c, price 10 to 90 c", 17, timeAt(centre, within(20, 20))),
      points("time at 3 c, price 10 to 90 c", 1, timeAt(centre, within(30, 30)), 4),
      points("time at 0.1 c in the tails", 23, timeAt(tails, within(1, 1)), 10),
      points("time at 0.2 to 0.8 c in the tails", 69, timeAt(tails, within(2, 8)), 12),
      between("middle at the opening, farthest from 0.5", "near 0", farthest(middles(1)), 0, 0.12),
      between("middle a minute before the close, farthest from 0 or 1", "below 0.10", Math.max(...extremity), 0, 0.1),
      between("books with one side at the end", "most", run.oneSided[QUARTER / SECOND - 2]! / MARKETS, 0.75, 1),
      between(
        "levels when the book is wiped, median",
        "192",
        quantile(
          wiped.map(([first]) => first!.levels),
          0.5,
        ),
        130,
        250,
      ),
      between("closes said twice", "often", again.length / MARKETS, 0.25, 1),
      between("seconds to the second wipe, most", "0.2 to 6", Math.max(...again), 0.2, 6),
    ];
    printFigures("A market of a quarter of an hour (theirs: BTC15M)", figures);
    expectWithin(figures);
  });

  it("of a game lie within bounds: calm before it begins, then busy, and quoted in both its markets at once", () => {
    const sides = (close: number) => [
      tinyMarket({ ...side("HOME", YES), close }),
      tinyMarket({ ...side("AWAY", NO), close }),
    ];
    const waited = Array.from({ length: GAMES }, (_, n) => [
      tinyMarket(side(`HOME${n}`, YES, n)),
      tinyMarket(side(`AWAY${n}`, NO, n)),
    ]);
    const before = liveRun(waited.flat(), 4 * HOUR, { category: "Sports", exclusive: true, ...SEED });
    const during = liveRun(sides(START + 2 * HOUR), 20 * MINUTE, { category: "Sports", exclusive: true, ...SEED });
    const rate = (run: LiveRun, seconds: number) => [...run.books.values()].map((book) => book.count / seconds);
    const trades = [...during.books.values()].map((book) => book.trades.length / 1_200);
    const figures: Figure[] = [
      about("deltas per second before", 0.36, mean(rate(before, 4 * 3_600)), 0.4),
      about("deltas per second in play", 28, mean(rate(during, 1_200))),
      between("trades per second in play", "12", mean(trades), 5, 15),
      points("trades in the moment of the one before", 38, togetherness(during.books.values()), 15),
      between("levels of a side before, median", "30 to 65", quantile(before.levels, 0.5), 30, 65),
      between("size of a level before, median", "300 to 360", quantile(before.sizes, 0.5), 230, 450),
      between("sum of the middles, p5", "about 1", quantile(sums(during, 2), 0.05), 0.96, 1.04),
      between("sum of the middles, p95", "about 1", quantile(sums(during, 2), 0.95), 0.96, 1.04),
      between("deltas with a twin in the other market", "seen", twins(sides(START + 2 * HOUR)), 0.1, 0.5),
      between("contracts at one cent before, millions", "1", wall(before), 1, 1.2),
    ];
    printFigures("A game (theirs: MLB)", figures);
    expectWithin(figures);
  });

  it("of a temperature lie within bounds: few levels, small sizes, wide quotes, six markets that sum to about one", () => {
    const markets = Array.from({ length: 6 * DAYS }, (_, n) =>
      tinyMarket({ ...side(`T${n}`, n % 6 === 2 ? YES : NO, Math.floor(n / 6)), grid: "linear_cent" }),
    );
    const run = liveRun(markets, 4 * HOUR, { category: "Climate and Weather", exclusive: true, ...SEED });
    const { sizes } = run;
    const spreads = [...run.books.values()].flatMap(({ centre, tails }) => [centre, tails]);
    const figures: Figure[] = [
      about("levels in total, median", 41, quantile(run.depths, 0.5), 0.35),
      between("size of a level, median", "14 to 18", quantile(sizes, 0.5), 11, 22),
      about("size of a level, p90", 220, quantile(sizes, 0.9)),
      between("spread, share of time up to 3 c", "50 % and more", timeAt(spreads, within(0, 30)), 0.45, 0.9),
      between("spread, share of time up to 13 c", "90 % and more", timeAt(spreads, within(0, 130)), 0.9, 1),
      between("sum of the middles, p5", "about 1", quantile(sums(run, 6), 0.05), 0.85, 1.15),
      between("sum of the middles, p95", "about 1", quantile(sums(run, 6), 0.95), 0.85, 1.15),
    ];
    printFigures("A day's temperature (theirs: KXHIGHNY)", figures);
    expectWithin(figures);
  });

  it("are the same in every run of a seed, however long the steps", () => {
    const world = () => [
      liveWorld([tinyMarket(quarter(0)), tinyMarket(quarter(1))], {}),
      liveWorld(
        [
          tinyMarket({ ...side("HOME", YES), close: START + HOUR }),
          tinyMarket({ ...side("AWAY", NO), close: START + HOUR }),
        ],
        { category: "Sports", exclusive: true, ...SEED },
      ),
    ];
    for (const kind of [0, 1]) {
      const long = eventsOf(world()[kind]!, 30 * SECOND, [5 * SECOND]);
      expect(long.length).toBeGreaterThan(500);
      for (const steps of [[10_000], [1_000], [333, 1, 70_007, 20], [SECOND, 250]]) {
        const events = eventsOf(world()[kind]!, 30 * SECOND, steps);
        const differs = events.findIndex((event, at) => JSON.stringify(event) !== JSON.stringify(long[at]));
        expect({ steps, differs, first: events[differs] }).toEqual({ steps, differs: -1, first: undefined });
        expect(events.length).toBe(long.length);
      }
    }
  });
});

/** One of the markets of an event that is open for a day. */
function side(ticker: string, outcome: typeof YES | typeof NO, event = 0): TinyMarket {
  return { ticker, eventTicker: `EVENT-${event}`, seriesTicker: "SERIES", grid: "tapered_deci_cent", outcome };
}

function farthest(middles: readonly number[]): number {
  return Math.max(...middles.map((middle) => Math.abs(middle - 0.5)));
}

/** The sum of the middles of each event, which has so many markets, at each second. */
function sums(run: LiveRun, size: number): number[] {
  const events = Array.from({ length: run.books.size / size }, (_, n) => n * size);
  return run.middles.flatMap((row) =>
    events.map((from) => row.slice(from, from + size).reduce<number>((sum, middle) => sum + middle!, 0)),
  );
}

/** Millions of contracts at one cent, the market's mean. */
function wall(run: LiveRun): number {
  return mean([...run.books.values()].map(({ yes }) => (yes.levels.get(10_000) ?? 0) / 100 / 1_000_000));
}

/** Share of deltas that come with one of the same size on the other side of the other market, in the same millisecond. */
function twins(markets: readonly ReturnType<typeof tinyMarket>[]): number {
  const events = eventsOf(liveWorld(markets, { category: "Sports", exclusive: true, ...SEED }), 5 * MINUTE, [SECOND]);
  const deltas = events.flatMap((event) => (event.type === "delta" && event.time > START + 2 * SECOND ? [event] : []));
  const key = (time: number, ticker: string, yes: boolean, size: number) =>
    `${Math.floor(time / 1_000)} ${ticker} ${yes} ${size}`;
  const known = new Set(deltas.map(({ time, ticker, side: of, delta }) => key(time, ticker, of === "yes", delta)));
  const other = (ticker: string) => (ticker === "HOME" ? "AWAY" : "HOME");
  const paired = deltas.filter(({ time, ticker, side: of, delta }) =>
    known.has(key(time, other(ticker), of !== "yes", delta)),
  );
  return paired.length / deltas.length;
}
