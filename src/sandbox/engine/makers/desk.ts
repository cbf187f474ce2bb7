import { MILLISECOND, type Timestamp } from "../../../units/time.js";
import type { MarketRecord, World } from "../../types.js";
import { Random } from "../../world/random.js";
import { SANDBOX_SERIES } from "../../world/series/series-sandbox.js";
import type { Account } from "../accounts.js";
import type { Trading } from "../trading.js";
import type { Venue } from "../venue.js";
import { type Belief, createBelief } from "./belief.js";
import { comboFair } from "./combo-fair.js";
import { createHands, type Hands } from "./hands.js";
import { createMaker, type Maker } from "./makers.js";
import { temperOf } from "./temper.js";

/** The makers of all live markets. Those of one event think alike of what it is about. */
export interface Desk {
  /** Makers and takers for a market that has just opened, or that was open when the sandbox began. */
  open(venue: Venue, time: Timestamp): Maker;
  /** What is planned for an event has changed, its end or its result: it is thought about anew, from where the prices stand. */
  rethink(eventTicker: string): void;
  /** Ends them. Returns when the empty book is said once more, as is often done; null for never. */
  close(market: MarketRecord, time: Timestamp): Timestamp | null;
}

export interface DeskOptions {
  readonly world: World;
  readonly seed: string;
  readonly trading: Trading;
  readonly accountOf: (userId: string) => Account;
  /** What a market is worth by its book, as a share of a dollar: a combo is worth the product of its legs. */
  readonly fairOf: (ticker: string) => number;
}

/** How far opinion swings from minute to minute; further in the sandbox's own markets, so that there is something to see. */
const SWING = 0.025;
const OWN_SWING = 0.12;
/** Share of closes after which a second empty snapshot comes. */
const WIPED_AGAIN = 0.6;

export function createDesk({ world, seed, trading, accountOf, fairOf }: DeskOptions): Desk {
  const beliefs = new Map<string, Belief>();
  const hands = new Map<string, Hands>();
  /** How often a market was opened: a second time after it was closed and reopened. */
  const openings = new Map<string, number>();

  function beliefOf({ eventTicker, seriesTicker }: MarketRecord, start: Timestamp): Belief {
    const known = beliefs.get(eventTicker);
    if (known !== undefined) return known;
    const made = createBelief({
      markets: world.marketsOf(eventTicker),
      exclusive: world.events.get(eventTicker)?.wire.mutually_exclusive === true,
      name: `${seed}/event/${eventTicker}`,
      swing: seriesTicker === SANDBOX_SERIES ? OWN_SWING : SWING,
      start,
    });
    beliefs.set(eventTicker, made);
    return made;
  }

  /** The other side of a game: where an event has two markets of which one wins, NO of the one is YES of the other. */
  function partnerOf({ ticker, eventTicker, grid }: MarketRecord): string | null {
    const markets = world.marketsOf(eventTicker);
    const other = markets.find((market) => market.ticker !== ticker);
    const isGame = markets.length === 2 && world.events.get(eventTicker)?.wire.mutually_exclusive === true;
    return isGame && other?.grid === grid ? other.ticker : null;
  }

  return {
    open(venue, time) {
      const { market } = venue;
      const before = openings.get(market.ticker) ?? 0;
      openings.set(market.ticker, before + 1);
      const random = new Random(`${seed}/maker/${market.ticker}${before === 0 ? "" : `/${before}`}`);
      const { legs } = market;
      const partner = partnerOf(market);
      const category = world.series.get(market.seriesTicker)?.category ?? "";
      const isOwn = market.seriesTicker === SANDBOX_SERIES;
      const pair = partner === null ? null : { random: random.stream("pair"), other: () => hands.get(partner) ?? null };
      const own = createHands({ venue, trading, accountOf, pair });
      hands.set(market.ticker, own);
      return createMaker({
        venue,
        hands: own,
        random,
        time,
        temperAt: (moment) => temperOf({ market, category, isOwn }, moment),
        fairAt: (moment) =>
          legs === undefined ? beliefOf(market, moment).fair(market.ticker, moment) : comboFair(legs, fairOf),
      });
    },
    rethink(eventTicker) {
      beliefs.delete(eventTicker);
    },
    close({ ticker, eventTicker }, time) {
      hands.delete(ticker);
      if (!world.marketsOf(eventTicker).some((market) => hands.has(market.ticker))) beliefs.delete(eventTicker);
      const random = new Random(`${seed}/close/${ticker}`);
      return random.chance(WIPED_AGAIN) ? time + random.integer(200, 6_000) * MILLISECOND : null;
    },
  };
}
