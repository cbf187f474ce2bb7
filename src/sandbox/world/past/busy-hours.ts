import { HOUR, type Timestamp } from "../../../units/time.js";
import type { EventPlan } from "../plan.js";

/** The number of an hour since 1970. */
export function hourOf(time: Timestamp): number {
  return Math.floor(time / HOUR);
}

/** How the trading of an event is spread over the hours of its life: by the time of day, and by the rush it may have at its end. */
export class BusyHours {
  readonly first: number;
  readonly last: number;
  readonly #shares: Float64Array;

  constructor({ openTime, closeTime, hours, rush }: EventPlan) {
    this.first = hourOf(openTime);
    this.last = hourOf(closeTime - 1);
    const weights = new Float64Array(this.last - this.first + 1);
    let sum = 0;
    for (let hour = this.first; hour <= this.last; hour += 1) {
      const [from, to] = [Math.max(openTime, hour * HOUR), Math.min(closeTime, (hour + 1) * HOUR)];
      const rushed = rush === undefined ? 0 : Math.max(0, to - Math.max(from, rush.from)) * (rush.times - 1);
      const weight = (hours?.[hour % 24] ?? 1) * (to - from + rushed);
      weights[hour - this.first] = weight;
      sum += weight;
    }
    for (let i = 0; i < weights.length; i += 1) weights[i] = (weights[i] as number) / sum;
    this.#shares = weights;
  }

  /** What part of all trading falls into an hour. */
  share(hour: number): number {
    return this.#shares[hour - this.first] ?? 0;
  }
}
