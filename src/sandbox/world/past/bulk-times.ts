import { DAY, HOUR, MINUTE, type Timestamp } from "../../../units/time.js";
import { Random } from "../random.js";

/** Share of trades in the microsecond of the one before. */
const TIED = 0.38;

/** Trades of one microsecond, at most. */
export const MOST_TIED = 12;

/** Trading by hour UTC: the nights of New York are quiet. */
const HOURS = [
  0.5, 0.4, 0.3, 0.15, 0.08, 0.04, 0.03, 0.03, 0.04, 0.06, 0.1, 0.2, 0.4, 0.7, 1, 1, 0.9, 0.8, 0.8, 0.8, 0.7, 0.7, 0.6,
  0.5,
] as const;

/** A burst is this much denser than the minutes around it; one begins about twice a day and lasts some minutes. */
const BURST = 100;
const BURSTS_A_DAY = 2;

/**
 * Times of `count` trades in [from, to), ascending: dense by day, sparse by night, with bursts, and many of one microsecond. A whole
 * number of minutes; 8 bytes for each trade.
 */
export function bulkTimes(seed: string, count: number, from: Timestamp, to: Timestamp): Float64Array {
  const random = new Random(`${seed}/times`);
  const { ends, total } = minuteWeights(random, from, to);
  const starts = startsOf(random, count);
  const moments = starts.reduce((sum, isStart) => sum + isStart, 0);
  const times = new Float64Array(count);
  let minute = 0;
  let moment = 0;
  let tied = 0;
  for (let i = 0; i < count; i += 1) {
    const before = i === 0 ? from : (times[i - 1] as number);
    let time = before;
    if (starts[i] === 1) {
      // Where in the whole weight this moment lies: ascending, one in each of `moments` equal parts.
      const place = ((moment + random.next()) / moments) * total;
      moment += 1;
      while (minute < ends.length - 1 && (ends[minute] as number) <= place) minute += 1;
      const begin = minute === 0 ? 0 : (ends[minute - 1] as number);
      const within = (place - begin) / ((ends[minute] as number) - begin);
      time = Math.max(before, from + minute * MINUTE + Math.floor(within * MINUTE));
    }
    // Two moments may fall into one microsecond by themselves; then they are tied as well, as far as the most allows.
    if (time === before && tied === MOST_TIED) time += 1;
    tied = time === before ? tied + 1 : 1;
    times[i] = time;
  }
  return times;
}

/** 1 for a trade in a microsecond of its own, 0 for one that shares that of the trade before. */
function startsOf(random: Random, count: number): Uint8Array {
  const starts = new Uint8Array(count).fill(1);
  let run = 1;
  for (let i = 1; i < count; i += 1) {
    const shares = random.chance(TIED) && run < MOST_TIED;
    run = shares ? run + 1 : 1;
    if (shares) starts[i] = 0;
  }
  return starts;
}

/** Running sums of the weight of each minute. */
function minuteWeights(random: Random, from: Timestamp, to: Timestamp) {
  const minutes = Math.floor((to - from) / MINUTE);
  const ends = new Float64Array(minutes);
  const chance = (BURSTS_A_DAY * MINUTE) / DAY;
  let total = 0;
  let left = 0;
  for (let minute = 0; minute < minutes; minute += 1) {
    if (left > 0) left -= 1;
    else if (random.chance(chance)) left = random.integer(1, 5);
    const hour = Math.floor((from + minute * MINUTE) / HOUR) % 24;
    total += (HOURS[hour] as number) * Math.exp(0.6 * random.normal()) * (left > 0 ? BURST : 1);
    ends[minute] = total;
  }
  return { ends, total };
}
