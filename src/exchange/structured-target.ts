import { maybe } from "./field.js";
import { map, record, text } from "./shape.js";

/** Columns of a structured target: a team, a player, whatever a market's strike can name. @see API: GET /structured_targets */
export const structuredTargetFields = {
  id: maybe("text", "id", "key of the target"),
  name: maybe("text", "name", "name"),
  type: maybe("text", "type", "such as basketball_player; names the form of `details`"),
  source_id: maybe("text", "source_id", "id at the provider of its data"),
  source_ids: maybe("json", "source_ids", "ids by provider"),
  details: maybe("json", "details", "free form, by type"),
  last_updated_time: maybe("time", "last_updated_ts", "last change"),
};

/** A structured target with its ids typed. */
export const structuredTarget = record("structured target", structuredTargetFields, { source_ids: map(text) });

export type StructuredTarget = ReturnType<typeof structuredTarget.parse>;
