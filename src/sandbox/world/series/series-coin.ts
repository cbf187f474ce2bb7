import { DAY, HOUR, MINUTE, SECOND, type Timestamp } from "../../../units/time.js";
import { type EventPlan, type SeriesPlan, tickerDate } from "../plan.js";
import { Random } from "../random.js";
import { seriesRecord } from "./series.js";
import { above, atLeast, observable, type Scale } from "./strikes.js";

const DOLLARS: Scale = { step: 0.01, decimals: 2, show: (value) => `$${value}` };
const QUARTER = 15 * MINUTE;
const LADDER = 12;
const RUNG = 250;

/** What one coin is taken to be worth at a moment before anything of it is drawn: a slow wave. */
function trend(time: Timestamp): number {
  return 60_000 + 4_000 * Math.sin(time / (9 * DAY)) + 900 * Math.sin(time / (1.3 * DAY));
}

/** Up or down within a quarter of an hour: one market every quarter, since two days ago. */
export function quarterSeries(seed: string): SeriesPlan {
  const record = coinRecord("ORBIT15M", "Orbit up or down in 15 minutes", "fifteen_min");
  return {
    record,
    reach: 2 * DAY,
    events: (from, to) => each(QUARTER, 2 * MINUTE, from, to, (open) => quarter(seed, open)),
  };
}

/** What a coin is worth on the hour: a ladder of twelve thresholds, most of them far off. */
export function hourlySeries(seed: string): SeriesPlan {
  const record = coinRecord("ORBITH", "Orbit price on the hour", "hourly");
  return {
    record,
    reach: 30 * HOUR,
    events: (from, to) => each(HOUR, 5 * MINUTE, from, to, (open) => hour(seed, open)),
  };
}

function coinRecord(ticker: string, title: string, frequency: string) {
  return seriesRecord({
    ticker,
    title,
    category: "Crypto",
    frequency,
    tags: ["Orbit"],
    source: "Orbit reference rate",
    feeType: "quadratic",
    feeMultiplier: 1,
  });
}

function quarter(seed: string, openTime: Timestamp): EventPlan {
  const random = new Random(`${seed}/ORBIT15M/${openTime}`);
  const floor = observable(trend(openTime) + 120 * random.normal(), DOLLARS);
  const final = observable(floor + 95 * random.normal(), DOLLARS);
  const closeTime = openTime + QUARTER;
  const minute = new Date(closeTime / 1000).toISOString().slice(14, 16);
  return {
    ticker: `ORBIT15M-${stamp(closeTime)}${minute}`,
    ...shared(final, clockTime(closeTime)),
    exclusive: false,
    createdTime: openTime - 2 * MINUTE,
    openTime,
    closeTime,
    knownTime: closeTime - 10 * SECOND,
    initial: floor,
    spread: 95,
    strikes: [{ ...atLeast(floor, DOLLARS, "tapered_deci_cent"), suffix: minute }],
    bursts: 800,
    uneven: 0.35,
    fractional: 0.3,
  };
}

function hour(seed: string, openTime: Timestamp): EventPlan {
  const random = new Random(`${seed}/ORBITH/${openTime}`);
  const initial = observable(trend(openTime) + 150 * random.normal(), DOLLARS);
  const final = observable(initial + 260 * random.normal(), DOLLARS);
  const closeTime = openTime + HOUR;
  const lowest = Math.round(initial / RUNG) * RUNG - (LADDER / 2 - 1) * RUNG;
  return {
    ticker: `ORBITH-${stamp(closeTime)}`,
    ...shared(final, clockTime(closeTime)),
    exclusive: false,
    createdTime: openTime - 5 * MINUTE,
    openTime,
    closeTime,
    knownTime: closeTime - 30 * SECOND,
    initial,
    spread: 260,
    strikes: Array.from({ length: LADDER }, (_, i) => above(lowest + i * RUNG + 124.99, DOLLARS, "tapered_deci_cent")),
    bursts: 90,
    uneven: 0.9,
    ignored: 0.25,
    fractional: 0.2,
  };
}

function shared(final: number, when: string) {
  return {
    title: `Orbit price at ${when}?`,
    subTitle: `Orbit at ${when}`,
    question: (label: string) => `the average of the Orbit reference rate over the minute before ${when} is ${label}`,
    strike: {},
    determinedAfter: 5 * SECOND,
    settledAfter: 60 * SECOND,
    final,
    observed: final.toFixed(2),
  };
}

/** Plans for every whole `span` that are created, `ahead` of their opening, in [from, to). */
function each(
  span: Timestamp,
  ahead: Timestamp,
  from: Timestamp,
  to: Timestamp,
  plan: (open: Timestamp) => EventPlan,
): readonly EventPlan[] {
  const plans: EventPlan[] = [];
  for (let open = Math.ceil((from + ahead) / span) * span; open - ahead < to; open += span) plans.push(plan(open));
  return plans;
}

/** Date and hour as tickers of the day's hours carry them. */
function stamp(time: Timestamp): string {
  return `${tickerDate(time)}${new Date(time / 1000).toISOString().slice(11, 13)}`;
}

function clockTime(time: Timestamp): string {
  return `${new Date(time / 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
