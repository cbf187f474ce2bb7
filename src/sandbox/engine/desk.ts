import { complement } from "../../units/price.js";
import { MILLISECOND, type Timestamp } from "../../units/time.js";
import type { MarketRecord, World } from "../types.js";
import { Random } from "../world/random.js";
import { SANDBOX_SERIES } from "../world/series-sandbox.js";
import type { Account } from "./accounts.js";
import { type Belief, createBelief } from "./belief.js";
import { createMaker, type Maker } from "./makers.js";
import { opposite } from "./matching.js";
import { temperOf } from "./temper.js";
import type { Trading } from "./trading.js";
import type { Venue } from "./venue.js";

/** The makers of all live markets. Those of one event think alike of what it is about. */
export interface Desk {
  /** Makers and takers for a market that has just opened, or that was open when the sandbox began. */
  open(venue: Venue, time: Timestamp): Maker;
  /** Ends them. Returns when the empty book is said once more, as is often done; null for never. */
  close(market: MarketRecord, time: Timestamp): Timestamp | null;
}

export interface DeskOptions {
  readonly world: World;
  readonly seed: string;
  readonly trading: Trading;
  readonly accountOf: (userId: string) => Account;
}

/** Share of quotes that a maker of games makes in both markets at once. */
const PAIRED = 0.6;
/** Share of closes after which a second empty snapshot comes. */
const WIPED_AGAIN = 0.6;

export function createDesk({ world, seed, trading, accountOf }: DeskOptions): Desk {
  const beliefs = new Map<string, Belief>();
  const makers = new Map<string, Maker>();

  function beliefOf({ eventTicker }: MarketRecord, start: Timestamp): Belief {
    const known = beliefs.get(eventTicker);
    if (known !== undefined) return known;
    const made = createBelief({
      markets: world.marketsOf(eventTicker),
      exclusive: world.events.get(eventTicker)?.wire.mutually_exclusive === true,
      name: `${seed}/event/${eventTicker}`,
      start,
    });
    beliefs.set(eventTicker, made);
    return made;
  }

  /** The other side of a game: where an event has two markets of which one wins, NO of the one is YES of the other. */
  function partnerOf({ ticker, eventTicker }: MarketRecord): string | null {
    const markets = world.marketsOf(eventTicker);
    const exclusive = world.events.get(eventTicker)?.wire.mutually_exclusive === true;
    return exclusive && markets.length === 2
      ? (markets.find((market) => market.ticker !== ticker)?.ticker ?? null)
      : null;
  }

  return {
    open(venue, time) {
      const { market } = venue;
      const random = new Random(`${seed}/maker/${market.ticker}`);
      const pairing = random.stream("pairing");
      const belief = beliefOf(market, time);
      const partner = partnerOf(market);
      const category = world.series.get(market.seriesTicker)?.category ?? "";
      const own = market.seriesTicker === SANDBOX_SERIES;
      const maker = createMaker({
        venue,
        trading,
        accountOf,
        random,
        time,
        temperAt: (moment) => temperOf({ market, category, own }, moment),
        fairAt: (moment) => belief.fair(market.ticker, moment),
        onQuote:
          partner === null
            ? undefined
            : (side, price, count, moment) => {
                if (pairing.chance(PAIRED)) makers.get(partner)?.echo(opposite(side), complement(price), count, moment);
              },
      });
      makers.set(market.ticker, maker);
      return maker;
    },
    close({ ticker, eventTicker }, time) {
      makers.delete(ticker);
      if (!world.marketsOf(eventTicker).some((market) => makers.has(market.ticker))) beliefs.delete(eventTicker);
      const random = new Random(`${seed}/close/${ticker}`);
      return random.chance(WIPED_AGAIN) ? time + random.integer(200, 6_000) * MILLISECOND : null;
    },
  };
}
