import { isCrossed } from "../book/best.js";
import { type BookEvent, type Disconnect, type Gap, opensGap } from "../book/event.js";
import { entryKind } from "../store/segment.js";
import { formatTimeFull, SECOND, type Timestamp } from "../units/time.js";
import { Player, playAll } from "./player.js";

/** What a recording holds and lacks. Times are RFC 3339 with six decimals, of the exchange's clock as far as it is known. */
export interface Quality {
  /** Each hole once; one from a lost connection has null sequences, and one still open a null `to`. */
  readonly gaps: readonly {
    readonly connection: number;
    readonly reason: string;
    readonly sid: number | null;
    readonly from_seq: number | null;
    readonly to_seq: number | null;
    readonly tickers: readonly string[];
    readonly from: string;
    readonly to: string | null;
    readonly recovered_by: string | null;
  }[];
  /** Times here are local. `end` is null while it goes on, or when nothing says how it ended. */
  readonly connections: readonly {
    readonly connection: number;
    readonly from: string;
    readonly to: string;
    readonly frames: number;
    readonly bytes: number;
    readonly end: string | null;
  }[];
  readonly markets: readonly {
    readonly ticker: string;
    readonly from: string;
    readonly to: string;
    readonly deltas: number;
    readonly snapshots: number;
    readonly covered_seconds: number;
    readonly unknown_seconds: number;
    readonly crossed_seconds: number;
    readonly unparsed: number;
  }[];
  /** Messages that could not be read, of whatever market; they are kept. */
  readonly unparsed: number;
}

interface MarketTally {
  readonly from: Timestamp;
  at: Timestamp;
  state: "ok" | "unknown" | "ended";
  isCrossed: boolean;
  deltas: number;
  snapshots: number;
  covered: number;
  unknown: number;
  crossed: number;
  unparsed: number;
}

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

class Tally {
  readonly #player = new Player((event) => this.#hear(event));
  readonly #gaps: Gap[] = [];
  readonly #markets = new Map<string, MarketTally>();
  readonly #connections: ConnectionTally[] = [];
  #unparsed = 0;

  async read(dir: string): Promise<void> {
    await playAll(dir, this.#player, (entry) => {
      const current = this.#current(entry.time);
      if (entry.kind === entryKind.mark) return;
      current.frames += 1;
      current.bytes += entry.body.length;
      current.to = Math.max(current.to, entry.time);
    });
    const end = this.#player.feed.estimate(this.#player.lastAt);
    for (const market of this.#markets.values()) if (market.state !== "ended") advance(market, end);
  }

  result(): Quality {
    return {
      gaps: this.#gaps.map((gap) => ({
        connection: gap.connection,
        reason: gap.reason,
        sid: gap.sid,
        from_seq: gap.fromSequence,
        to_seq: gap.toSequence,
        tickers: gap.tickers,
        from: formatTimeFull(gap.from),
        to: gap.to === null ? null : formatTimeFull(gap.to),
        recovered_by: gap.recoveredBy,
      })),
      connections: this.#connections.map(({ from, to, frames, bytes, end }, index) => ({
        connection: index + 1,
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
        deltas: market.deltas,
        snapshots: market.snapshots,
        covered_seconds: market.covered / SECOND,
        unknown_seconds: market.unknown / SECOND,
        crossed_seconds: market.crossed / SECOND,
        unparsed: market.unparsed,
      })),
      unparsed: this.#unparsed,
    };
  }

  #current(at: Timestamp): ConnectionTally {
    const index = Math.max(this.#player.connection, 1) - 1;
    this.#connections[index] ??= { from: at, to: at, frames: 0, bytes: 0, end: null };
    return this.#connections[index];
  }

  #hear(event: BookEvent): void {
    switch (event.type) {
      case "delta":
      case "snapshot": {
        const at = event.time ?? this.#player.feed.estimate(event.receivedAt);
        const market = this.#market(event.ticker, at);
        advance(market, at);
        const book = this.#player.feed.book(event.ticker)!;
        market.state = book.state === "ok" ? "ok" : "unknown";
        market.isCrossed = book.state === "ok" && isCrossed(book);
        if (event.type === "delta") market.deltas += 1;
        else market.snapshots += 1;
        return;
      }
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
        if (market !== undefined) market.unparsed += 1;
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
      if (market === undefined) continue;
      advance(market, gap.from);
      market.state = "unknown";
    }
  }

  #disconnect(event: Disconnect): void {
    const connection = this.#connections[event.connection - 1];
    if (connection !== undefined) connection.end = event.reason;
    for (const market of this.#markets.values()) {
      if (market.state === "ended") continue;
      advance(market, event.from);
      // What we ended ourselves is not missing, unless the recording goes on: then a gap says so.
      market.state = event.reason === "closed" ? "ended" : "unknown";
    }
  }

  #market(ticker: string, at: Timestamp): MarketTally {
    let market = this.#markets.get(ticker);
    if (market === undefined) {
      market = {
        from: at,
        at,
        state: "unknown",
        isCrossed: false,
        deltas: 0,
        snapshots: 0,
        covered: 0,
        unknown: 0,
        crossed: 0,
        unparsed: 0,
      };
      this.#markets.set(ticker, market);
    }
    return market;
  }
}

function advance(market: MarketTally, to: Timestamp): void {
  const span = Math.max(0, to - market.at);
  market.at = Math.max(market.at, to);
  if (market.state !== "ok") {
    market.unknown += span;
    return;
  }
  market.covered += span;
  if (market.isCrossed) market.crossed += span;
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
