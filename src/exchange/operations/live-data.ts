import { eventLiveData, liveData, playByPlay } from "../live-data.js";
import { operation } from "../operation.js";
import { needs, takes } from "../parameter.js";
import { list, object, optional } from "../shape.js";

const stats = { include_player_stats: takes("boolean") };
const byMilestone = { milestone_id: needs("text") };

/** How a milestone stands now. @see GET /live_data/milestone/{milestone_id} */
export const getLiveDataByMilestone = operation({
  id: "GetLiveDataByMilestone",
  method: "GET",
  path: "/live_data/milestone/{milestone_id}",
  access: "public",
  inPath: byMilestone,
  query: stats,
  answer: object({ live_data: liveData }),
});

/** The same for a milestone whose type is known. @see GET /live_data/{type}/milestone/{milestone_id} */
export const getLiveData = operation({
  id: "GetLiveData",
  method: "GET",
  path: "/live_data/{type}/milestone/{milestone_id}",
  access: "public",
  inPath: { type: needs("text"), ...byMilestone },
  query: stats,
  answer: object({ live_data: liveData }),
});

/** How up to 100 milestones stand now. @see GET /live_data/batch */
export const getLiveDatas = operation({
  id: "GetLiveDatas",
  method: "GET",
  path: "/live_data/batch",
  access: "public",
  query: { milestone_ids: needs("repeated", [1, 100]), ...stats },
  answer: object({ live_datas: list(liveData) }),
});

/** What an event is about, as it stands now: prices, weather. @see GET /live_data/events/{event_ticker} */
export const getEventLiveData = operation({
  id: "GetEventLiveData",
  method: "GET",
  path: "/live_data/events/{event_ticker}",
  access: "public",
  inPath: { event_ticker: needs("text") },
  query: { range: takes("text") },
  answer: object({ live_data: eventLiveData }),
});

/** A game play by play; `pbp` is null where there is none. @see GET /live_data/milestone/{milestone_id}/game_stats */
export const getGameStats = operation({
  id: "GetGameStats",
  method: "GET",
  path: "/live_data/milestone/{milestone_id}/game_stats",
  access: "public",
  inPath: byMilestone,
  answer: object({ pbp: optional(playByPlay) }),
});
