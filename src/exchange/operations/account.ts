import { bucketFields, grantFields, volumeGoalFields } from "../account-limits.js";
import { always } from "../field.js";
import { operation } from "../operation.js";
import { list, nothing, object, record } from "../shape.js";

const bucket = record("token bucket", bucketFields);

/** The account's tier and its two token buckets. @see GET /account/limits */
export const getAccountApiLimits = operation({
  id: "GetAccountApiLimits",
  method: "GET",
  path: "/account/limits",
  access: "signed",
  answer: object({
    usage_tier: always("text", "usage_tier", "basic, advanced, expert, premier, paragon, prime or prestige"),
    read: bucket,
    write: bucket,
    grants: list(record("grant", grantFields)),
  }),
});

/** How the volume of the last thirty days compares with what the tiers ask. @see GET /account/api_usage_level/volume_progress */
export const getAccountApiUsageLevelVolumeProgress = operation({
  id: "GetAccountApiUsageLevelVolumeProgress",
  method: "GET",
  path: "/account/api_usage_level/volume_progress",
  access: "signed",
  answer: object({
    volume_progress: list(
      object({
        computed_time: always("time", "computed_ts", "as of", "seconds"),
        trailing_30d_volume: always("contracts", "trailing_30d_volume_fp", "contracts of the last thirty days"),
        goals: list(record("volume goal", volumeGoalFields)),
      }),
    ),
  }),
});

/** Asks for the Advanced tier; granted where one of the last hundred orders came by the API. @see POST /account/api_usage_level/upgrade */
export const upgradeAccountApiUsageLevel = operation({
  id: "UpgradeAccountApiUsageLevel",
  method: "POST",
  path: "/account/api_usage_level/upgrade",
  access: "signed",
  answer: nothing,
  writes: true,
});
