import { DAY, HOUR, MINUTE, startOfDay, type Timestamp } from "../../../units/time.js";
import { type EventPlan, type SeriesPlan, type StrikePlan, tickerDate, titleDate } from "../plan.js";
import { Random } from "../random.js";
import { HISTORY, seriesRecord } from "./series.js";

const CLUBS = ["ASH", "BAY", "COR", "DUN", "ELM", "FEN"] as const;
const TOWNS = ["GLEN", "HOLM", "IRON", "JUDD", "KELP", "LOCH", "MOOR", "NESS", "OAK", "PIKE"] as const;
const BALL_GAMES_A_DAY = 3;

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
    reach: HISTORY,
    events: (from, to) => gamesOf(from, to, (day) => (day % (2 * DAY) === 0 ? [cupGame(seed, day)] : [])),
  };
}

/** Three games a day of a season that began a month ago, at half the fee. */
export function ballSeries(seed: string): SeriesPlan {
  const record = seriesRecord({
    ticker: "NORBALL",
    title: "Norland League games",
    category: "Sports",
    frequency: "daily",
    tags: ["Norland League"],
    source: "Norland League",
    feeType: "quadratic",
    feeMultiplier: 0.5,
  });
  const numbers = Array.from({ length: BALL_GAMES_A_DAY }, (_, number) => number);
  return {
    record,
    reach: 31 * DAY,
    events: (from, to) => gamesOf(from, to, (day) => numbers.map((number) => ballGame(seed, day, number))),
  };
}

/** Games that are created in [from, to), oldest first. */
function gamesOf(from: Timestamp, to: Timestamp, on: (day: Timestamp) => readonly EventPlan[]): readonly EventPlan[] {
  const plans: EventPlan[] = [];
  for (let day = startOfDay(from); day < to + 4 * DAY; day += DAY) {
    plans.push(...on(day).filter(({ createdTime }) => createdTime >= from && createdTime < to));
  }
  return plans;
}

function cupGame(seed: string, day: Timestamp): EventPlan {
  const random = new Random(`${seed}/HARBORCUP/${day}`);
  const first = random.integer(0, CLUBS.length);
  const second = (first + random.integer(1, CLUBS.length)) % CLUBS.length;
  // Called off by the calendar, so that every world has such games, on both sides of the cutoff.
  const isVoid = Math.floor(day / DAY) % 20 === 8;
  return {
    ...game("HARBORCUP", random, day, [CLUBS[first] as string, CLUBS[second] as string], isVoid),
    bursts: 1_000,
    uneven: 0.6,
    fractional: 0.25,
  };
}

function ballGame(seed: string, day: Timestamp, number: number): EventPlan {
  const random = new Random(`${seed}/NORBALL/${day}/${number}`);
  // The clubs are dealt anew for every day, so that none plays twice on it.
  const dealt = new Random(`${seed}/NORBALL/${day}`).integer(0, TOWNS.length);
  const club = (place: number) => TOWNS[(dealt + place * 3) % TOWNS.length] as string;
  return {
    ...game("NORBALL", random, day, [club(2 * number), club(2 * number + 1)], false),
    bursts: 650,
    uneven: 0.7,
    fractional: 0.2,
  };
}

function game(
  series: string,
  random: Random,
  day: Timestamp,
  [home, away]: readonly [string, string],
  isVoid: boolean,
): Omit<EventPlan, "bursts" | "fractional"> {
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
  return {
    ticker: `${series}-${tickerDate(day)}${home}${away}`,
    title: `${home} against ${away}: who wins?`,
    subTitle: `${home} vs ${away} (${titleDate(day)})`,
    question: (label) => `${label} wins the game of ${home} against ${away} on ${titleDate(day)}`,
    exclusive: true,
    earlyClose: `The market closes when a winner is declared.\nA game that is put off for more than two days is called off.`,
    strike: {},
    createdTime: day - 3 * DAY,
    openTime: day - 2 * DAY - 20 * HOUR,
    closeTime,
    knownTime: closeTime - 30 * MINUTE,
    determinedAfter: 4 * MINUTE,
    settledAfter: 2 * MINUTE,
    final: margin,
    observed: isVoid ? "" : margin > 0 ? home : away,
    initial: strength,
    spread: 11,
    strikes: [side(home, 0, infinity), side(away, -infinity, 0)],
    rush: { from: closeTime - 3 * HOUR, times: 25 },
    voidedAt: isVoid ? [share, 1 - share] : undefined,
  };
}
