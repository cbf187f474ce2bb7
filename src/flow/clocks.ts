import type { BookEvent } from "../book/event.js";
import { ExchangeClock } from "../book/exchange-clock.js";
import { type Duration, SECOND, type Timestamp } from "../units/time.js";

/** A connection that has sent no time of the exchange for this long is read by the local clock instead. */
const PATIENCE: Duration = SECOND;

/** The exchange's time on one connection, and how far it has passed there. */
export class ConnectionClock {
  readonly #clock = new ExchangeClock();
  readonly #since: Timestamp;
  #patient = true;
  /** Latest time of the messages that come in order. */
  inOrder: Timestamp = Number.NEGATIVE_INFINITY;
  isOpen = true;

  constructor(receivedAt: Timestamp) {
    this.#since = receivedAt;
  }

  /** The exchange has sent no time at all, and local times are taken for its own. */
  get isTimeless(): boolean {
    return this.#clock.offset === null && !this.#patient;
  }

  heard(time: Timestamp | null, receivedAt: Timestamp): void {
    if (time !== null) this.#clock.heard(time, receivedAt);
    else if (this.#patient && this.#clock.offset === null && receivedAt - this.#since > PATIENCE) this.#patient = false;
  }

  /** The exchange's time of what was received without one; null as long as there is nothing to estimate it by. */
  estimate(receivedAt: Timestamp): Timestamp | null {
    return this.#clock.offset === null && this.#patient ? null : this.#clock.estimate(receivedAt);
  }

  /** As {@link estimate}, with the local time itself where nothing better is known. */
  guess(receivedAt: Timestamp): Timestamp {
    return this.#clock.estimate(receivedAt);
  }
}

/**
 * What time it is at the exchange, from one event to the next, by connection.
 *
 * Messages of one kind (`isInOrder`: deltas, or trades) come in the order of their times, on one connection: one of them says that all
 * before it is there. Other channels and connections may be ahead by some milliseconds, so theirs counts only what is `late` before it.
 */
export class Clocks {
  readonly #isInOrder: (event: BookEvent) => boolean;
  readonly #late: Duration;
  readonly #byNumber = new Map<number, ConnectionClock>();
  /** Latest time of the exchange seen anywhere. */
  latest: Timestamp = Number.NEGATIVE_INFINITY;
  /** The clock of the last event. */
  current: ConnectionClock;
  /** The last event's time, estimated where the exchange sent none; null as long as there is nothing to estimate by. */
  time: Timestamp | null = null;
  #number = Number.NaN;

  constructor(isInOrder: (event: BookEvent) => boolean, late: Duration) {
    this.#isInOrder = isInOrder;
    this.#late = late;
    this.current = new ConnectionClock(0);
  }

  /** Takes the next event, whose time and clock are then the current ones. */
  take(event: BookEvent): void {
    const { time, receivedAt, connection } = event;
    if (event.type === "gap") {
      // It tells of another time than that at which it is told, and its connection may have ended.
      this.time = event.from;
      return;
    }
    if (connection !== this.#number) this.#turnTo(connection, receivedAt);
    const clock = this.current;
    clock.heard(time, receivedAt);
    if (time !== null && this.#isInOrder(event) && time > clock.inOrder) clock.inOrder = time;
    this.time = time ?? clock.estimate(receivedAt);
    // A local clock may have been set back.
    if (time === null && this.time !== null && this.time < clock.inOrder) this.time = clock.inOrder;
    if (this.time !== null && this.time > this.latest) this.latest = this.time;
    if (event.type === "disconnect") this.#ended(connection);
  }

  /** Everything before this has been taken, as far as one connection goes; one that has ended sends no more. */
  passed(clock: ConnectionClock): Timestamp {
    const elsewhere = this.latest - this.#late;
    return clock.isOpen && clock.inOrder > elsewhere ? clock.inOrder : elsewhere;
  }

  /** Everything before this has been taken on every connection. */
  get passedEverywhere(): Timestamp {
    if (this.#byNumber.size === 1 && this.current.isOpen) return this.passed(this.current);
    let least = Number.POSITIVE_INFINITY;
    for (const clock of this.#byNumber.values()) least = Math.min(least, this.passed(clock));
    return least === Number.POSITIVE_INFINITY ? this.latest - this.#late : least;
  }

  #turnTo(connection: number, receivedAt: Timestamp): void {
    this.#number = connection;
    let clock = this.#byNumber.get(connection);
    if (clock === undefined) {
      clock = new ConnectionClock(receivedAt);
      this.#byNumber.set(connection, clock);
    }
    this.current = clock;
  }

  #ended(connection: number): void {
    this.current.isOpen = false;
    this.#byNumber.delete(connection);
    this.#number = Number.NaN;
  }
}
