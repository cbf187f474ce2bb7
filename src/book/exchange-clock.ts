import type { Timestamp } from "../units/time.js";

/** The exchange's time on one connection, as far as its messages tell it. */
export class ExchangeClock {
  /** Least seen difference between receive and exchange time: how to read a local time where the exchange sent none. */
  offset: number | null;
  /** Latest exchange time seen. */
  lastTime: Timestamp | null;

  constructor(offset: number | null = null, lastTime: Timestamp | null = null) {
    this.offset = offset;
    this.lastTime = lastTime;
  }

  heard(time: Timestamp, receivedAt: Timestamp): void {
    const offset = receivedAt - time;
    if (this.offset === null || offset < this.offset) this.offset = offset;
    if (this.lastTime === null || time > this.lastTime) this.lastTime = time;
  }

  /** Receive time as exchange time, by the least difference seen. */
  estimate(receivedAt: Timestamp): Timestamp {
    return receivedAt - (this.offset ?? 0);
  }
}
