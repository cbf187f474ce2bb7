import { DAY, HOUR, MINUTE, startOfDay, type Timestamp } from "../../units/time.js";
import { type EventPlan, type SeriesPlan, type StrikePlan, tickerDate, titleDate } from "./plan.js";
import { Random } from "./random.js";
import { seriesRecord } from "./series.js";
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
    spread: 0.16,
    strikes: [-0.1, 0.1, 0.2, 0.3, 0.5].map((floor, i) => above(floor, PERCENT, grid(i))),
    bursts: 260,
    fractional: 0.05,
  };
}

const CLUBS = ["ASH", "BAY", "COR", "DUN", "ELM", "FEN"] as const;

/** Games of two clubs with a market for either; one in twenty is called off and pays both a share. */
export function gamesSeries(seed: string): SeriesPlan {
  const record = seriesRecord({
    ticker: "HARBORCUP",
    title: "Harbor Cup games",
    category: "Sports",
    frequency: "custom",
    tags: ["Harbor Cup"],
    source: "Harbor Cup",
    feeType: "quadratic_with_maker_fees",
    feeMultiplier: 1,
  });
  return {
    record,
    events: (from, to) => {
      const plans: EventPlan[] = [];
      for (let day = startOfDay(from); day < to + 4 * DAY; day += DAY) {
        const plan = game(seed, day);
        if (plan.createdTime >= from && plan.createdTime < to && day % (2 * DAY) === 0) plans.push(plan);
      }
      return plans;
    },
  };
}

function game(seed: string, day: Timestamp): EventPlan {
  const random = new Random(`${seed}/HARBORCUP/${day}`);
  const first = random.integer(0, CLUBS.length);
  const second = (first + random.integer(1, CLUBS.length)) % CLUBS.length;
  const [home, away] = [CLUBS[first] as string, CLUBS[second] as string];
  const strength = 6 * random.normal();
  const margin = Math.round(strength + 11 * random.normal()) || 1;
  const closeTime = day + 26 * HOUR + random.integer(0, 40) * MINUTE;
  const share = random.integer(35, 66) / 100;
  const side = (club: string, low: number, high: number): StrikePlan => ({
    suffix: club,
    label: club,
    low,
    high,
    wire: { custom_strike: { club }, strike_type: "structured" },
    grid: "tapered_deci_cent",
  });
  const infinity = Number.POSITIVE_INFINITY;
  // Called off by the calendar, so that every world has such games, on both sides of the cutoff.
  const isVoid = Math.floor(day / DAY) % 20 === 8;
  return {
    ticker: `HARBORCUP-${tickerDate(day)}${home}${away}`,
    title: `${home} against ${away}: who wins?`,
    subTitle: `${home} vs ${away} (${titleDate(day)})`,
    question: (label) => `${label} wins the game of ${home} against ${away} on ${titleDate(day)}`,
    exclusive: true,
    strike: {},
    createdTime: day - 3 * DAY,
    openTime: day - 2 * DAY - 20 * HOUR,
    closeTime,
    knownTime: closeTime - 30 * MINUTE,
    determinedAfter: 4 * MINUTE,
    settledAfter: 2 * MINUTE,
    final: margin,
    observed: isVoid ? "" : margin > 0 ? home : away,
    spread: 11,
    strikes: [side(home, 0, infinity), side(away, -infinity, 0)],
    bursts: 190,
    fractional: 0.25,
    voidedAt: isVoid ? [share, 1 - share] : undefined,
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
