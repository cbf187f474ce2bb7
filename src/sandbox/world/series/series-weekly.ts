import { DAY, HOUR, MINUTE, SECOND, startOfDay, type Timestamp } from "../../../units/time.js";
import { candidates } from "../past/candidates.js";
import { type EventPlan, type SeriesPlan, tickerDate, titleDate } from "../plan.js";
import { Random } from "../random.js";
import { HISTORY, seriesRecord } from "./series.js";
import { atLeast, observable, type Scale } from "./strikes.js";

const CENTS: Scale = { step: 0.001, decimals: 3, show: (value) => `$${value}` };
const SONGS = ["Amber", "Brine", "Cinder", "Drift", "Ember", "Fable", "Grove", "Haze", "Inlet", "Juniper", "Kite"];
const MORE_SONGS = ["Lantern", "Meadow", "Nocturne", "Opal", "Prism", "Quarry"];

/** What fuel costs on a Monday: six thresholds, open for the week before. */
export function fuelSeries(seed: string): SeriesPlan {
  const record = seriesRecord({
    ticker: "NORFUEL",
    title: "Norland fuel price on Monday",
    category: "Transportation",
    frequency: "weekly",
    tags: ["Prices of fuel"],
    source: "Norland Motorists",
    feeType: "quadratic",
    feeMultiplier: 1,
  });
  return { record, reach: HISTORY, events: (from, to) => mondays(from, to, (monday) => fuelWeek(seed, monday)) };
}

/** Which song leads the charts of a week: seventeen markets, of which one pays. */
export function chartSeries(seed: string): SeriesPlan {
  const record = seriesRecord({
    ticker: "NORCHART",
    title: "Song at the top of the Norland charts",
    category: "Entertainment",
    frequency: "weekly",
    tags: ["Music charts"],
    source: "Norland Charts",
    feeType: "quadratic",
    feeMultiplier: 1,
  });
  return { record, reach: HISTORY, events: (from, to) => mondays(from, to, (monday) => chartWeek(seed, monday)) };
}

function fuelWeek(seed: string, monday: Timestamp): EventPlan {
  const random = new Random(`${seed}/NORFUEL/${monday}`);
  const initial = observable(3.1 + 0.15 * Math.sin(monday / (40 * DAY)) + 0.01 * random.normal(), CENTS);
  const final = observable(initial + 0.022 * random.normal(), CENTS);
  const lowest = Math.round(initial * 100) / 100 - 0.03;
  return {
    ...week("NORFUEL", monday),
    title: `Norland fuel price on ${titleDate(monday)}?`,
    question: (label) => `the average price of fuel in Norland on ${titleDate(monday)} is ${label}`,
    exclusive: false,
    final,
    observed: final.toFixed(3),
    initial,
    spread: 0.022,
    strikes: Array.from({ length: 6 }, (_, i) => atLeast(lowest + 0.01 * i, CENTS, "center_half_edge_deci_cent")),
    bursts: 500,
    uneven: 0.8,
    fractional: 0.1,
  };
}

function chartWeek(seed: string, monday: Timestamp): EventPlan {
  const random = new Random(`${seed}/NORCHART/${monday}`);
  const { strikes, final, winner } = candidates(
    random,
    [...SONGS, ...MORE_SONGS],
    "song",
    "center_whole_edge_half_cent",
  );
  return {
    ...week("NORCHART", monday),
    title: `Top song of the week of ${titleDate(monday)}?`,
    question: (label) => `"${label}" is at the top of the Norland charts of the week of ${titleDate(monday)}`,
    exclusive: true,
    final,
    observed: winner,
    initial: 0,
    spread: 1,
    strikes,
    bursts: 95,
    uneven: 0.9,
    ignored: 0.3,
    fractional: 0.1,
  };
}

function week(series: string, monday: Timestamp) {
  const closeTime = monday + 13 * HOUR;
  return {
    ticker: `${series}-${tickerDate(monday)}`,
    subTitle: `Week of ${titleDate(monday)}`,
    strike: { strike_period: "week" },
    createdTime: monday - 7 * DAY + 14 * HOUR,
    openTime: monday - 7 * DAY + 15 * HOUR,
    closeTime,
    knownTime: closeTime - 20 * MINUTE,
    determinedAfter: 12 * MINUTE,
    settledAfter: 90 * SECOND,
  };
}

function mondays(from: Timestamp, to: Timestamp, plan: (monday: Timestamp) => EventPlan): readonly EventPlan[] {
  const plans: EventPlan[] = [];
  for (let day = startOfDay(from); day < to + 8 * DAY; day += DAY) {
    if (new Date(day / 1000).getUTCDay() !== 1) continue;
    const made = plan(day);
    if (made.createdTime >= from && made.createdTime < to) plans.push(made);
  }
  return plans;
}
