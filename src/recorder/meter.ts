import type { Timestamp } from "../units/time.js";

/** How fast frames come. */
export interface Rates {
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
}

/** Receive time minus exchange time, in milliseconds. Below zero where the local clock is behind. */
export interface Lag {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

const SECOND = 1_000_000;
const WINDOW_SECONDS = 10;
const SAMPLES = 4_096;

/** Measures a stream of frames as it passes, in constant memory. Times are local, in microseconds. */
export class Meter {
  /** Which second of local time a slot is of. */
  readonly #seconds = new Float64Array(WINDOW_SECONDS + 1).fill(Number.NaN);
  readonly #frames = new Float64Array(WINDOW_SECONDS + 1);
  readonly #bytes = new Float64Array(WINDOW_SECONDS + 1);
  readonly #lags = new Float64Array(SAMPLES);
  readonly #lagsAt = new Float64Array(SAMPLES).fill(Number.NEGATIVE_INFINITY);
  #samples = 0;
  readonly #startedAt: Timestamp;

  constructor(startedAt: Timestamp) {
    this.#startedAt = startedAt;
  }

  frame(bytes: number, at: Timestamp): void {
    const second = Math.floor(at / SECOND);
    const slot = second % (WINDOW_SECONDS + 1);
    if (this.#seconds[slot] !== second) {
      this.#seconds[slot] = second;
      this.#frames[slot] = 0;
      this.#bytes[slot] = 0;
    }
    this.#frames[slot]! += 1;
    this.#bytes[slot]! += bytes;
  }

  /** A message told the exchange's time. */
  lag(receivedAt: Timestamp, time: Timestamp): void {
    const at = this.#samples % SAMPLES;
    this.#lags[at] = receivedAt - time;
    this.#lagsAt[at] = receivedAt;
    this.#samples += 1;
  }

  /** Of the last ten whole seconds, or of those since the start where there are fewer; 0 within the first. */
  rates(at: Timestamp): Rates {
    const now = Math.floor(at / SECOND);
    const first = Math.max(now - WINDOW_SECONDS, Math.floor(this.#startedAt / SECOND));
    const seconds = now - first;
    let [frames, bytes] = [0, 0];
    for (const [slot, second] of this.#seconds.entries()) {
      if (!(second >= first && second < now)) continue;
      frames += this.#frames[slot]!;
      bytes += this.#bytes[slot]!;
    }
    return {
      messagesPerSecond: seconds > 0 ? frames / seconds : 0,
      bytesPerSecond: seconds > 0 ? bytes / seconds : 0,
    };
  }

  /** Of the last 4,096 messages that told a time, as far as they came within ten seconds; null without one. */
  lags(at: Timestamp): Lag | null {
    const since = at - WINDOW_SECONDS * SECOND;
    const recent = this.#lags.filter((_, index) => this.#lagsAt[index]! >= since).sort();
    if (recent.length === 0) return null;
    const millis = (index: number): number => recent[index]! / 1_000;
    return { median: millis(recent.length >> 1), lowest: millis(0), highest: millis(recent.length - 1) };
  }
}
