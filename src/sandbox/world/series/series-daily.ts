import { DAY, type Duration, HOUR, MINUTE, startOfDay, type Timestamp } from "../../../units/time.js";
import { easternMidnightFrom } from "../eastern.js";
import { type EventPlan, type SeriesPlan, tickerDate, titleDate } from "../plan.js";
import { Random } from "../random.js";
import { HISTORY, isWeekday, seriesRecord } from "./series.js";
import { above, below, observable, type Scale, within } from "./strikes.js";

// Trading of the day's weather and index: busy in the American day and evening, asleep from 8 to 11 UTC.
const HOURS = [
  0.9, 0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.15, 0.03, 0.03, 0.03, 0.1, 0.4, 0.7, 0.8, 0.9, 1, 1, 1, 1, 1, 0.9, 0.9, 0.9,
];
const DEGREES: Scale = { step: 1, decimals: 0, show: (value) => `${value}°` };
const POINTS: Scale = { step: 0.01, decimals: 2, show: (value) => value };

/** A place whose weather is traded. */
interface Place {
  readonly series: string;
  readonly name: string;
  /** Mean temperature of its year. */
  readonly mean: number;
  readonly reach: Duration;
  readonly bursts: number;
  readonly uneven: number;
}

/** A small town: three months of few trades, to try things on. */
const AVON: Place = { series: "AVONHIGH", name: "Port Avon", mean: 62, reach: HISTORY, bursts: 80, uneven: 0.55 };
/** A large one, traded as the exchange's largest is. */
const NORBURG: Place = {
  series: "NORHIGH",
  name: "Norburg",
  mean: 55,
  reach: 61 * DAY,
  bursts: 215,
  uneven: 0.95,
};

export function weatherSeries(seed: string): SeriesPlan {
  return highsOf(seed, AVON);
}

export function cityWeatherSeries(seed: string): SeriesPlan {
  return highsOf(seed, NORBURG);
}

/** A daily high temperature: six markets a day, below, four brackets, above. Just one of them pays. */
function highsOf(seed: string, place: Place): SeriesPlan {
  const record = seriesRecord({
    ticker: place.series,
    title: `Highest temperature in ${place.name}`,
    category: "Climate and Weather",
    frequency: "daily",
    tags: ["Daily temperature"],
    source: `${place.name} Weather Service`,
    feeType: "quadratic",
    feeMultiplier: 1,
  });
  return {
    record,
    reach: place.reach,
    events: (from, to) => daily(from, to, 1.5 * DAY, (day) => weatherDay(seed, place, day)),
  };
}

function weatherDay(seed: string, place: Place, day: Timestamp): EventPlan {
  const random = new Random(`${seed}/${place.series}/${day}`);
  const season = place.mean + 20 * Math.sin((2 * Math.PI * (day / DAY - 110)) / 365.25);
  const forecast = Math.round(season + 6 * random.normal());
  const final = observable(forecast + 2.6 * random.normal(), DEGREES);
  const closeTime = easternMidnightFrom(day + 12 * HOUR) - MINUTE;
  const cents = "linear_cent";
  return {
    ticker: `${place.series}-${tickerDate(day)}`,
    title: `Will the **high temp in ${place.name}** be as stated on ${titleDate(day)}?`,
    subTitle: `On ${titleDate(day)}`,
    question: (label) => `the highest temperature recorded in ${place.name} on ${titleDate(day)} is ${label}`,
    exclusive: true,
    strike: { strike_date: new Date(closeTime / 1000).toISOString().replace(".000Z", "Z") },
    createdTime: day - 12 * HOUR,
    openTime: day - 10 * HOUR,
    closeTime,
    knownTime: closeTime - 8 * HOUR,
    determinedAfter: 9 * HOUR,
    settledAfter: 5 * MINUTE,
    final,
    observed: final.toFixed(2),
    initial: forecast,
    spread: 2.6,
    strikes: [
      below(forecast - 3, DEGREES, cents),
      within(forecast - 3, forecast - 2, DEGREES, cents),
      within(forecast - 1, forecast, DEGREES, cents),
      within(forecast + 1, forecast + 2, DEGREES, cents),
      within(forecast + 3, forecast + 4, DEGREES, cents),
      above(forecast + 4, DEGREES, cents),
    ],
    bursts: place.bursts,
    uneven: place.uneven,
    fractional: 0,
    hours: HOURS,
  };
}

/** A stock index at the close of every weekday: a ladder of eight thresholds on a grid that is finer near the ends. */
export function indexSeries(seed: string): SeriesPlan {
  const record = seriesRecord({
    ticker: "NORIDX",
    title: "Norland 100 at the close",
    category: "Financials",
    frequency: "daily",
    tags: ["Indices"],
    source: "Norland Exchange",
    feeType: "quadratic",
    feeMultiplier: 0.5,
  });
  return {
    record,
    reach: HISTORY,
    events: (from, to) => daily(from, to, DAY, (day) => (isWeekday(day) ? indexDay(seed, day) : null)),
  };
}

function indexDay(seed: string, day: Timestamp): EventPlan {
  const random = new Random(`${seed}/NORIDX/${day}`);
  const trend = 5_400 + 60 * Math.sin(day / DAY / 9) + 0.8 * ((day / DAY) % 400);
  const before = Math.round((trend + 20 * random.normal()) / 5) * 5;
  const final = observable(before + 38 * random.normal(), POINTS);
  const closeTime = day + 20 * HOUR;
  const lowest = Math.round(before / 25) * 25 - 62.5;
  return {
    ticker: `NORIDX-${tickerDate(day)}`,
    title: `Norland 100 at the close on ${titleDate(day)}?`,
    subTitle: `On ${titleDate(day)} at 4 pm EDT`,
    question: (label) => `the Norland 100 closes at ${label} on ${titleDate(day)}`,
    exclusive: false,
    strike: { strike_date: new Date(closeTime / 1000).toISOString().replace(".000Z", "Z") },
    createdTime: day - 15 * HOUR,
    openTime: day - 3 * HOUR,
    closeTime,
    knownTime: closeTime - 40 * MINUTE,
    determinedAfter: 2 * MINUTE,
    settledAfter: 5 * MINUTE,
    final,
    observed: final.toFixed(2),
    initial: before,
    spread: 38,
    strikes: Array.from({ length: 8 }, (_, i) => above(lowest + 25 * i, POINTS, "tapered_deci_cent")),
    bursts: 400,
    fractional: 0.3,
    hours: HOURS,
  };
}

/** Plans of the days whose creation, `ahead` of their midnight at the earliest, falls in [from, to). */
function daily(
  from: Timestamp,
  to: Timestamp,
  ahead: number,
  plan: (day: Timestamp) => EventPlan | null,
): readonly EventPlan[] {
  const plans: EventPlan[] = [];
  for (let day = startOfDay(from); day <= to + ahead; day += DAY) {
    const made = plan(day);
    if (made !== null && made.createdTime >= from && made.createdTime < to) plans.push(made);
  }
  return plans;
}
