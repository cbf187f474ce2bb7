import { isCrossed } from "../book/best.js";
import {
  type BookEvent,
  type Delta,
  type Disconnect,
  type Gap,
  opensGap,
  type Snapshot,
  type Stall,
} from "../book/event.js";
import { type Entry, entryKind } from "../store/segment.js";
import { readSegments } from "../store/segment-reader.js";
import { formatCount } from "../units/count.js";
import { formatPrice } from "../units/price.js";
import { formatTimeFull, type Timestamp } from "../units/time.js";
import { type HourTally, MarketTally, seconds } from "./market-tally.js";
import { type RestDifferenceMark, readMark } from "./marks.js";
import { Player } from "./player.js";
import type { MarketHour, Quality } from "./quality-figures.js";
import { StrandGaps } from "./strand-gaps.js";
import { connectionNumber, interleaved, listStrands, ofStrand } from "./strands.js";
import { wireGap } from "./wire-event.js";

export type { MarketHour, Quality } from "./quality-figures.js";

interface ConnectionTally {
  readonly from: Timestamp;
  to: Timestamp;
  frames: number;
  bytes: number;
  end: string | null;
}

/** Weighs a whole recording. @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_FORMAT` */
export async function quality(dir: string): Promise<Quality> {
  const tally = new Tally();
  await tally.read(dir);
  return tally.result();
}

/** What stands in a strand for entries that cannot be read. */
const DAMAGED = -1;

/** The entries of a strand in their order. */
async function* entriesOf(dir: string): AsyncGenerator<readonly Entry[]> {
  let last: Timestamp = 0;
  for await (const part of readSegments(dir)) {
    if (part.type === "damaged") yield [{ kind: DAMAGED, time: last, nanos: 0, body: Buffer.alloc(0) }];
    else yield [...part.entries];
    if (part.type === "entries") last = part.entries.at(-1)?.time ?? last;
  }
}

class Tally {
  /** Of each strand. */
  #players: Player[] = [];
  /** The strand of what is being read. */
  #player!: Player;
  #place = 0;
  readonly #gaps: Gap[] = [];
  readonly #strandGaps = new StrandGaps();
  readonly #markets = new Map<string, MarketTally>();
  /** The strand in which each market was last. */
  readonly #playerOf = new Map<string, Player>();
  readonly #connections = new Map<number, ConnectionTally>();
  readonly #differences: RestDifferenceMark[] = [];
  #unparsed = 0;

  async read(dir: string): Promise<void> {
    const strands = await listStrands(dir);
    this.#players = strands.map(({ place }) => new Player((event) => this.#take(ofStrand(place, event))));
    const streams = strands.map((strand) => entriesOf(strand.dir));
    for await (const { stream, items } of interleaved(streams, ({ time }) => time)) {
      this.#player = this.#players[stream]!;
      this.#place = strands[stream]!.place;
      for (const entry of items) this.#entry(entry);
    }
    for (const [ticker, market] of this.#markets) {
      const player = this.#playerOf.get(ticker)!;
      if (market.state !== "ended") market.advance(player.feed.estimate(player.lastAt));
    }
  }

