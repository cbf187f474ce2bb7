import type { BookEvent } from "../book/event.js";
import { KalshiError } from "../errors.js";
import { Dropped } from "./dropped.js";
import { sizeOf } from "./event-size.js";

/**
 * What becomes of events when their reader is slower than the exchange, and as many wait as may:
 *
 * - `fail`: reading fails with `SOCKET_CLOSED`, and the connection ends. Nothing is missing without a word.
 * - `wait`: nothing more is read from the socket until half of what waits has been read; the exchange has to wait, and its own memory of us
 *   is what fills. Nothing is lost as long as it has patience; where it loses that (error 25, or the connection), a gap tells.
 * - `drop_oldest`: the older half of what waits is dropped. A gap with reason `slow_reader` tells how many events that were, of which
 *   markets and of what time; then come the books as they stand where reading goes on, and the end of the gap.
 */
export type OnSlow = "fail" | "wait" | "drop_oldest";

export interface QueueOptions {
  readonly onSlow: OnSlow;
  /** How many events may wait. */
  readonly maxWaiting: number;
  /** About how many bytes of memory they may take. */
  readonly maxWaitingBytes: number;
  /** Stops the source, or lets it go on. */
  readonly hold: (isHeld: boolean) => void;
  /** Reading has failed. */
  readonly failed: () => void;
}

/** Events between a socket and its reader, no more of them than may wait. */
export class EventQueue implements AsyncIterableIterator<BookEvent> {
  readonly #options: QueueOptions;
  readonly #dropped: Dropped | null;
  readonly #countsBytes: boolean;
  #events: BookEvent[] = [];
  #at = 0;
  #bytes = 0;
  #waiting: ((result: IteratorResult<BookEvent>) => void) | null = null;
  #isRead = false;
  #isHeld = false;
  #failure: KalshiError | null = null;
  #over = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#dropped = options.onSlow === "drop_oldest" ? new Dropped() : null;
    this.#countsBytes = options.maxWaitingBytes < Number.POSITIVE_INFINITY;
  }

  /** How many events wait. */
  get waiting(): number {
    return this.#events.length - this.#at;
  }

  /** Whether the source is to send no more for now. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  push(event: BookEvent): void {
    if (this.#waiting !== null) {
      const resolve = this.#waiting;
      this.#waiting = null;
      this.#dropped?.passed(event);
      resolve({ value: event, done: false });
      return;
    }
    if (this.#failure !== null) return;
    this.#events.push(event);
    if (this.#countsBytes) this.#bytes += sizeOf(event);
    if (this.#holdsMoreThan(1)) this.#overflow();
  }

  end(): void {
    this.#over = true;
    this.#waiting?.({ value: undefined, done: true });
    this.#waiting = null;
  }

  async next(): Promise<IteratorResult<BookEvent>> {
    this.#isRead = true;
    const told = this.#dropped?.next() ?? null;
    if (told !== null) return { value: told, done: false };
    const event = this.#shift();
    if (event !== null) {
      this.#dropped?.passed(event);
      if (this.#isHeld && !this.#holdsMoreThan(1 / 2)) this.#hold(false);
      return { value: event, done: false };
    }
    if (this.#failure !== null) throw this.#failure;
    if (this.#over) return { value: undefined, done: true };
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Leaving the loop ends the reading, not the connection: `close()` does that. */
  async return(): Promise<IteratorResult<BookEvent>> {
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #shift(): BookEvent | null {
    if (this.#at >= this.#events.length) return null;
    const event = this.#events[this.#at]!;
    this.#at += 1;
    if (this.#countsBytes) this.#bytes -= sizeOf(event);
    if (this.#at >= 4096 && this.#at * 2 >= this.#events.length) {
      this.#events = this.#events.slice(this.#at);
      this.#at = 0;
    }
    return event;
  }

  #holdsMoreThan(part: number): boolean {
    const { maxWaiting, maxWaitingBytes } = this.#options;
    return this.waiting > maxWaiting * part || this.#bytes > maxWaitingBytes * part;
  }

  #overflow(): void {
    switch (this.#options.onSlow) {
      case "wait":
        if (!this.#isHeld) this.#hold(true);
        return;
      case "drop_oldest":
        while (this.#holdsMoreThan(1 / 2)) this.#dropped!.drop(this.#shift()!);
        return;
      case "fail":
        this.#fail();
    }
  }

  #hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#options.hold(isHeld);
  }

  #fail(): void {
    const { maxWaiting, maxWaitingBytes, failed } = this.#options;
    const what = this.waiting > maxWaiting ? `${maxWaiting} events` : `${maxWaitingBytes} bytes of events`;
    this.#failure = new KalshiError("SOCKET_CLOSED", `${what} wait to be read: the reader is too slow`, {
      hint: 'do less per event, listen to fewer markets, choose onSlow: "wait" or "drop_oldest", or record and read the recording',
      context: { waiting: this.waiting, maxWaiting, maxWaitingBytes },
    });
    this.#events = [];
    this.#at = 0;
    this.#bytes = 0;
    if (this.#isRead) failed();
  }
}
