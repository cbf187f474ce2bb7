import { DAY, HOUR, startOfDay, type Timestamp } from "../../../units/time.js";
import type { MarketRecord } from "../../types.js";
import { Random } from "../random.js";
import type { MemoryWorld } from "../world.js";
import { collectionOf, FEWEST_LEGS } from "./collections.js";
import { type ChosenLeg, comboMarket } from "./combo-market.js";
import { COMBO_SERIES } from "./combo-series.js";

/** Series whose markets are combined: over within days, with a longer past than combos, so that a day's do not hang on where a world starts. */
const COMBINED = ["HARBORCUP", "AVONHIGH", "NORIDX"];

/** How far back a world has combos that others have brought forth, and how many a day. */
const REACH = 60 * DAY;
const PER_DAY = 6;
const MOST_LEGS_OF_OTHERS = 4;

/** Legs still trade for so long when they are combined. */
const STILL_OPEN = HOUR;

/** Adds the combos that others have brought forth in the two months before the present. Nobody has traded them yet. */
export function addPastCombos(world: MemoryWorld): void {
  const now = world.clock.now();
  addCombos(world, now - REACH, now + 1);
}

/** Adds the combos that others bring forth in [from, to); those that are not over now get a book. */
export function addCombos(world: MemoryWorld, from: Timestamp, to: Timestamp): void {
  const due = dueBetween(world.seed, from, to);
  if (due.length === 0) return;
  // By name, not in the order in which a world came to know of them.
  const events = [...world.events.values()]
    .filter(({ seriesTicker }) => COMBINED.includes(seriesTicker))
    .map(({ ticker }) => ticker)
    .sort()
    .map((ticker) => world.marketsOf(ticker));
  for (const { time, random } of due) addCombo(world, events, random, time);
}

/** When combos are brought forth, oldest first, each with what it is drawn from. */
function dueBetween(seed: string, from: Timestamp, to: Timestamp) {
  const due: { readonly time: Timestamp; readonly random: Random }[] = [];
  for (let day = startOfDay(from); day < to; day += DAY) {
    for (let number = 0; number < PER_DAY; number += 1) {
      const random = new Random(`${seed}/combos/${day}/${number}`);
      const time = day + random.integer(0, DAY - 1);
      if (time >= from && time < to) due.push({ time, random });
    }
  }
  return due.sort((a, b) => a.time - b.time);
}

function addCombo(
  world: MemoryWorld,
  events: readonly (readonly MarketRecord[])[],
  random: Random,
  time: Timestamp,
): void {
  const open = events.filter(
    ([first]) => first !== undefined && first.openTime <= time && first.closeTime > time + STILL_OPEN,
  );
  const count = random.integer(FEWEST_LEGS, MOST_LEGS_OF_OTHERS);
  if (open.length < count) return;
  const legs = Array.from({ length: count }, () => {
    const [markets = []] = open.splice(random.integer(0, open.length - 1), 1);
    return legOf(markets, random);
  });
  const { event, market } = comboMarket(world.seed, collectionOf(startOfDay(time)), legs, time, world.clock.now());
  if (world.markets.has(market.ticker)) return;
  world.add(world.events.get(event.ticker) ?? event, [market]);
}

/** Mostly what is hoped for comes true, not what is not. */
function legOf(markets: readonly MarketRecord[], random: Random): ChosenLeg {
  const market = markets[random.integer(0, markets.length - 1)] as MarketRecord;
  return { ticker: market.ticker, side: random.chance(0.8) ? "yes" : "no", market };
}

/** Whether a world has combos at all. */
export function hasCombos(world: MemoryWorld): boolean {
  return world.series.has(COMBO_SERIES);
}
