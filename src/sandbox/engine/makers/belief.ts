import { DOLLAR } from "../../../units/price.js";
import { HOUR, MINUTE, SECOND, type Timestamp } from "../../../units/time.js";
import type { MarketRecord } from "../../types.js";
import { chanceBetween, type Estimate } from "../../world/past/path.js";
import { Random } from "../../world/random.js";
import { bridge, sway } from "./bridge.js";
import { type Line, lineOfChances, lineOfStrikes, type Stretch } from "./line.js";

/** What the markets of an event are thought to be worth: one value, seen from each of them. */
export interface Belief {
  /** Share of a dollar, in [0, 1]. A function of the market and the moment alone. */
  fair(ticker: string, time: Timestamp): number;
}

export interface BeliefOptions {
  /** All markets of the event. */
  readonly markets: readonly MarketRecord[];
  /** Whether at most one of them ends in YES. */
  readonly exclusive: boolean;
  /** Names the streams of chance. */
  readonly name: string;
  /** How far opinion swings about what is known, within a minute or so, in standard errors. */
  readonly swing: number;
  /** Where it starts from what the markets showed last. */
  readonly start: Timestamp;
}

/**
 * One belief for all markets of an event, so that their prices agree: those of an event where one market wins sum to one, and of two
 * thresholds the lower is never the cheaper. Markets that have neither strikes nor an exclusive event go their own ways.
 */
export function createBelief({ markets, exclusive, name, swing, start }: BeliefOptions): Belief {
  const random = new Random(`${name}/belief`);
  const line = markets.length > 1 ? lineOfStrikes(markets, exclusive) : null;
  const groups: Group[] = [];
  if (line !== null) groups.push({ markets, line, seen: seenFrom(markets, line, random) });
  else if (exclusive) groups.push(sideBySide(markets, random));
  else groups.push(...markets.map((market) => sideBySide([market], random)));
  const fairs = new Map<string, (time: Timestamp) => number>();
  for (const [index, group] of groups.entries()) follow(group, `${name}/${index}`, { start, swing }, fairs);
  return {
    fair: (ticker, time) => fairs.get(ticker)?.(time) ?? 0.5,
  };
}

interface Group {
  readonly markets: readonly MarketRecord[];
  readonly line: Line;
  /** What is thought at the start. */
  readonly seen: Estimate;
}

/** Lets the estimate wander from what is thought now to how it ends, and each market take its price from it. */
function follow({ markets, line, seen }: Group, name: string, course: Course, fairs: Map<string, Fair>): void {
  const { start } = course;
  const closeTime = Math.max(...markets.map((market) => market.closeTime));
  const life = Math.max(closeTime - start, SECOND);
  const long = life > 2 * HOUR;
  // The last of it is known before the close: the average of the last minute, the game as good as won.
  const known = start + life * (long ? 0.98 : 0.925);
  const wander = bridge(`${name}/bridge`, start, known);
  const swinging = long ? sway(`${name}/sway`, MINUTE) : () => 0;
  const estimateAt = (time: Timestamp): Estimate => {
    const passed = Math.min(1, Math.max(0, (time - start) / (known - start)));
    const error = Math.sqrt(line.rest ** 2 + seen.error ** 2 * (1 - passed));
    const straight = seen.value + (line.final - seen.value) * passed;
    return { value: straight + seen.error * wander(time) + course.swing * error * swinging(time), error };
  };
  for (const [index, market] of markets.entries()) {
    const { low, high } = line.stretches[index]!;
    fairs.set(market.ticker, (time) => chanceBetween(estimateAt(time), low, high));
  }
}

type Fair = (time: Timestamp) => number;

type Course = Pick<BeliefOptions, "start" | "swing">;

/** Markets without strikes: each gets the place that its last price asks for, or an even one. */
function sideBySide(markets: readonly MarketRecord[], random: Random): Group {
  const wins = markets.some(({ outcome }) => outcome.value > 0);
  const even = 1 / Math.max(2, markets.length);
  const asked = markets.map(({ stats }) => (stats.lastPrice ?? even * random.integer(940_000, 1_060_000)) / DOLLAR);
  const sum = asked.reduce((total, chance) => total + chance, 0);
  const whole = markets.length > 1 && wins ? 1 : Math.min(sum, markets.length > 1 ? 0.97 : 0.999);
  const chances = asked.map((chance) => Math.max(0.001, (chance / sum) * whole));
  const line = lineOfChances(markets, chances, 0.25 + 0.4 * Math.abs(random.normal()));
  return { markets, line, seen: { value: 0, error: 1 } };
}

/** What must be thought for the markets to stand where they stood last; where nothing was traded, something that could be. */
function seenFrom(markets: readonly MarketRecord[], line: Line, random: Random): Estimate {
  const shown = markets.flatMap(({ stats }, index) =>
    stats.lastPrice === null ? [] : [{ stretch: line.stretches[index]!, price: stats.lastPrice / DOLLAR }],
  );
  const guess = { value: line.final + 0.7 * line.scale * random.normal(), error: line.scale };
  return shown.length === 0 ? guess : nearest(shown, { value: line.final, error: line.scale });
}

/** The estimate whose chances come nearest to the prices shown. */
function nearest(shown: readonly { stretch: Stretch; price: number }[], from: Estimate): Estimate {
  const miss = ({ value, error }: Estimate) =>
    shown.reduce((sum, { stretch, price }) => {
      return sum + (chanceBetween({ value, error }, stretch.low, stretch.high) - price) ** 2;
    }, 0);
  let best = from;
  let least = miss(from);
  for (const reach of [2, 1, 0.5, 0.25, 0.12, 0.06, 0.03]) {
    const centre = best;
    for (let across = -4; across <= 4; across += 1) {
      for (let wider = -3; wider <= 3; wider += 1) {
        const error = Math.min(3 * from.error, Math.max(from.error / 20, centre.error * Math.exp((wider * reach) / 2)));
        const tried = { value: centre.value + (across / 4) * reach * 2 * from.error, error };
        const missed = miss(tried);
        if (missed < least) [best, least] = [tried, missed];
      }
    }
  }
  return best;
}
