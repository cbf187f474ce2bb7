import { HOUR, MINUTE, SECOND, type Timestamp } from "../../../units/time.js";
import type { Planned } from "../almanac/almanac.js";
import { Random } from "../random.js";

const PERIODS = 4;
/** How long a game lasts; its end is when the outcome of its markets is known. */
const LENGTH = 2 * HOUR;

/** A basket: who threw it, when, and how it stands after. */
export interface Basket {
  readonly time: Timestamp;
  /** From 1. */
  readonly period: number;
  readonly club: string;
  readonly points: number;
  readonly home: number;
  readonly away: number;
}

/** A game of two clubs, told to its end; whoever shows it shows what has happened so far. */
export interface Game {
  readonly home: string;
  readonly away: string;
  readonly start: Timestamp;
  readonly end: Timestamp;
  /** Never played. */
  readonly isVoid: boolean;
  readonly baskets: readonly Basket[];
}

/** How a game stands at a moment. */
export interface Standing {
  readonly status: "scheduled" | "in_progress" | "final" | "called_off";
  readonly home: number;
  readonly away: number;
  /** 0 before the game. */
  readonly period: number;
  /** Seconds left of the period. */
  readonly left: number;
  readonly last: Basket | null;
}

/**
 * The game behind an event with a market for either of two clubs; null for any other event. Its score ends at the margin that decides
 * the markets, and on the way leads whom the markets' prices lead.
 */
export function gameOf(seed: string, { plan, path }: Planned): Game | null {
  const [first, second, third] = plan.strikes;
  if (first?.wire.strike_type !== "structured" || second === undefined || third !== undefined) return null;
  const [home, away] = [first.suffix, second.suffix];
  const start = plan.knownTime - LENGTH;
  const isVoid = plan.voidedAt !== undefined;
  const game = { home, away, start, end: plan.knownTime, isVoid };
  if (isVoid) return { ...game, baskets: [] };
  const random = new Random(`${seed}/game/${plan.ticker}`);
  const loser = random.integer(58, 97);
  const scores = { home: loser + Math.max(0, plan.final), away: loser + Math.max(0, -plan.final) };
  const left = { home: throws(scores.home, random), away: throws(scores.away, random) };
  const count = left.home.length + left.away.length;
  const times = Array.from({ length: count }, () => start + random.integer(1, LENGTH / SECOND) * SECOND).sort(
    (a, b) => a - b,
  );
  const baskets: Basket[] = [];
  let [atHome, atAway] = [0, 0];
  for (const time of times) {
    const played = (time - start) / LENGTH;
    // What the public expects of the end is what the score has come to so far.
    const wanted = path.at(time).value * played;
    const homeThrows = left.away.length === 0 || (left.home.length > 0 && atHome - atAway < wanted + random.normal());
    const points = (homeThrows ? left.home : left.away).pop() as number;
    if (homeThrows) atHome += points;
    else atAway += points;
    const club = homeThrows ? home : away;
    baskets.push({ time, period: periodAt(played), club, points, home: atHome, away: atAway });
  }
  return { ...game, baskets };
}

/** How the game stands. A game that was called off says so from its start on. */
export function standingAt(game: Game, now: Timestamp): Standing {
  const last = game.baskets.findLast(({ time }) => time <= now) ?? null;
  const score = { home: last?.home ?? 0, away: last?.away ?? 0, last };
  if (now < game.start) return { status: "scheduled", ...score, period: 0, left: 0 };
  if (game.isVoid) return { status: "called_off", ...score, period: 0, left: 0 };
  if (now >= game.end) return { status: "final", ...score, period: PERIODS, left: 0 };
  const played = (now - game.start) / LENGTH;
  const period = periodAt(played);
  return { status: "in_progress", ...score, period, left: Math.round(((period / PERIODS - played) * LENGTH) / SECOND) };
}

/** Baskets so far, period by period. */
export function playByPlay(game: Game, now: Timestamp): readonly (readonly Basket[])[] {
  const thrown = game.baskets.filter(({ time }) => time <= now);
  const { period } = standingAt(game, now);
  return Array.from({ length: period }, (_, i) => thrown.filter((basket) => basket.period === i + 1));
}

/** The clock of a period as shown: `7:05`. */
export function gameClock(left: number): string {
  const whole = Math.round((left * SECOND) / MINUTE - 0.5);
  return `${Math.max(0, whole)}:${String(left % 60).padStart(2, "0")}`;
}

function periodAt(played: number): number {
  return Math.min(PERIODS, Math.floor(played * PERIODS) + 1);
}

/** Baskets of one, two and three points that make up a score. */
function throws(score: number, random: Random): number[] {
  const points: number[] = [];
  for (let left = score; left > 0; ) {
    const one = Math.min(left, random.chance(0.18) ? 1 : random.chance(0.3) ? 3 : 2);
    points.push(one);
    left -= one;
  }
  return points;
}
