import { SECOND, type Timestamp } from "../units/time.js";

/**
 * A sign of life, such as a ping, may have been sent beside messages that were still waiting to be: it proves that those have arrived which
 * happened this long before.
 */
const WAITING = SECOND;

/** What a sign of life at a local time proves: the exchange's time up to which its messages have arrived, by the longest delay seen. */
export function provenBy(heardAt: Timestamp, slowest: number | null): Timestamp {
  return heardAt - (slowest ?? 0) - WAITING;
}

/** What some messages tell of the exchange's time. */
export interface HeardTimes {
  /** Least and greatest difference between receive and exchange time. */
  readonly least: Timestamp;
  readonly greatest: Timestamp;
  /** The latest exchange time, and the receive time of the first message that had it. */
  readonly latest: Timestamp;
  readonly advancedAt: Timestamp;
  /** Receive time of the last message. */
  readonly heardAt: Timestamp;
}

/** The exchange's time on one connection, as far as its messages tell it. */
export class ExchangeClock {
  /** Least seen difference between receive and exchange time: how to read a local time where the exchange sent none. */
  offset: number | null;
  /** Latest exchange time seen. */
  lastTime: Timestamp | null;
  /** Greatest seen difference between receive and exchange time: a slow message, or a local clock that was set. */
  slowest: number | null;
  /** Least difference to when books were sent: what the clocks differ by, as far as that is known before anything has told a time. */
  sent: number | null;

  /** Receive time of the last message with a time, and of the last whose time was later than all before. */
  heardAt: Timestamp;
  advancedAt: Timestamp;

  constructor(
    offset: number | null = null,
    lastTime: Timestamp | null = null,
    heardAt = 0,
    advancedAt = 0,
    slowest: number | null = null,
    sent: number | null = null,
  ) {
    this.offset = offset;
    this.lastTime = lastTime;
    this.heardAt = heardAt;
    this.advancedAt = advancedAt;
    this.slowest = slowest;
    this.sent = sent;
  }

  heard(time: Timestamp, receivedAt: Timestamp): void {
    const offset = receivedAt - time;
    if (this.offset === null || offset < this.offset) this.offset = offset;
    if (this.slowest === null || offset > this.slowest) this.slowest = offset;
    this.heardAt = receivedAt;
    if (this.lastTime === null || time > this.lastTime) {
      this.lastTime = time;
      this.advancedAt = receivedAt;
    }
  }

  /** As {@link heard} of messages one after the other. */
  heardAll({ least, greatest, latest, advancedAt, heardAt }: HeardTimes): void {
    if (this.offset === null || least < this.offset) this.offset = least;
    if (this.slowest === null || greatest > this.slowest) this.slowest = greatest;
    this.heardAt = heardAt;
    if (this.lastTime === null || latest > this.lastTime) {
      this.lastTime = latest;
      this.advancedAt = advancedAt;
    }
  }

  /** A whole book was sent at a time: it says nothing of what has arrived, and something of the clocks. */
  heardSent(sentTime: Timestamp, receivedAt: Timestamp): void {
    this.sent = Math.min(this.sent ?? Number.POSITIVE_INFINITY, receivedAt - sentTime);
  }

  /** Receive time as exchange time, by the least difference seen. */
  estimate(receivedAt: Timestamp): Timestamp {
    return receivedAt - (this.offset ?? this.sent ?? 0);
  }

  /** What a sign of life at a local time proves. See {@link provenBy}. */
  provenBy(heardAt: Timestamp): Timestamp {
    return provenBy(heardAt, this.slowest ?? this.sent);
  }
}
