import { FeeCalendar } from "../analysis/fees/calendar.js";
import type { Client } from "../client/http.js";
import type { Event } from "../exchange/event.js";
import { getEvent, getEvents } from "../exchange/operations/events.js";
import { getSeriesFeeChanges } from "../exchange/operations/fee-changes.js";
import { getSeries } from "../exchange/operations/series.js";
import { IDS_PER_REQUEST, resolveMarkets } from "../history/resolve.js";
import { readSelection, type SelectionInput } from "../history/selection.js";
import type { Timestamp } from "../units/time.js";
import { fetchEventFeeChanges } from "./event-fee-changes.js";

/**
 * The fees of markets at every moment, as the exchange tells them: of the markets their events and series, and all changes of their fees.
 *
 * @throws KalshiError `MARKET_NOT_FOUND`, `EVENT_NOT_FOUND`, `SERIES_NOT_FOUND`
 * @see GET /series/fee_changes, GET /events/fee_changes
 */
export async function fetchFeeCalendar(
  client: Client,
  ask: SelectionInput,
  now: Timestamp,
  signal?: AbortSignal,
): Promise<FeeCalendar> {
  const options = { signal };
  const found = await resolveMarkets(client, readSelection(ask, now), options);
  const markets = found.markets.map(({ market }) => market);
  const events = await fetchEvents(client, new Set(markets.map((market) => market.event_ticker)), signal);
  const tickers = [...new Set(events.map((event) => event.series_ticker))];
  const [series, seriesChanges, eventChanges] = await Promise.all([
    Promise.all(tickers.map((one) => getSeries(client, { series_ticker: one }, options))),
    Promise.all(
      tickers.map((one) => getSeriesFeeChanges(client, { series_ticker: one, show_historical: true }, options)),
    ),
    fetchEventFeeChanges(
      client,
      events.map((event) => event.event_ticker),
      signal,
    ),
  ]);
  return new FeeCalendar({
    markets,
    events,
    series: series.map((answer) => answer.series),
    seriesChanges: seriesChanges.flatMap((answer) => answer.series_fee_changes),
    eventChanges,
    asOf: now,
  });
}

/** Events by their names. The list leaves those of combos out, which are asked one by one. */
export async function fetchEvents(client: Client, names: ReadonlySet<string>, signal?: AbortSignal): Promise<Event[]> {
  const all = [...names];
  const found: Event[] = [];
  for (let at = 0; at < all.length; at += IDS_PER_REQUEST) {
    const tickers = all.slice(at, at + IDS_PER_REQUEST);
    for await (const { events } of getEvents.pages(client, { tickers }, { signal })) found.push(...events);
  }
  const known = new Set(found.map((event) => event.event_ticker));
  const others = await Promise.all(
    all.filter((name) => !known.has(name)).map((name) => getEvent(client, { event_ticker: name }, { signal })),
  );
  return [...found, ...others.map(({ event }) => event)];
}
