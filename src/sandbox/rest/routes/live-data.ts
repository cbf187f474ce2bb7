import { DAY, type Duration, formatTime, HOUR, MINUTE, SECOND, type Timestamp, toMillis } from "../../../units/time.js";
import type { JsonObject, Reply, Route } from "../../types.js";
import { notFound, ok } from "../../wire/replies.js";
import type { Planned } from "../../world/almanac/almanac.js";
import type { Milestone } from "../../world/almanac/milestones.js";
import { WEATHER_CITY, WEATHER_SERIES } from "../../world/almanac/weather.js";
import { type Basket, type Game, gameClock, playByPlay, standingAt } from "../../world/series/game.js";
import { QueryReader } from "../query.js";
import { type PublicSide, publicGet } from "./routes.js";

const MOST_MILESTONES = 100;

/** What goes on in milestones and events. Who has none is not found; in a batch it is left out. */
export function liveDataRoutes(side: PublicSide): Route[] {
  const { milestones, world } = side;
  const one = (id: string | undefined, operation: string, query: URLSearchParams, type?: string): Reply => {
    new QueryReader(query, operation).flag("include_player_stats");
    const found = milestones.find(id ?? "");
    if (found === undefined || (type !== undefined && found.type !== type)) return notFound();
    return ok({ live_data: liveData(found, world.clock.now()) });
  };
  return [
    publicGet("/live_data/batch", ({ query }) => {
      const reader = new QueryReader(query, "GetLiveDatas");
      reader.required("milestone_ids");
      reader.flag("include_player_stats");
      const ids = new Set(reader.repeated("milestone_ids", MOST_MILESTONES));
      const found = milestones.all().filter(({ id }) => ids.has(id));
      return ok({ live_datas: found.map((milestone) => liveData(milestone, world.clock.now())) });
    }),
    publicGet("/live_data/milestone/:milestone_id", ({ params, query }) =>
      one(params.milestone_id, "GetLiveDataByMilestone", query),
    ),
    publicGet("/live_data/:type/milestone/:milestone_id", ({ params, query }) =>
      one(params.milestone_id, "GetLiveData", query, params.type),
    ),
    publicGet("/live_data/milestone/:milestone_id/game_stats", ({ params }) => {
      const found = milestones.find(params.milestone_id ?? "");
      if (found === undefined) return notFound();
      return ok({ pbp: found.game === null ? null : gameStats(found.game, world.clock.now()) });
    }),
    publicGet("/live_data/events/:event_ticker", ({ params, query }) => {
      const planned = side.almanac.planned(params.event_ticker as string);
      const range = new QueryReader(query, "GetEventLiveData").text("range");
      const live = planned === null ? null : eventLiveData(side, planned, range);
      return live === null ? notFound() : ok({ live_data: live });
    }),
  ];
}

function liveData(milestone: Milestone, now: Timestamp): JsonObject {
  const { game } = milestone;
  const details = game === null ? { published: now >= milestone.start } : gameDetails(game, now);
  return { details, milestone_id: milestone.id, type: milestone.type };
}

function gameDetails(game: Game, now: Timestamp): JsonObject {
  const { status, home, away, period, left, last } = standingAt(game, now);
  return {
    away_points: away,
    away_team: game.away,
    clock: gameClock(left),
    home_points: home,
    home_team: game.home,
    last_play: last === null ? undefined : play(last),
    period,
    status,
  };
}

function gameStats(game: Game, now: Timestamp): JsonObject {
  return { periods: playByPlay(game, now).map((baskets) => ({ events: baskets.map(play) })) };
}

function play({ time, club, points, home, away }: Basket): JsonObject {
  return { away_points: away, home_points: home, points, team: club, time: formatTime(time) };
}

/** Ranges of a chart, and how far apart its points are. */
const ranges: Readonly<Record<string, { readonly span: Duration; readonly step: Duration }>> = {
  "15min": { span: 15 * MINUTE, step: 15 * SECOND },
  "1h": { span: HOUR, step: MINUTE },
  "1d": { span: DAY, step: 15 * MINUTE },
};
const DEFAULT_RANGE = "1h";

function eventLiveData(side: PublicSide, planned: Planned, range: string | undefined): JsonObject | null {
  const { seriesTicker, wire } = planned.event;
  if (seriesTicker === WEATHER_SERIES) return observations(side, planned);
  return ["Financials", "Crypto", "Sandbox"].includes(String(wire.category)) ? chart(side, planned, range) : null;
}

/** The hours of the event's day so far. */
function observations({ world, weather }: PublicSide, { plan }: Planned): JsonObject {
  const now = Math.min(world.clock.now(), plan.closeTime);
  const day = weather.dayOf(plan.closeTime - MINUTE);
  const hours: JsonObject[] = [];
  for (let time = day; time <= now; time += HOUR) hours.push({ t: toMillis(time), v: weather.at(time) });
  const last = Math.floor(now / MINUTE) * MINUTE;
  return {
    details: {
      city: WEATHER_CITY,
      high_so_far: hours.length === 0 ? undefined : weather.highSoFar(last),
      observations: hours,
      units: "fahrenheit",
    },
    type: "weather_observations",
  };
}

/** The level that an event is about, as its markets see it; frozen once the outcome is known. */
function chart({ world }: PublicSide, { plan, path }: Planned, range: string | undefined): JsonObject {
  const now = world.clock.now();
  const end = Math.min(now, plan.knownTime);
  const { span, step } = ranges[range ?? DEFAULT_RANGE] ?? ranges[DEFAULT_RANGE]!;
  const points: JsonObject[] = [];
  const first = Math.ceil(Math.max(plan.openTime, end - span) / step) * step;
  for (let time = first; time <= end; time += step) points.push({ t: toMillis(time), v: level(path.at(time).value) });
  return {
    default_range: DEFAULT_RANGE,
    details: { current: level(path.at(end).value), timeseries: points },
    is_historical: now >= plan.knownTime,
    range_options: Object.keys(ranges),
    type: "level_chart",
  };
}

function level(value: number): number {
  return Math.round(value * 100) / 100;
}
