import { type Count, formatCount } from "../../../units/count.js";
import { formatTime, parseTime, SECOND, type Timestamp } from "../../../units/time.js";
import type { JsonObject, Route, SeriesRecord } from "../../types.js";
import { notFound, ok } from "../../wire/replies.js";
import { Random } from "../../world/random.js";
import { seriesFeeChanges, withFees } from "../fee-changes.js";
import { QueryReader } from "../query.js";
import { type PublicSide, publicGet } from "./routes.js";

/** Series, which are not paged, and what hangs on them. */
export function seriesRoutes(side: PublicSide): Route[] {
  const { world } = side;
  return [
    publicGet("/series", ({ query }) => {
      const reader = new QueryReader(query, "GetSeriesList");
      const category = reader.text("category");
      const tags = reader.list("tags");
      const updated = reader.seconds("min_updated_ts");
      const withVolume = reader.flag("include_volume") === true;
      const withMetadata = reader.flag("include_product_metadata") === true;
      const found = [...world.series.values()].filter(
        ({ ticker, wire }) =>
          (updated === undefined || updatedTime(ticker, wire) > updated) &&
          (category === undefined || textsOf(wire.categories).includes(category)) &&
          (tags === undefined || tags.some((tag) => textsOf(wire.tags).includes(tag))),
      );
      return ok({ series: found.map((series) => seriesWire(side, series, { withVolume, withMetadata })) });
    }),
    publicGet("/series/fee_changes", (request) => seriesFeeChanges(world, request)),
    publicGet("/series/:series_ticker", ({ params, query }) => {
      const series = world.series.get(params.series_ticker as string);
      const withVolume = new QueryReader(query, "GetSeries").flag("include_volume") === true;
      return series === undefined ? notFound() : ok({ series: seriesWire(side, series, { withVolume }) });
    }),
  ];
}

interface Extras {
  readonly withVolume: boolean;
  readonly withMetadata?: boolean;
}

function seriesWire(side: PublicSide, series: SeriesRecord, { withVolume, withMetadata = false }: Extras): JsonObject {
  const { ticker, wire } = series;
  return {
    ...withFees(side.world, series),
    last_updated_ts: formatTime(updatedTime(ticker, wire)),
    product_metadata: withMetadata ? { cadence: wire.frequency } : undefined,
    volume_fp: withVolume ? formatCount(volumeOf(side, series)) : undefined,
  };
}

function volumeOf({ world }: PublicSide, { ticker }: SeriesRecord): Count {
  let volume = 0;
  for (const market of world.markets.values()) if (market.seriesTicker === ticker) volume += market.stats.volume;
  return volume;
}

/** When a series was changed last. The generated ones were once, each on its own day of 2023. */
function updatedTime(ticker: string, wire: JsonObject): Timestamp {
  if (typeof wire.last_updated_ts === "string") return parseTime(wire.last_updated_ts);
  return Date.UTC(2023, 0, 1) * 1000 + new Random(`series/${ticker}`).integer(0, 365 * 24 * 3_600) * SECOND;
}

/** The texts of a list; none of what is no list. */
export function textsOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((item): item is string => typeof item === "string") : [];
}
