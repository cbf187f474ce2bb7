import { KalshiError } from "../../errors.js";
import { DAY, HOUR, MINUTE, type Timestamp } from "../../units/time.js";
import { offsetIn, parseZone } from "../../units/zone.js";
import { type TradeLike, takerSign } from "./trade-rows.js";

/** By what trades are put together. */
export type ProfileBy = "hour" | "weekday" | "size" | "price" | "taker";

export interface BucketOptions {
  /** IANA name of the zone of hours and weekdays; default `UTC`. */
  readonly timezone?: string | undefined;
  /** Ascending lower ends of the buckets: contracts for `size`, YES dollars for `price`. Default 0, 1, 10, 100, 1 000, 10 000; every 5 cents. */
  readonly edges?: readonly number[] | undefined;
}

/** Where a trade belongs, as a place in {@link Buckets.names}. */
export interface Buckets {
  readonly names: readonly string[];
  bucketOf(trade: TradeLike): number;
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** @throws KalshiError `BAD_ARGUMENT` */
export function bucketsOf(by: ProfileBy, { timezone = "UTC", edges }: BucketOptions): Buckets {
  if (by === "taker") {
    const signs = [1, -1, 0];
    return { names: ["yes", "no", "unknown"], bucketOf: (trade) => signs.indexOf(takerSign(trade)) };
  }
  if (by === "size") return edged(edges ?? [0, 1, 10, 100, 1_000, 10_000], 100, ({ count }) => count);
  if (by === "price") {
    const every5 = Array.from({ length: 20 }, (_, at) => (at * 5) / 100);
    return edged(edges ?? every5, 1_000_000, ({ yes_price }) => yes_price);
  }
  const local = localTime(timezone);
  if (by === "hour") {
    const names = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));
    return { names, bucketOf: ({ created_time }) => local(created_time).hour };
  }
  if (by === "weekday") return { names: weekdays, bucketOf: ({ created_time }) => local(created_time).weekday };
  throw new KalshiError("BAD_ARGUMENT", `no profile of trades by ${JSON.stringify(by)}`, {
    hint: 'give "hour", "weekday", "size", "price" or "taker"',
    context: { by: String(by) },
  });
}

/** Half-open: a value belongs to the last edge at or below it. */
function edged(edges: readonly number[], scale: number, amountOf: (trade: TradeLike) => number): Buckets {
  const whole = edges.map((edge) => Math.round(edge * scale));
  if (whole[0] !== 0 || whole.some((edge, at) => at > 0 && !(edge > whole[at - 1]!))) {
    throw new KalshiError("BAD_ARGUMENT", `edges of buckets do not ascend from 0: ${edges.join(", ")}`, {
      hint: "give the lower end of each bucket, the first 0, such as `edges: [0, 10, 100]`",
      context: { edges },
    });
  }
  return {
    names: whole.map((edge) => String(edge / scale)),
    bucketOf(trade) {
      const value = amountOf(trade);
      return whole.findLastIndex((edge) => edge <= value);
    },
  };
}

/** Clocks differ by whole quarters of an hour, so that within one the hour is the same. */
const QUARTER = 15 * MINUTE;

function localTime(zone: string): (time: Timestamp) => { readonly hour: number; readonly weekday: number } {
  parseZone(zone);
  const known = new Map<number, { hour: number; weekday: number }>();
  return (time) => {
    const quarter = Math.floor(time / QUARTER);
    let found = known.get(quarter);
    if (found === undefined) {
      const shown = quarter * QUARTER + offsetIn(zone, quarter * QUARTER);
      // 1970 began on a Thursday.
      const [days, hours] = [Math.floor(shown / DAY), Math.floor(shown / HOUR)];
      found = { hour: hours - 24 * days, weekday: (((days + 3) % 7) + 7) % 7 };
      // A day's quarters are few; of years only as many are kept as come again soon.
      if (known.size > (1_000 * HOUR) / QUARTER) known.clear();
      known.set(quarter, found);
    }
    return found;
  };
}
