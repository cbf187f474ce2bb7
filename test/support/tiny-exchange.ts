import { applyDelta } from "../../src/book/apply.js";
import { Book } from "../../src/book/book.js";
import { delta, snapshot } from "./frames.js";
import { acknowledge, type Command, type Script, type Scripted } from "./scripted-socket.js";

/** What becomes of a frame that takes its number: sent as it should be, not at all, or twice. */
export type Fate = "send" | "drop" | "double";

/**
 * A scripted exchange with books of its own: subscribes, answers get_snapshot, and sends deltas when told to, with the faults it is
 * told to make. Remembers every frame it sent, by connection.
 */
export class TinyExchange {
  readonly books = new Map<string, Book>();
  /** Frames sent, by connection in order. */
  readonly sent: string[][] = [];
  /** Exchange time of the next delta, in milliseconds; moves by one per delta. */
  nowMs = 1_795_329_089_000;
  useYesPrice: unknown;
  /** Decides over each answer to get_snapshot. */
  answer: () => Fate = () => "send";
  readonly #tickers: readonly string[];
  readonly #random: () => number;
  #current: { connection: Scripted; seq: number } | null = null;

  constructor(tickers: readonly string[], random: () => number = Math.random) {
    this.#tickers = tickers;
    this.#random = random;
    for (const ticker of tickers) this.books.set(ticker, new Book(ticker));
  }

  get script(): Script {
    return {
      open: () => {
        this.sent.push([]);
        this.#current = null;
      },
      command: (connection, command) => this.#command(connection, command),
    };
  }

  /** The open connection, once it has subscribed. */
  get connection(): Scripted | null {
    return this.#current?.connection ?? null;
  }

  get subscribed(): boolean {
    return this.#current !== null;
  }

  /** Changes books at random, and tells of it. */
  trade(deltas: number, fate: () => Fate = () => "send"): void {
    for (let i = 0; i < deltas; i += 1) {
      const ticker = this.#tickers[Math.floor(this.#random() * this.#tickers.length)]!;
      const book = this.books.get(ticker)!;
      const side = this.#random() < 0.5 ? "yes" : "no";
      const price = (1 + Math.floor(this.#random() * 45)) * 10_000 + (this.#random() < 0.2 ? 1_500 : 0);
      const there = book[side].at(price);
      const change =
        there > 0 && this.#random() < 0.6 ? -Math.ceil(there * this.#random()) : 1 + Math.floor(this.#random() * 900);
      applyDelta(book, { side, price, delta: change });
      this.nowMs += 1;
      book.time = this.nowMs * 1000;
      const text = (seq: number) =>
        delta({ sid: 1, seq }, ticker, side, (price / 1e6).toFixed(4), (change / 100).toFixed(2), this.nowMs);
      this.#numbered(text, fate());
    }
  }

  /** Sends a frame outside of any count. */
  send(text: string): void {
    this.#send(text);
  }

  #command(connection: Scripted, command: Command): void {
    if (command.cmd === "subscribe") {
      this.useYesPrice = command.params.use_yes_price;
      this.#current = { connection, seq: 0 };
      // Through the log, so that it has the acknowledgements too.
      const send = (...texts: (string | Buffer)[]): void => {
        for (const text of texts) this.#send(String(text));
      };
      acknowledge({ ...connection, send }, command);
      for (const ticker of this.#tickers) this.#numbered((seq) => this.#snapshot({ sid: 1, seq }, ticker), "send");
    } else if (command.params.action === "get_snapshot") {
      for (const ticker of command.params.market_tickers as string[]) {
        this.#numbered((seq) => this.#snapshot({ id: command.id, sid: 1, seq }, ticker), this.answer());
      }
    }
  }

  #snapshot(on: { id?: number; sid: number; seq: number }, ticker: string): string {
    const { yes_dollars, no_dollars } = this.books.get(ticker)!.toJSON();
    return snapshot(on, ticker, yes_dollars, no_dollars);
  }

  #numbered(text: (seq: number) => string, fate: Fate): void {
    if (this.#current === null) return;
    this.#current.seq += 1;
    const full = text(this.#current.seq);
    if (fate === "drop") return;
    this.#send(full);
    if (fate === "double") this.#send(full);
  }

  #send(text: string): void {
    this.#log(text);
    this.#current?.connection.send(text);
  }

  #log(text: string): void {
    this.sent.at(-1)!.push(text);
  }
}