  #entry(entry: Entry): void {
    if (entry.kind === DAMAGED) {
      this.#player.damaged();
      return;
    }
    this.#player.play(entry);
    const current = this.#current(entry.time);
    if (entry.kind === entryKind.mark) {
      this.#mark(entry.body);
      return;
    }
    current.frames += 1;
    current.bytes += entry.body.length;
    current.to = Math.max(current.to, entry.time);
  }

  #take(event: BookEvent): void {
    if (this.#players.length === 1) this.#hear(event);
    else for (const one of this.#strandGaps.take(event, this.#place)) this.#hear(one);
  }

  result(): Quality {
    return {
      gaps: this.#gaps.map(wireGap),
      connections: [...this.#connections].map(([connection, { from, to, frames, bytes, end }]) => ({
        connection,
        from: formatTimeFull(from),
        to: formatTimeFull(to),
        frames,
        bytes,
        end,
      })),
      markets: [...this.#markets].map(([ticker, market]) => ({
        ticker,
        from: formatTimeFull(market.from),
        to: formatTimeFull(market.at),
        deltas: market.total.deltas,
        snapshots: market.total.snapshots,
        covered_seconds: seconds(market.total.covered),
        unknown_seconds: seconds(market.total.unknown),
        crossed_seconds: seconds(market.total.crossed),
        unparsed: market.total.unparsed,
      })),
      hours: [...this.#markets].flatMap(([ticker, market]) => market.hours().map((hour) => hourOf(ticker, hour))),
      rest_differences: this.#differences.map(({ ticker, from, to, levels }) => ({
        ticker,
        from: formatTimeFull(from),
        to: formatTimeFull(to),
        levels: levels.map(({ side, price, ours, rest }) => ({
          side,
          price: formatPrice(price),
          ours: formatCount(ours),
          rest: formatCount(rest),
        })),
      })),
      unparsed: this.#unparsed,
    };
  }

  #current(at: Timestamp): ConnectionTally {
    const number = connectionNumber(this.#place, Math.max(this.#player.connection, 1));
    let current = this.#connections.get(number);
    if (current === undefined) {
      current = { from: at, to: at, frames: 0, bytes: 0, end: null };
      this.#connections.set(number, current);
    }
    return current;
  }

  #hear(event: BookEvent): void {
    switch (event.type) {
      case "delta":
      case "snapshot":
        this.#book(event);
        return;
      case "trade": {
        // A market is there once it has a book.
        const market = this.#markets.get(event.ticker);
        if (market === undefined || event.time === null) return;
        market.count("trades", event.time);
        market.took(event.receivedAt - event.time, event.time);
        return;
      }
      case "unsubscribed":
        for (const ticker of event.tickers) {
          const market = this.#markets.get(ticker);
          market?.advance(this.#player.feed.estimate(event.receivedAt));
          if (market !== undefined) market.state = "ended";
        }
        return;
      case "stall":
        this.#stall(event);
        return;
      case "gap":
        this.#gap(event);
        return;
      case "disconnect":
        this.#disconnect(event);
        return;
      case "unknown": {
        if (event.problem === null) return;
        this.#unparsed += 1;
        const market = event.ticker === null ? undefined : this.#markets.get(event.ticker);
        market?.count("unparsed", this.#player.feed.estimate(event.receivedAt));
        return;
      }
      default:
        return;
    }
  }

  #gap(gap: Gap): void {
    const open = gap.recoveredBy === null ? -1 : this.#gaps.findLastIndex((one) => isSame(one, gap));
    if (open >= 0) this.#gaps[open] = gap;
    else this.#gaps.push(gap);
    if (!opensGap(gap)) return;
    for (const ticker of gap.tickers) {
      const market = this.#markets.get(ticker);
      // One that goes on elsewhere misses nothing here.
      if (market === undefined || this.#playerOf.get(ticker) !== this.#player) continue;
      market.advance(gap.from);
      if (market.state !== "unknown") market.count("gaps", gap.from);
      market.state = "unknown";
    }
  }

  #book(event: Delta | Snapshot): void {
    const at = event.time ?? this.#player.feed.estimate(event.receivedAt);
    const market = this.#market(event.ticker, at);
    if (event.type === "snapshot") this.#playerOf.set(event.ticker, this.#player);
    market.advance(at);
    const book = this.#player.feed.book(event.ticker)!;
    market.state = book.state === "ok" ? "ok" : "unknown";
    market.isCrossed = book.state === "ok" && isCrossed(book);
    market.count(event.type === "delta" ? "deltas" : "snapshots", at);
    if (event.type === "delta" && event.time !== null) market.took(event.receivedAt - event.time, event.time);
  }

  /** A stall of a market concerns it alone, another every market that is followed. */
  #stall({ ticker, reason, from, to }: Stall): void {
    const { feed } = this.#player;
    const own = ticker === null ? null : this.#markets.get(ticker);
    const concerned = own === null ? this.#here() : own === undefined ? [] : [own];
    for (const market of concerned) {
      if (market.state === "ended") continue;
      // All but those of a connection are told twice, when they are found and when they are over.
      if (to === null || reason === "connection") market.count("stalls", feed.estimate(from));
      if (to !== null) market.stalled(feed.estimate(from), feed.estimate(to));
    }
  }

  /** Markets of the strand that is being read. */
  #here(): MarketTally[] {
    return [...this.#markets].flatMap(([ticker, market]) =>
      this.#playerOf.get(ticker) === this.#player ? [market] : [],
    );
  }

  /** What the recorder has found by asking REST. */
  #mark(body: Buffer): void {
    const mark = readMark(body);
    if (mark?.mark === "rest_check") {
      const at = this.#player.feed.estimate(mark.asked);
      for (const ticker of mark.tickers) this.#markets.get(ticker)?.count("rest_checks", at);
    } else if (mark?.mark === "rest_difference") {
      this.#differences.push(mark);
      this.#markets.get(mark.ticker)?.count("rest_differences", this.#player.feed.estimate(mark.asked));
    }
  }

  #disconnect(event: Disconnect): void {
    const connection = this.#connections.get(event.connection);
    if (connection !== undefined) connection.end = event.reason;
    for (const [ticker, market] of this.#markets) {
      if (market.state === "ended" || this.#playerOf.get(ticker) !== this.#player) continue;
      market.advance(event.from);
      // What we ended ourselves is not missing, unless the recording goes on: then a gap says so.
      market.state = event.reason === "closed" ? "ended" : "unknown";
    }
  }

  #market(ticker: string, at: Timestamp): MarketTally {
    let market = this.#markets.get(ticker);
    if (market === undefined) {
      market = new MarketTally(at);
      this.#markets.set(ticker, market);
      this.#playerOf.set(ticker, this.#player);
    }
    return market;
  }
}

function hourOf(ticker: string, hour: HourTally): MarketHour {
  const { start, deltas, snapshots, trades, gaps, stalls, unparsed, rest_checks, rest_differences } = hour;
  return {
    ticker,
    hour: formatTimeFull(start),
    ...{ deltas, snapshots, trades },
    covered_seconds: seconds(hour.covered),
    unknown_seconds: seconds(hour.unknown),
    crossed_seconds: seconds(hour.crossed),
    stalled_seconds: seconds(hour.stalled),
    ...{ gaps, stalls, unparsed, rest_checks, rest_differences },
    latency_ms: hour.latency,
  };
}

function isSame(open: Gap, closed: Gap): boolean {
  return (
    opensGap(open) &&
    open.connection === closed.connection &&
    open.reason === closed.reason &&
    open.sid === closed.sid &&
    open.from === closed.from &&
    open.fromSequence === closed.fromSequence &&
    open.tickers === closed.tickers
  );
}
