import type { ColumnTable } from "arquero";
import type { Client } from "../client/http.js";
import { getEvents } from "../exchange/operations/events.js";
import { getMarkets } from "../exchange/operations/markets.js";
import { getSeriesList } from "../exchange/operations/series.js";
import { searchFields } from "../exchange/search.js";
import { tableBuilder } from "../frames/builder.js";
import { type Provenance, type ProvenanceSource, withProvenance } from "../frames/provenance.js";
import { formatTime, systemClock } from "../units/time.js";

interface Hit {
  readonly kind: "series" | "event" | "market";
  readonly ticker: string;
  readonly title: string;
  readonly series_ticker: string | null;
  readonly score: number;
}

/** How many hits are shown unless more are asked for. */
export const SHOWN = 50;

export interface SearchOptions {
  /** Most hits to give. Default 50. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The best of what was found, and how much there was. */
export interface Found {
  readonly table: ColumnTable;
  /** Hits in all; more than the table has rows when it was cut. */
  readonly total: number;
}

/**
 * Series, events and open markets by words, the 50 best fitting, best first. All words must occur, in any order, in the id or the texts.
 * Where more were found, the table's provenance says so. Combinations of markets are left out.
 *
 * Columns: `kind` (series, event, market), `ticker`, `title`, `series_ticker`, `score`.
 *
 * @see GET /series, GET /events, GET /markets
 */
export async function search(client: Client, text: string, signal?: AbortSignal): Promise<ColumnTable> {
  return (await find(client, text, { signal })).table;
}

/** What {@link search} gives, as many as asked for, with the number of all hits. */
export async function find(client: Client, text: string, options: SearchOptions = {}): Promise<Found> {
  const { limit = SHOWN, signal } = options;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const hits: Hit[] = [];
  const consider = (hit: Omit<Hit, "score">, texts: readonly string[]): void => {
    const score = scoreOf(words, [hit.ticker, hit.title, ...texts].join(" ").toLowerCase());
    if (score > 0) hits.push({ ...hit, score });
  };
  for await (const series of getSeriesList.items(client, {}, { signal })) {
    consider({ kind: "series", ticker: series.ticker, title: series.title, series_ticker: series.ticker }, [
      series.category,
      ...(series.tags ?? []),
    ]);
  }
  const pagesOf = { series: 1, event: 0, market: 0 };
  const seriesOf = new Map<string, string>();
  for await (const { events } of getEvents.pages(client, {}, { signal })) {
    pagesOf.event += 1;
    for (const event of events) {
      seriesOf.set(event.event_ticker, event.series_ticker);
      consider({ kind: "event", ticker: event.event_ticker, title: event.title, series_ticker: event.series_ticker }, [
        event.sub_title,
      ]);
    }
  }
  // Combinations come by the hundred thousand and have no names of their own to be found by.
  for await (const { markets } of getMarkets.pages(client, { status: "open", mve_filter: "exclude" }, { signal })) {
    pagesOf.market += 1;
    for (const market of markets) {
      const title = [market.title, market.yes_sub_title].filter(Boolean).join(": ");
      consider(
        { kind: "market", ticker: market.ticker, title, series_ticker: seriesOf.get(market.event_ticker) ?? null },
        [market.event_ticker],
      );
    }
  }
  hits.sort((a, b) => b.score - a.score || (a.ticker < b.ticker ? -1 : 1));
  const shown = hits.slice(0, limit);
  const builder = tableBuilder("search hit", searchFields);
  builder.addRecords(shown.map((hit) => ({ ...hit })));
  return { table: withProvenance(builder.finish(), originOf(shown, pagesOf, hits.length)), total: hits.length };
}

function originOf(shown: readonly Hit[], pagesOf: Readonly<Record<Hit["kind"], number>>, total: number): Provenance {
  const source = (kind: Hit["kind"], endpoint: string): ProvenanceSource => ({
    tier: "live",
    endpoint,
    rows: shown.filter((hit) => hit.kind === kind).length,
    pages: pagesOf[kind],
  });
  const cut = shown.length < total;
  return {
    noun: "search hit",
    sources: [source("series", "GET /series"), source("event", "GET /events"), source("market", "GET /markets")],
    cutoffs: null,
    from: null,
    to: null,
    covered: null,
    complete: !cut,
    why: cut
      ? `the best ${shown.length} of ${total} hits; give more words, or for more with \`kalshi-lab search --limit\``
      : null,
    rows: shown.length,
    at: formatTime(systemClock.now()),
  };
}

/** 0 unless every word occurs; a whole word counts twice. */
function scoreOf(words: readonly string[], text: string): number {
  let score = 0;
  const whole = new Set(text.split(/[^\p{L}\p{N}]+/u));
  for (const word of words) {
    if (!text.includes(word)) return 0;
    score += whole.has(word) ? 2 : 1;
  }
  return score;
}
