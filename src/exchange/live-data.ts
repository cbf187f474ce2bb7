import { always, maybe } from "./field.js";
import { anything, list, object, optional, text } from "./shape.js";

/** How a milestone stands now, such as the score of a game. @see API: GET /live_data/milestone/{milestone_id} */
export const liveData = object({
  type: always("text", "type", "names the form of `details`"),
  details: always("json", "details", "free form, by type"),
  milestone_id: always("text", "milestone_id", "milestone"),
});

export type LiveData = ReturnType<typeof liveData.parse>;

/** What an event is about, as it stands now: a price chart, weather observations. @see API: GET /live_data/events/{event_ticker} */
export const eventLiveData = object({
  type: always("text", "type", "names the form of `details`"),
  details: always("json", "details", "free form, by type"),
  is_historical: maybe("boolean", "is_historical", "the event is over and this will not change any more"),
  default_range: maybe("text", "default_range", "span a chart shows first, such as 15min"),
  range_options: optional(list(text)),
});

export type EventLiveData = ReturnType<typeof eventLiveData.parse>;

/** A game play by play. @see API: GET /live_data/milestone/{milestone_id}/game_stats */
export const playByPlay = object({
  periods: optional(list(object({ events: optional(list(anything)) }))),
});

export type PlayByPlay = ReturnType<typeof playByPlay.parse>;
