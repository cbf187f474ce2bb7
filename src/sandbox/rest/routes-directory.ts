import type { Route } from "../types.js";
import { notFound, ok } from "../wire/replies.js";
import { QueryReader } from "./query.js";
import { publicGet } from "./routes.js";

/**
 * Milestones, targets, incentives, combos, live data and the filters of sports: a generated world has none of them, so lists are
 * empty and whatever is asked by its name is not there. Parameters are checked all the same.
 */
export function directoryRoutes(): Route[] {
  return [
    publicGet("/milestones", ({ query }) => {
      const reader = new QueryReader(query, "GetMilestones");
      reader.requiredInteger("limit");
      reader.limit(1, 500, 500);
      return ok({ cursor: "", milestones: [] });
    }),
    publicGet("/structured_targets", () => ok({ cursor: "", structured_targets: [] })),
    publicGet("/incentive_programs", ({ query }) => {
      new QueryReader(query, "GetIncentivePrograms").limit(1, 10_000, 100);
      return ok({ incentive_programs: [], next_cursor: "" });
    }),
    publicGet("/multivariate_event_collections", ({ query }) => {
      new QueryReader(query, "GetMultivariateEventCollections").limit(1, 200, 100);
      return ok({ cursor: "", multivariate_contracts: [] });
    }),
    publicGet("/search/filters_by_sport", () => ok({ filters_by_sports: {}, sport_ordering: [] })),
    publicGet("/live_data/batch", () => ok({ live_datas: [] })),
    ...[
      "/milestones/:milestone_id",
      "/structured_targets/:structured_target_id",
      "/multivariate_event_collections/:collection_ticker",
      "/live_data/events/:event_ticker",
      "/live_data/milestone/:milestone_id",
      "/live_data/milestone/:milestone_id/game_stats",
      "/live_data/:type/milestone/:milestone_id",
      "/live_data/weather/:city",
      "/live_data/weather/:city/calibrations",
    ].map((path) => publicGet(path, notFound)),
  ];
}
