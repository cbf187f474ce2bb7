import { DAY, HOUR, MINUTE, SECOND, startOfDay, type Timestamp } from "../../../units/time.js";
import { type EventPlan, type SeriesPlan, tickerDate, titleDate } from "../plan.js";
import { Random } from "../random.js";
import { seriesRecord } from "./series.js";
import { above, below, observable, type Scale, within } from "./strikes.js";

/** The series that is in every world, beside real records too. */
export const SANDBOX_SERIES = "SANDBOX";

const LEVEL: Scale = { step: 1, decimals: 0, show: (value) => value };

/** How far the series reaches back. */
const SANDBOX_HISTORY = 61 * DAY;

/** How long a quick event is open, and how often a new one opens. */
export const QUICK_SPAN = 30 * SECOND;

/** How long a lasting event is open, and how long before its close the next one opens. */
const LASTING_SPAN = 18 * DAY;
const LASTING_OVERLAP = DAY;

/** Daily events, always one that stays open for weeks, the first of them around `start`, and one every thirty seconds. */
export function sandboxSeries(seed: string, start: Timestamp): SeriesPlan {
  const record = seriesRecord({
    ticker: SANDBOX_SERIES,
    title: "Sandbox level",
    category: "Sandbox",
    frequency: "custom",
    tags: ["Generated"],
    source: "Sandbox",
    feeType: "quadratic_with_maker_fees",
    feeMultiplier: 1,
  });
  return {
    record,
    reach: SANDBOX_HISTORY,
    events: (from, to) => [...dailyEvents(seed, from, to), ...lastingEvents(seed, start, from, to)],
  };
}

function dailyEvents(seed: string, from: Timestamp, to: Timestamp): EventPlan[] {
  const plans: EventPlan[] = [];
  for (let day = startOfDay(from); day < to + DAY; day += DAY) {
    const plan = dailyEvent(seed, day);
    if (plan.createdTime >= from && plan.createdTime < to) plans.push(plan);
  }
  return plans;
}

function dailyEvent(seed: string, day: Timestamp): EventPlan {
  const random = new Random(`${seed}/SANDBOX/${day}`);
  const final = observable(50 + 8 * random.normal(), LEVEL);
  const closeTime = day + 22 * HOUR;
  const cents = "linear_cent";
  const tapered = "tapered_deci_cent";
  return {
    ...shared(`SANDBOX-${tickerDate(day)}`, `on ${titleDate(day)}`, final),
    exclusive: true,
    createdTime: day - 22 * HOUR,
    openTime: day,
    closeTime,
    knownTime: closeTime - HOUR,
    determinedAfter: 3 * MINUTE,
    settledAfter: 3 * MINUTE,
    spread: 8,
    // Two markets on even days, three on odd ones.
    strikes:
      Math.floor(day / DAY) % 2 === 0
        ? [below(51, LEVEL, cents), above(50, LEVEL, tapered)]
        : [below(46, LEVEL, tapered), within(46, 54, LEVEL, cents), above(54, LEVEL, tapered)],
    bursts: 90,
    fractional: 0.15,
  };
}

function lastingEvents(seed: string, start: Timestamp, from: Timestamp, to: Timestamp): EventPlan[] {
  const first = lastingEvent(seed, start, 1).createdTime;
  const plans: EventPlan[] = [];
  let number = 1 + Math.max(0, Math.ceil((from - first) / (LASTING_SPAN - LASTING_OVERLAP)));
  for (;;) {
    const plan = lastingEvent(seed, start, number);
    if (plan.createdTime >= to) return plans;
    plans.push(plan);
    number += 1;
  }
}

/**
 * A ladder on three grids. The first, `SANDBOX-LIVE`, is open from three days before the start to two weeks after; `SANDBOX-LIVE2` opens a
 * day before that closes, and so on.
 */
function lastingEvent(seed: string, start: Timestamp, number: number): EventPlan {
  const which = number === 1 ? "" : String(number);
  const random = new Random(`${seed}/SANDBOX/lasting${which}`);
  const final = observable(50 + 12 * random.normal(), LEVEL);
  const openTime = startOfDay(start) - 3 * DAY + (number - 1) * (LASTING_SPAN - LASTING_OVERLAP);
  const closeTime = openTime + LASTING_SPAN;
  return {
    ...shared(`SANDBOX-LIVE${which}`, `on ${titleDate(closeTime)}`, final),
    exclusive: false,
    createdTime: openTime - HOUR,
    openTime,
    closeTime,
    knownTime: closeTime,
    determinedAfter: MINUTE,
    settledAfter: 2 * MINUTE,
    spread: 12,
    strikes: [
      above(35, LEVEL, "tapered_deci_cent"),
      above(45, LEVEL, "linear_cent"),
      above(50, LEVEL, "linear_cent"),
      above(55, LEVEL, "deci_cent"),
      above(70, LEVEL, "tapered_deci_cent"),
    ],
    bursts: 2_800,
    uneven: 0.2,
    ignored: 0,
    fractional: 0.2,
  };
}

/** The event that is open for thirty seconds from `openTime` on, with one market. Ends as the seed says, a second after its close. */
export function quickEvent(seed: string, openTime: Timestamp): EventPlan {
  const name = `Q${tickerDate(openTime)}${new Date(openTime / 1000).toISOString().slice(11, 19).replaceAll(":", "")}`;
  const random = new Random(`${seed}/SANDBOX/${name}`);
  const final = observable(50 + 8 * random.normal(), LEVEL);
  const closeTime = openTime + QUICK_SPAN;
  return {
    ...shared(`SANDBOX-${name}`, "half a minute from now", final),
    exclusive: false,
    createdTime: openTime - 5 * SECOND,
    openTime,
    closeTime,
    knownTime: closeTime,
    determinedAfter: SECOND,
    settledAfter: 2 * SECOND,
    spread: 8,
    strikes: [above(49, LEVEL, "tapered_deci_cent")],
    bursts: 0,
    fractional: 0.2,
  };
}

function shared(ticker: string, when: string, final: number) {
  return {
    ticker,
    title: `Where is the sandbox level ${when}?`,
    subTitle: when.charAt(0).toUpperCase() + when.slice(1),
    question: (label: string) => `the sandbox level is ${label} ${when}`,
    strike: {},
    initial: 50,
    final,
    observed: String(final),
  };
}
