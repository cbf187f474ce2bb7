import { formatCount } from "../../units/count.js";
import type { JsonObject, Route, SeriesRecord } from "../types.js";
import { notFound, ok } from "../wire/replies.js";
import { seriesFeeChanges, withFees } from "./fee-changes.js";
import { QueryReader } from "./query.js";
import { type PublicSide, publicGet } from "./routes.js";

/** Series, which are not paged, and what hangs on them: fee changes and tags. */
export function seriesRoutes(side: PublicSide): Route[] {
  const { world } = side;
  return [
    publicGet("/series", ({ query }) => {
      const reader = new QueryReader(query, "GetSeriesList");
      const category = reader.text("category");
      const tags = reader.list("tags");
      const withVolume = reader.flag("include_volume") === true;
      const found = [...world.series.values()].filter(
        ({ wire }) =>
          (category === undefined || textsOf(wire.categories).includes(category)) &&
          (tags === undefined || tags.some((tag) => textsOf(wire.tags).includes(tag))),
      );
      return ok({ series: found.map((series) => seriesWire(side, series, withVolume)) });
    }),
    publicGet("/series/fee_changes", (request) => seriesFeeChanges(world, request)),
    publicGet("/series/:series_ticker", ({ params, query }) => {
      const series = world.series.get(params.series_ticker as string);
      const withVolume = new QueryReader(query, "GetSeries").flag("include_volume") === true;
      return series === undefined ? notFound() : ok({ series: seriesWire(side, series, withVolume) });
    }),
    publicGet("/search/tags_by_categories", () => ok({ tags_by_categories: tagsByCategory(world.series.values()) })),
  ];
}

function seriesWire({ world }: PublicSide, series: SeriesRecord, withVolume: boolean): JsonObject {
  const wire = withFees(world, series);
  if (!withVolume) return wire;
  let volume = 0;
  for (const market of world.markets.values()) {
    if (market.seriesTicker === series.ticker) volume += market.stats.volume;
  }
  return { ...wire, volume_fp: formatCount(volume) };
}

function tagsByCategory(all: Iterable<SeriesRecord>): JsonObject {
  const tags: Record<string, readonly string[]> = {};
  for (const { category, wire } of all) {
    tags[category] = [...new Set([...(tags[category] ?? []), ...textsOf(wire.tags)])].sort();
  }
  return tags;
}

function textsOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((item): item is string => typeof item === "string") : [];
}
