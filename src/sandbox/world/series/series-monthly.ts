import { DAY, HOUR, MINUTE, startOfDay, type Timestamp } from "../../../units/time.js";
import { type EventPlan, type SeriesPlan, tickerDate, titleDate } from "../plan.js";
import { Random } from "../random.js";
import { HISTORY, seriesRecord } from "./series.js";
import { above, observable, type Scale } from "./strikes.js";

const PERCENT: Scale = { step: 0.1, decimals: 1, show: (value) => `${value}%` };

/** A monthly rate of inflation: five thresholds, open for a month, some of them on a grid of tenths of a cent. */
export function pricesSeries(seed: string): SeriesPlan {
  const record = seriesRecord({
    ticker: "NORCPI",
    title: "Norland consumer prices, change on the month",
    category: "Economics",
    frequency: "monthly",
    tags: ["Inflation"],
    source: "Norland Statistics",
    feeType: "quadratic",
    feeMultiplier: 1,
  });
  return {
    record,
    reach: HISTORY,
    events: (from, to) =>
      months(from - 40 * DAY, to)
        .map((month) => pricesMonth(seed, month))
        .filter(({ createdTime }) => createdTime >= from && createdTime < to),
  };
}

/** `month` is its first midnight. Published on the tenth of the month after; open from ten days before the month. */
function pricesMonth(seed: string, month: Timestamp): EventPlan {
  const random = new Random(`${seed}/NORCPI/${month}`);
  const final = observable(0.25 + 0.15 * random.normal(), PERCENT);
  const closeTime = startOfDay(month + 40 * DAY) + 12 * HOUR + 25 * MINUTE;
  const name = `${tickerDate(month).slice(0, 5)}`;
  const grid = (i: number) => (i === 0 || i === 4 ? "deci_cent" : "linear_cent");
  return {
    ticker: `NORCPI-${name}`,
    title: `Norland consumer prices in the month of ${titleDate(month).replace(" 1,", "")}?`,
    subTitle: `In ${titleDate(month).replace(" 1,", "")}`,
    question: (label) => `consumer prices in Norland rise by ${label} on the month`,
    exclusive: false,
    strike: { strike_period: "month" },
    createdTime: month - 11 * DAY,
    openTime: month - 10 * DAY,
    closeTime,
    knownTime: closeTime,
    determinedAfter: 10 * MINUTE,
    settledAfter: HOUR,
    final,
    observed: `${final.toFixed(1)}%`,
    initial: 0.25,
    spread: 0.15,
    strikes: [-0.1, 0.1, 0.2, 0.3, 0.5].map((floor, i) => above(floor, PERCENT, grid(i))),
    bursts: 260,
    fractional: 0.05,
  };
}

function months(from: Timestamp, to: Timestamp): readonly Timestamp[] {
  const starts: Timestamp[] = [];
  const date = new Date(from / 1000);
  for (let year = date.getUTCFullYear(), month = date.getUTCMonth(); ; month += 1) {
    const start = Date.UTC(year, month, 1) * 1000;
    if (start > to + 31 * DAY) return starts;
    starts.push(start);
    if (month === 11) {
      month = -1;
      year += 1;
    }
  }
}
