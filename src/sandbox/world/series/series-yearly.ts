import { DAY, HOUR, MINUTE, type Timestamp } from "../../../units/time.js";
import { candidates } from "../past/candidates.js";
import { type EventPlan, type SeriesPlan, titleDate } from "../plan.js";
import { Random } from "../random.js";
import { HISTORY, seriesRecord } from "./series.js";

const FIRST_NAMES = ["Ada", "Bo", "Cy", "Di", "Eli", "Fay", "Gus", "Hal"];
const LAST_NAMES = ["Marsh", "North", "Orchard", "Parish", "Quill"];

/** Who is elected to lead Norland: forty candidates a year, of which one pays; most are hardly ever traded. */
export function electionSeries(seed: string): SeriesPlan {
  const record = seriesRecord({
    ticker: "NORLEAD",
    title: "Who will lead Norland",
    category: "Elections",
    frequency: "annual",
    tags: ["Norland"],
    source: "Norland Electoral Office",
    feeType: "quadratic",
    feeMultiplier: 1,
  });
  return {
    record,
    reach: HISTORY,
    events: (from, to) => {
      const plans: EventPlan[] = [];
      const last = new Date(to / 1000).getUTCFullYear();
      for (let year = new Date(from / 1000).getUTCFullYear(); year <= last; year += 1) {
        const plan = election(seed, year);
        if (plan.createdTime >= from && plan.createdTime < to) plans.push(plan);
      }
      return plans;
    },
  };
}

/** Held on the second of December, open from the first of September. */
function election(seed: string, year: number): EventPlan {
  const random = new Random(`${seed}/NORLEAD/${year}`);
  // One of eight and one of five, forty times another pair.
  const names = Array.from({ length: 40 }, (_, i) => `${FIRST_NAMES[i % 8]} ${LAST_NAMES[i % 5]}`);
  const { strikes, final, winner } = candidates(random, names, "candidate", "center_whole_edge_quint_cent");
  const openTime: Timestamp = Date.UTC(year, 8, 1, 14) * 1000;
  const closeTime: Timestamp = Date.UTC(year, 11, 2, 22) * 1000;
  return {
    ticker: `NORLEAD-${String(year % 100).padStart(2, "0")}`,
    title: `Who will lead Norland after ${titleDate(closeTime)}?`,
    subTitle: `In ${year}`,
    question: (label) => `${label} is elected to lead Norland in ${year}`,
    exclusive: true,
    strike: { strike_period: "year" },
    createdTime: openTime - DAY,
    openTime,
    closeTime,
    knownTime: closeTime - 2 * HOUR,
    determinedAfter: 30 * MINUTE,
    settledAfter: HOUR,
    final,
    observed: winner,
    initial: 0,
    spread: 1,
    strikes: strikes.map((strike, i) => ({ ...strike, suffix: initials(names[i] as string, i) })),
    bursts: 420,
    uneven: 1.1,
    ignored: 0.5,
    fractional: 0.1,
  };
}

function initials(name: string, place: number): string {
  const [first = "", last = ""] = name.split(" ");
  return `${first.charAt(0)}${last.slice(0, 3)}${place}`.toUpperCase();
}
