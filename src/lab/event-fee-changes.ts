import type { Client } from "../client/http.js";
import type { EventFeeChange } from "../exchange/fee-change.js";
import { getEventFeeChanges } from "../exchange/operations/fee-changes.js";

/** For so many events one page of the list of all changes may be read: together a tenth more than asking for each event. */
const EVENTS_PER_PAGE = 10;

/**
 * All changes of the fees of these events, past and to come.
 *
 * Of many events the list of all changes is read, 1,000 a page, but no more of it than a tenth of what asking event by event takes: how
 * long it is the exchange does not say. Where it goes on behind that, each event is asked for its own.
 *
 * @see GET /events/fee_changes
 */
export async function fetchEventFeeChanges(
  client: Client,
  events: readonly string[],
  signal?: AbortSignal,
): Promise<EventFeeChange[]> {
  const asked = new Set(events);
  const listed = await listedChanges(client, asked, Math.floor(asked.size / EVENTS_PER_PAGE), signal);
  if (listed !== null) return listed;
  const each = await Promise.all([...asked].map((event) => changesOfOne(client, event, signal)));
  return each.flat();
}

/** From the list of all changes; null where it is longer than so many pages. */
async function listedChanges(
  client: Client,
  asked: ReadonlySet<string>,
  mostPages: number,
  signal?: AbortSignal,
): Promise<EventFeeChange[] | null> {
  if (mostPages === 0) return null;
  const found: EventFeeChange[] = [];
  let pages = 0;
  for await (const { event_fee_changes, cursor } of getEventFeeChanges.pages(client, {}, { signal })) {
    pages += 1;
    found.push(...event_fee_changes.filter((change) => asked.has(change.event_ticker)));
    if (pages === mostPages && (cursor ?? "") !== "") return null;
  }
  return found;
}

async function changesOfOne(client: Client, event_ticker: string, signal?: AbortSignal): Promise<EventFeeChange[]> {
  const changes: EventFeeChange[] = [];
  for await (const page of getEventFeeChanges.pages(client, { event_ticker }, { signal }))
    changes.push(...page.event_fee_changes);
  return changes;
}
