import { always, maybe } from "./field.js";
import { list, map, record, text } from "./shape.js";

/** Columns of a milestone: a thing that takes place, such as a game, and the events about it. @see API: GET /milestones */
export const milestoneFields = {
  id: always("text", "id", "key of the milestone"),
  category: always("text", "category", "such as Sports"),
  type: always("text", "type", "such as football_game; names the form of `details`"),
  title: always("text", "title", "name"),
  start_time: always("time", "start_date", "when it starts"),
  end_time: maybe("time", "end_date", "when it ends"),
  primary_event_tickers: always("json", "primary_event_tickers", "events that are about it"),
  related_event_tickers: always("json", "related_event_tickers", "events that have to do with it"),
  notification_message: always("text", "notification_message", "what the web page announces"),
  source_id: maybe("text", "source_id", "id at the provider of its data"),
  source_ids: maybe("json", "source_ids", "ids by provider"),
  details: always("json", "details", "free form, by type"),
  last_updated_time: always("time", "last_updated_ts", "last change"),
};

/** A milestone with its lists typed. */
export const milestone = record("milestone", milestoneFields, {
  primary_event_tickers: list(text),
  related_event_tickers: list(text),
  source_ids: map(text),
});

export type Milestone = ReturnType<typeof milestone.parse>;
