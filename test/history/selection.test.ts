import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provenance } from "../../src/frames/provenance.js";
import { readSelection, type SelectionInput } from "../../src/history/selection.js";
import { connect } from "../../src/lab/connect.js";
import { readTime } from "../../src/units/time.js";
import { expectError } from "../support/errors.js";
import { type LabAndSandbox, labAndSandbox } from "../support/lab.js";
import { answer, scriptedServer } from "../support/scripted-http.js";

describe("what a question is about", () => {
  let running: LabAndSandbox;

  beforeAll(async () => {
    running = await labAndSandbox({ seed: "selections" });
  });
  afterAll(() => running.close());

  it.each(["tickers", "event", "series"])("is not everything because its list of %s came out empty", (name) => {
    expectError(() => readSelection({ [name]: [] }, 0), "BAD_ARGUMENT", /leave .* out to mean all/);
  });

  it("is not everything because its word was mistyped", () => {
    expectError(() => readSelection({ tickr: "A" } as SelectionInput, 0), "BAD_ARGUMENT", /ticker, tickers, event/);
  });

  it("is not everything because what was named is undefined", () => {
    expectError(() => running.lab.trades({ ticker: undefined }), "BAD_ARGUMENT", /look where it comes from/);
  });

  it.each([1_700_000_000, Number.NaN, null, {}])("is of no span that begins at %j, which is no time", (from) => {
    expectError(() => readTime(from as never, 0), "BAD_TIME", /RFC 3339/);
  });

  it("is of no span that begins at a Date that is none", () => {
    const error = expectError(() => readTime(new Date("soon"), 0), "BAD_TIME", /RFC 3339.*a Date, or "-7d"/);
    expect(error.message).toContain("Invalid Date");
  });

  it.each([0, 5, 59, "60", null])(
    "is of no candles of %j minutes, which the exchange does not have",
    async (period) => {
      const before = running.lab.client.usage.requests;
      const call = () => running.lab.candlesticks({ event: "AVONHIGH-26AUG30", period: period as 60 });
      expect(expectError(call, "BAD_ARGUMENT", /1, 60 or 1440 minutes/).message).toMatch(/no candles of .* minutes/);
      expect(running.lab.client.usage.requests).toBe(before);
    },
  );

  it("takes few requests for candles of a market also where the span begins long before it, and has the same rows", async () => {
    const { lab } = running;
    const event = "AVONHIGH-26AUG30";
    const close = await lab.candlesticks({ event, period: 60 });
    const wide = { event, period: 60, from: "2023-01-01", to: "2026-10-01" } as const;
    expect((await lab.candlesticks(wide).estimate()).requests).toBeLessThan(30);
    expect((await lab.candlesticks(wide)).objects()).toEqual(close.objects());
  });
});

describe("events of combos", () => {
  it("are read from the list that has them, and by their name where they are named", async () => {
    const combo = {
      event_ticker: "KXMVE-1",
      series_ticker: "KXMVE",
      title: "t",
      sub_title: "s",
      mutually_exclusive: false,
      collateral_return_type: "",
      settlement_sources: [],
    };
    const server = await scriptedServer(({ url = "" }, response) => {
      const path = url.replace("/trade-api/v2", "").split("?")[0];
      if (path === "/events/multivariate") answer(response, 200, { events: [combo], cursor: "" });
      else if (path === "/events/KXMVE-1") answer(response, 200, { event: combo, markets: [] });
      else if (path === "/series/KXMVE") answer(response, 200, { series: {} });
      else answer(response, 200, { events: [], cursor: "" });
    });
    const lab = await connect({ env: "production", restUrl: server.baseUrl, wsUrl: "ws://127.0.0.1:9", cache: false });
    try {
      for (const ask of [{ event: "KXMVE-1" }, { series: "KXMVE" }, {}]) {
        const events = await lab.events(ask);
        expect(events.array("event_ticker")).toEqual(["KXMVE-1"]);
        expect(provenance(events)?.complete).toBe(true);
      }
    } finally {
      await lab.close();
      await server.close();
    }
  });
});
