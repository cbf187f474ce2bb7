import type { JsonObject, Route } from "../../types.js";
import { ok } from "../../wire/replies.js";
import { type PublicSide, publicGet } from "./routes.js";
import { textsOf } from "./series.js";

/** What can be searched by: the tags of each category, and what there is of each sport. */
export function searchRoutes({ world, milestones }: PublicSide): Route[] {
  return [
    publicGet("/search/tags_by_categories", () => {
      const tags: Record<string, readonly string[]> = {};
      for (const { category, wire } of world.series.values()) {
        tags[category] = [...new Set([...(tags[category] ?? []), ...textsOf(wire.tags)])].sort();
      }
      return ok({ tags_by_categories: tags });
    }),
    publicGet("/search/filters_by_sport", () => {
      const competitions = new Set(milestones.all().flatMap(({ competition }) => competition ?? []));
      const sports = competitions.size > 0 ? ["Basketball"] : [];
      const scopes = ["Games"];
      const byName = Object.fromEntries([...competitions].map((name): [string, JsonObject] => [name, { scopes }]));
      return ok({
        filters_by_sports: Object.fromEntries(sports.map((sport) => [sport, { competitions: byName, scopes }])),
        sport_ordering: sports,
      });
    }),
  ];
}
