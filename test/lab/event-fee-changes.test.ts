import { afterEach, describe, expect, it } from "vitest";
import { fetchEventFeeChanges } from "../../src/lab/event-fee-changes.js";
import { type ScriptedClient, type Sent, type Step, scriptedClient } from "../support/scripted-client.js";

const PATH = "GET /events/fee_changes";
const names = (count: number) => Array.from({ length: count }, (_, at) => `NORIDX-${at}`);

function change(event: string, at: number) {
  const time = new Date(Date.UTC(2026, 0, 1) + at * 60_000).toISOString();
  return {
    ...{ id: `${event}-${at}`, event_ticker: event, series_ticker: "NORIDX", scheduled_ts: time },
    ...{ fee_type_override: "quadratic", fee_multiplier_override: 0.5 },
  };
}

/** An exchange with two changes of every event asked, and many pages of others' between them in the list of all. */
function exchangeOf(events: readonly string[], othersPages: number) {
  return ({ line }: Sent): Step => {
    const query = new URL(line.replace("GET ", "http://x")).searchParams;
    const event = query.get("event_ticker");
    const cursor = Number(query.get("cursor") ?? "0");
    if (event !== null) {
      // Each event's own come on two pages.
      return [200, { event_fee_changes: [change(event, cursor)], cursor: cursor === 0 ? "1" : "" }];
    }
    const own = cursor < 2 ? events.map((one) => change(one, cursor)) : [];
    const list = [...own, change(`OTHER-${cursor}`, cursor)];
    return [200, { event_fee_changes: list, cursor: cursor + 1 < othersPages ? String(cursor + 1) : "" }];
  };
}

describe("the fee changes of events", () => {
  let scripted: ScriptedClient;
  afterEach(() => scripted.close());

  async function asked(count: number, pages: number) {
    const events = names(count);
    scripted = await scriptedClient(exchangeOf(events, pages));
    const changes = await fetchEventFeeChanges(scripted.client, events);
    const ids = changes.map(({ id }) => id).sort();
    expect(ids).toEqual(events.flatMap((event) => [`${event}-0`, `${event}-1`]).sort());
    expect(scripted.sent.every(({ line }) => line.startsWith(PATH) && line.includes("limit=1000"))).toBe(true);
    const isOwn = ({ line }: Sent) => line.includes("event_ticker=");
    return { own: scripted.sent.filter(isOwn).length, all: scripted.sent.filter((one) => !isOwn(one)).length };
  }

  it("of a few events are asked event by event, page by page", async () => {
    expect(await asked(3, 5)).toEqual({ own: 6, all: 0 });
  });

  it("of many events are taken from the list of all, as long as that is short, and none of another event", async () => {
    expect(await asked(30, 3)).toEqual({ own: 0, all: 3 });
  });

  it("of many events are asked event by event where the list goes on and on, after a tenth as many pages of it", async () => {
    expect(await asked(30, 1_000)).toEqual({ own: 60, all: 3 });
  });

  it("of no event are none, and nothing is asked", async () => {
    expect(await asked(0, 5)).toEqual({ own: 0, all: 0 });
  });
});
