import { formatTime, HOUR, type Timestamp } from "../../../units/time.js";
import type { JsonObject } from "../../types.js";
import { Random } from "../random.js";
import { clubOf, competitionOf } from "../series/clubs.js";
import { type Game, gameOf } from "../series/game.js";
import type { Almanac, Planned } from "./almanac.js";

/** Something that happens at a known time and that events are about: a game, a publication. */
export interface Milestone {
  readonly id: string;
  readonly category: string;
  readonly type: "basketball_game" | "economic_release";
  readonly eventTicker: string;
  readonly competition: string | null;
  readonly sourceId: string;
  readonly start: Timestamp;
  readonly end: Timestamp;
  readonly updated: Timestamp;
  readonly title: string;
  readonly notification: string;
  readonly details: JsonObject;
  /** Of a game. */
  readonly game: Game | null;
}

/** The milestones of a world: one for every game and every publication that events exist for. */
export class Milestones {
  readonly #almanac: Almanac;
  readonly #made = new Map<string, Milestone | null>();

  constructor(almanac: Almanac) {
    this.#almanac = almanac;
  }

  all(): readonly Milestone[] {
    return ["Sports", "Economics"]
      .flatMap((category) => this.#almanac.eventsOf(category))
      .map(({ ticker }) => this.of(ticker))
      .filter((one) => one !== null);
  }

  find(id: string): Milestone | undefined {
    return this.all().find((one) => one.id === id);
  }

  /** The milestone that an event is about; null where there is none. */
  of(eventTicker: string): Milestone | null {
    const known = this.#made.get(eventTicker);
    if (known !== undefined) return known;
    const planned = this.#almanac.planned(eventTicker);
    if (planned === null) return null;
    const made = this.#make(planned);
    this.#made.set(eventTicker, made);
    return made;
  }

  #make(planned: Planned): Milestone | null {
    const { seed } = this.#almanac;
    const game = gameOf(seed, planned);
    if (game !== null) return gameMilestone(seed, planned, game);
    return planned.event.wire.category === "Economics" ? release(seed, planned) : null;
  }
}

function gameMilestone(seed: string, { event, plan }: Planned, game: Game): Milestone {
  const { seriesTicker } = event;
  const [home, away] = [clubOf(seed, seriesTicker, game.home), clubOf(seed, seriesTicker, game.away)];
  const competition = competitionOf(seriesTicker);
  return {
    ...common(seed, event.ticker, plan.createdTime),
    category: "Sports",
    type: "basketball_game",
    competition,
    start: game.start,
    end: game.end,
    title: `${home?.name ?? game.home} against ${away?.name ?? game.away}`,
    notification: `${home?.name ?? game.home} against ${away?.name ?? game.away} begins`,
    details: { away_team_id: away?.id, home_team_id: home?.id, league: competition ?? undefined },
    game,
  };
}

function release(seed: string, { event, plan }: Planned): Milestone {
  return {
    ...common(seed, event.ticker, plan.createdTime),
    category: "Economics",
    type: "economic_release",
    competition: null,
    start: plan.knownTime,
    end: plan.knownTime + plan.determinedAfter,
    title: plan.title.replace(/\?$/, ""),
    notification: `${plan.title.replace(/\?$/, "")} will be published`,
    details: { country: "Norland", period: plan.subTitle },
    game: null,
  };
}

function common(seed: string, ticker: string, created: Timestamp) {
  const random = new Random(`${seed}/milestone/${ticker}`);
  return {
    id: random.uuid(),
    eventTicker: ticker,
    sourceId: `sandbox/${ticker.toLowerCase()}`,
    updated: created + random.integer(1, HOUR),
  };
}

/** A milestone as sent. */
export function milestoneWire(one: Milestone): JsonObject {
  return {
    category: one.category,
    details: one.details,
    end_date: formatTime(one.end),
    id: one.id,
    last_updated_ts: formatTime(one.updated),
    notification_message: one.notification,
    primary_event_tickers: [one.eventTicker],
    related_event_tickers: [one.eventTicker],
    source_id: one.sourceId,
    source_ids: { sandbox: one.sourceId },
    start_date: formatTime(one.start),
    title: one.title,
    type: one.type,
  };
}
