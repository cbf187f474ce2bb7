import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FeeCalendar } from "../../src/analysis/fees/calendar.js";
import { DAY, fromMillis, MINUTE, startOfDay } from "../../src/units/time.js";
import { type LabAndSandbox, labAndSandbox } from "../support/lab.js";

const EVENT = "SANDBOX-LIVE";
const MARKET = "SANDBOX-LIVE-T45";

describe("a fee calendar beside a live feed", () => {
  let both: LabAndSandbox;
  beforeAll(async () => {
    both = await labAndSandbox({ seed: "live-fees" });
  });
  afterAll(() => both.close());

  it("knows an event's new fees from its message, of which the records that it was made of say nothing", async () => {
    const { lab, sandbox } = both;
    const start = fromMillis((await lab.now()).getTime());
    const event = { event_ticker: EVENT, series_ticker: "SANDBOX" };
    const calendar = new FeeCalendar({
      series: [{ ticker: "SANDBOX", fee_type: "quadratic", fee_multiplier: 1 }],
      events: [{ ...event, fee_type_override: null, fee_multiplier_override: null }],
      markets: [{ ticker: MARKET, event_ticker: EVENT, fee_waiver_expiration_time: null }],
      seriesChanges: [],
      eventChanges: [],
      asOf: start,
    });
    const live = await lab.live({ channels: ["market_lifecycle_v2"] });
    // The event's fees halve on the second midnight to come.
    const midnight = startOfDay(start) + 2 * DAY;
    const to = new Date((midnight + MINUTE) / 1000).toISOString();
    const moved = await fetch(`${sandbox.ready.control_url}/clock?to=${to}`, { method: "POST" });
    expect(moved.status).toBe(200);
    for await (const one of live) {
      if (one.type !== "lifecycle" || one.kind !== "event_fee_update" || one.event_ticker !== EVENT) continue;
      const now = one.time ?? one.receivedAt;
      const told = calendar.with(one, now);
      expect(now).toBeGreaterThanOrEqual(midnight);
      expect(told.termsAt(MARKET, now)).toEqual({ feeType: "quadratic_with_maker_fees", multiplier: 0.5 });
      expect(told.termsAt(MARKET, start)).toEqual({ feeType: "quadratic", multiplier: 1 });
      // As REST tells it, asked anew.
      const asked = await lab.fees.calendar({ ticker: MARKET });
      expect(asked.termsAt(MARKET, now)).toEqual(told.termsAt(MARKET, now));
      break;
    }
    expect.assertions(5);
    await live.close();
  });
});
