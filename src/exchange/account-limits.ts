import { always, maybe, type RecordOf } from "./field.js";

/** One of an account's two token buckets. @see API: 4.1 Buckets, GET /account/limits */
export const bucketFields = {
  refill_rate: always("integer", "refill_rate", "tokens a second"),
  bucket_capacity: always("integer", "bucket_capacity", "tokens at most"),
};

export type Bucket = RecordOf<typeof bucketFields>;

/** Why an account has the tier it has. @see API: GET /account/limits */
export const grantFields = {
  exchange_instance: always("text", "exchange_instance", "`event_contract` or `margined`: where it holds"),
  level: always("text", "level", "tier: basic, advanced, expert, premier, paragon, prime, prestige"),
  source: always("text", "source", "`volume` or `manual`"),
  expires_time: maybe("time", "expires_ts", "when it ends; null for never", "seconds"),
};

export type Grant = RecordOf<typeof grantFields>;

/** What one tier asks of the volume of the last thirty days. @see API: GET /account/api_usage_level/volume_progress */
export const volumeGoalFields = {
  level: always("text", "level", "tier"),
  earn_volume_goal: always("contracts", "earn_volume_goal_fp", "contracts to reach it"),
  keep_volume_goal: always("contracts", "keep_volume_goal_fp", "contracts to stay there"),
};

export type VolumeGoal = RecordOf<typeof volumeGoalFields>;
