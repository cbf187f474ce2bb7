import type { Timestamp } from "../units/time.js";

/** The exchange's time on one connection, as far as its messages tell it. */
export class ExchangeClock {
  /** Least seen difference between receive and exchange time: how to read a local time where the exchange sent none. */
  offset: number | null;
  /** Latest exchange time seen. */
  lastTime: Timestamp | null;

  /** Receive time of the last message with a time, and of the last whose time was later than all before. */
  heardAt: Timestamp;
  advancedAt: Timestamp;

  constructor(offset: number | null = null, lastTime: Timestamp | null = null, heardAt = 0, advancedAt = 0) {
    this.offset = offset;
    this.lastTime = lastTime;
    this.heardAt = heardAt;
    this.advancedAt = advancedAt;
  }

  heard(time: Timestamp, receivedAt: Timestamp): void {
    const offset = receivedAt - time;
    if (this.offset === null || offset < this.offset) this.offset = offset;
    this.heardAt = receivedAt;
    if (this.lastTime === null || time > this.lastTime) {
      this.lastTime = time;
      this.advancedAt = receivedAt;
    }
  }

  /** Receive time as exchange time, by the least difference seen. */
  estimate(receivedAt: Timestamp): Timestamp {
    return receivedAt - (this.offset ?? 0);
  }
}
