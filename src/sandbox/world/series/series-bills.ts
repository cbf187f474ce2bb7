import { DAY, HOUR, MINUTE, startOfDay, type Timestamp } from "../../../units/time.js";
import { type EventPlan, type SeriesPlan, tickerDate, titleDate } from "../plan.js";
import { Random } from "../random.js";
import { HISTORY, isWeekday, seriesRecord } from "./series.js";

const TOPICS = ["harbors", "forests", "schools", "railways", "fisheries", "pensions", "libraries", "bridges"] as const;

/** Whether a bill passes: one market each, of no strike at all; two in five pass. A new one on every weekday, open for a week. */
export function billsSeries(seed: string): SeriesPlan {
  const record = seriesRecord({
    ticker: "NORBILL",
    title: "Bills of the Norland assembly",
    category: "Politics",
    frequency: "daily",
    tags: ["Norland"],
    source: "Norland Assembly",
    feeType: "quadratic",
    feeMultiplier: 1,
  });
  return {
    record,
    reach: HISTORY,
    events: (from, to) => {
      const plans: EventPlan[] = [];
      for (let day = startOfDay(from); day < to; day += DAY) {
        const plan = bill(seed, day);
        if (isWeekday(day) && plan.createdTime >= from && plan.createdTime < to) plans.push(plan);
      }
      return plans;
    },
  };
}

function bill(seed: string, day: Timestamp): EventPlan {
  const random = new Random(`${seed}/NORBILL/${day}`);
  const topic = random.pick(TOPICS);
  const initial = -0.25 + 0.9 * random.normal();
  const final = initial + random.normal();
  const closeTime = day + 7 * DAY + 21 * HOUR;
  return {
    ticker: `NORBILL-${tickerDate(closeTime)}`,
    title: `Will the bill on ${topic} pass by ${titleDate(closeTime)}?`,
    subTitle: `By ${titleDate(closeTime)}`,
    question: () => `the Norland assembly passes the bill on ${topic} before ${titleDate(closeTime + DAY)}`,
    exclusive: false,
    earlyClose: "The market closes when the assembly has voted.\nIt settles the same day.",
    strike: {},
    createdTime: day + 13 * HOUR,
    openTime: day + 14 * HOUR,
    closeTime,
    knownTime: closeTime - 3 * HOUR,
    determinedAfter: 45 * MINUTE,
    settledAfter: 30 * MINUTE,
    final,
    observed: final > 0 ? "passed" : "not passed",
    initial,
    spread: 1,
    strikes: [
      {
        suffix: topic.slice(0, 4).toUpperCase(),
        label: `The bill on ${topic} passes`,
        low: 0,
        high: Number.POSITIVE_INFINITY,
        wire: {},
        grid: "center_half_edge_half_cent",
      },
    ],
    bursts: 90,
    uneven: 1,
    ignored: 0.2,
    fractional: 0.1,
  };
}
