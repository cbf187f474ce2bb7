import { closeSync, existsSync, openSync, readSync } from "node:fs";
import type { FrameLogLine } from "../../src/sandbox/socket/frame-log.js";
import { changeLevel, hundredths, PlainBooks, type PlainFrame, sideOf } from "./plain-books.js";

/** What one connection was sent, in order, and what its numbers mean. */
export interface SentTo {
  readonly name: string;
  /** As they left. */
  readonly frames: string[];
  /** Contracts on the level that the delta with `sid:seq` has changed, after it: of every delta meant for it, lost ones included. */
  readonly counts: Map<string, number>;
}

/** Reads what sandboxes have written down, while they do: what was sent to whom, and their own books. */
export class FrameLedger {
  readonly connections: SentTo[] = [];
  readonly books: PlainBooks;
  /** Deltas lost by faults: market and time in µs. */
  readonly lost: { readonly ticker: string; readonly time: number }[] = [];
  /** Of the sandbox's clock, in µs: of the last thing it wrote down. */
  lastTime = 0;
  firstTime = 0;
  /** Frames that left, of all connections. */
  sent = 0;
  /** What was among them: so often, by name. */
  readonly met: Record<string, number> = {};
  #path: string | null = null;
  #at = 0;
  #rest = "";
  /** Of the present process, by number. */
  #open = new Map<number, SentTo & { readonly levels: Map<string, Map<string, number>>; deltas: number }>();

  /** @param useYesPrice - whether frames have NO levels in YES prices */
  constructor(useYesPrice = false) {
    this.books = new PlainBooks(true, useYesPrice);
  }

  /** Goes on with the file of another process, when the one before has ended. */
  follow(path: string): void {
    this.read();
    this.#path = path;
    this.#at = 0;
    this.#rest = "";
    this.#open = new Map();
    this.books.restarted();
  }

  /** The last frame that left on a connection of the present process, or null. */
  lastOn(connection: number): string | null {
    return this.#open.get(connection)?.frames.at(-1) ?? null;
  }

  /** Deltas that left on a connection of the present process, and the markets whose books it was sent. */
  deltasOn(connection: number): { readonly count: number; readonly tickers: ReadonlySet<string> } {
    const { deltas = 0, levels = new Map() } = this.#open.get(connection) ?? {};
    return { count: deltas, tickers: new Set([...levels.keys()].map((key: string) => key.split(" ")[0]!)) };
  }

  /** Reads on to where the file ends now. */
  read(): void {
    if (this.#path === null || !existsSync(this.#path)) return;
    const file = openSync(this.#path, "r");
    try {
      const chunk = Buffer.alloc(1 << 20);
      for (let got = readSync(file, chunk, 0, chunk.length, this.#at); got > 0; ) {
        this.#at += got;
        this.#take(chunk.toString("latin1", 0, got));
        got = readSync(file, chunk, 0, chunk.length, this.#at);
      }
    } finally {
      closeSync(file);
    }
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) this.#line(JSON.parse(Buffer.from(line, "latin1").toString("utf8")) as FrameLogLine);
  }

  #line(line: FrameLogLine): void {
    this.books.take(line);
    this.lastTime = line.time;
    if (!("frame" in line)) return;
    if (this.firstTime === 0) this.firstTime = line.time;
    const to = this.#connection(line.connection);
    const frame = JSON.parse(line.frame) as PlainFrame;
    if (line.fate === "sent") {
      to.frames.push(line.frame);
      this.sent += 1;
      if (frame.type === "orderbook_delta") to.deltas += 1;
      for (const name of traits(frame, to)) this.met[name] = (this.met[name] ?? 0) + 1;
    }
    this.#count(to, frame);
    const { market_ticker: ticker, ts_ms } = frame.msg ?? {};
    if (line.fate !== "sent" && frame.type === "orderbook_delta")
      this.lost.push({ ticker: ticker!, time: ts_ms! * 1000 });
  }

  #count(
    to: SentTo & { readonly levels: Map<string, Map<string, number>> },
    { type, sid, seq, msg }: PlainFrame,
  ): void {
    if (msg === undefined || !type.startsWith("orderbook_")) return;
    const key = `${sid}:${seq}`;
    if (to.counts.has(key)) return;
    const { market_ticker: ticker, side, price_dollars, delta_fp } = msg;
    if (type === "orderbook_snapshot") {
      to.levels.set(`${ticker} yes`, sideOf(msg.yes_dollars_fp));
      to.levels.set(`${ticker} no`, sideOf(msg.no_dollars_fp));
      to.counts.set(key, Number.NaN);
      return;
    }
    to.counts.set(key, changeLevel(to.levels.get(`${ticker} ${side}`)!, price_dollars!, hundredths(delta_fp!)));
  }

  #connection(number: number) {
    let known = this.#open.get(number);
    if (known === undefined) {
      const name = `connection ${number} of ${this.#path}`;
      known = { name, frames: [], counts: new Map(), levels: new Map(), deltas: 0 };
      this.#open.set(number, known);
      this.connections.push(known);
    }
    return known;
  }
}

/** What there is to a frame that readers of such frames have been known to get wrong. */
function traits({ type, seq, msg }: PlainFrame, to: { readonly levels: ReadonlyMap<string, unknown> }): string[] {
  if (type === "ok") return ["ok reply"];
  if (msg === undefined) return [];
  const { market_ticker: ticker, yes_dollars_fp: yes, no_dollars_fp: no, price_dollars = "0.0000", ts } = msg;
  const found: string[] = [];
  if (type === "orderbook_delta") {
    if (!price_dollars.endsWith("00")) found.push("sub-penny price");
    if (!msg.delta_fp!.endsWith(".00")) found.push("fractional size");
    if (typeof ts === "string" && !/\.\d{6}Z$/.test(ts)) found.push("time with trimmed zeros");
  } else if (type === "orderbook_snapshot") {
    if (yes === undefined || no === undefined) found.push("absent side");
    const before = to.levels.get(`${ticker} yes`) as Map<string, number> | undefined;
    if (before !== undefined && seq! > 1) found.push("snapshot in the middle of the stream");
    if ((before?.size ?? 0) > 0 && yes === undefined && no === undefined) found.push("close that wipes a full book");
  }
  return found;
}
