import type { ColumnTable } from "arquero";
import type { Client } from "../client/http.js";
import { pages } from "../client/pages.js";
import { liveEvents, parseEvent } from "../exchange/event.js";
import { asObject } from "../exchange/field.js";
import { liveMarkets, parseMarket } from "../exchange/market.js";
import { searchFields } from "../exchange/search.js";
import { parseSeries } from "../exchange/series.js";
import { tableBuilder } from "../frames/builder.js";

interface Hit {
  readonly kind: "series" | "event" | "market";
  readonly ticker: string;
  readonly title: string;
  readonly series_ticker: string | null;
  readonly score: number;
}

const SHOWN = 50;

/**
 * Series, events and open markets by words, the best fitting first. All words must occur, in any order, in the id or the texts.
 *
 * Columns: `kind` (series, event, market), `ticker`, `title`, `series_ticker`, `score`.
 *
 * @see GET /series, GET /events, GET /markets
 */
export async function search(client: Client, text: string, signal?: AbortSignal): Promise<ColumnTable> {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const hits: Hit[] = [];
  const consider = (hit: Omit<Hit, "score">, texts: readonly string[]): void => {
    const score = scoreOf(words, [hit.ticker, hit.title, ...texts].join(" ").toLowerCase());
    if (score > 0) hits.push({ ...hit, score });
  };
  const catalogue = asObject("series list", await client.json({ path: "/series", access: "public", signal }));
  for (const raw of Array.isArray(catalogue.series) ? (catalogue.series as unknown[]) : []) {
    const series = parseSeries(raw);
    const tags = Array.isArray(series.tags) ? series.tags.map(String) : [];
    consider({ kind: "series", ticker: series.ticker, title: series.title, series_ticker: series.ticker }, [
      series.category,
      ...tags,
    ]);
  }
  const seriesOf = new Map<string, string>();
  for await (const page of pages(client, liveEvents, {}, { signal })) {
    for (const event of page.items.map(parseEvent)) {
      seriesOf.set(event.event_ticker, event.series_ticker);
      consider({ kind: "event", ticker: event.event_ticker, title: event.title, series_ticker: event.series_ticker }, [
        event.sub_title,
      ]);
    }
  }
  for await (const page of pages(client, liveMarkets, { status: "open" }, { signal })) {
    for (const market of page.items.map(parseMarket)) {
      const title = [market.title, market.yes_sub_title].filter(Boolean).join(": ");
      consider(
        { kind: "market", ticker: market.ticker, title, series_ticker: seriesOf.get(market.event_ticker) ?? null },
        [market.event_ticker],
      );
    }
  }
  hits.sort((a, b) => b.score - a.score || (a.ticker < b.ticker ? -1 : 1));
  const builder = tableBuilder("search hit", searchFields);
  builder.addRecords(hits.slice(0, SHOWN).map((hit) => ({ ...hit })));
  return builder.finish();
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
