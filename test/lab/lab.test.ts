import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rawOf } from "../../src/frames/exact.js";
import { provenance } from "../../src/frames/provenance.js";
import { DOLLAR } from "../../src/units/price.js";
import { formatTime } from "../../src/units/time.js";
import { expectRejection } from "../support/errors.js";
import { type LabAndSandbox, labAndSandbox } from "../support/lab.js";

const START = "2026-10-15T15:00:00Z";

describe("a lab", () => {
  let running: LabAndSandbox;

  beforeAll(async () => {
    running = await labAndSandbox({ seed: "lab", tier: "prestige" });
  });

  afterAll(() => running.close());

  it("lists series, events and markets; a series and its events agree", async () => {
    const { lab } = running;
    const series = (await lab.series()).array("ticker") as string[];
    expect(series).toContain("SANDBOX");
    const events = await lab.events({ series: "AVONHIGH" });
    expect(new Set(events.array("series_ticker"))).toEqual(new Set(["AVONHIGH"]));
    const markets = await lab.markets({ series: "AVONHIGH" });
    expect(new Set(markets.array("event_ticker"))).toEqual(new Set(events.array("event_ticker")));
    expect(
      provenance(markets)
        ?.sources.map(({ tier }) => tier)
        .sort(),
    ).toEqual(["historical", "live"]);
    expect((await lab.series({ series: "AVONHIGH" })).array("ticker")).toEqual(["AVONHIGH"]);
  });

  it("finds the event and the series of a market or an event by asking, and refuses a span where there is no time", async () => {
    const { lab } = running;
    expect([...(await lab.events({ ticker: "SANDBOX-LIVE-T45" })).array("event_ticker")]).toEqual(["SANDBOX-LIVE"]);
    expect([...(await lab.series({ ticker: "SANDBOX-LIVE-T45" })).array("ticker")]).toEqual(["SANDBOX"]);
    expect([...(await lab.series({ event: "SANDBOX-LIVE", series: "AVONHIGH" })).array("ticker")].sort()).toEqual([
      "AVONHIGH",
      "SANDBOX",
    ]);
    await expectRejection(lab.events({ ticker: "NOSUCH" }), "MARKET_NOT_FOUND", /search/);
    await expectRejection(lab.series({ event: "NOSUCH" }), "EVENT_NOT_FOUND", /events/);
    await expectRejection(lab.positions({ from: "2000-01-01", to: "2000-01-02" }), "BAD_ARGUMENT", /filter/);
    await expectRejection(lab.events({ from: "-7d" }), "BAD_ARGUMENT", /filter/);
  });

  it("gives one book and many books alike, each level in both prices", async () => {
    const { lab, sandbox } = running;
    sandbox.engine.freeze();
    const tickers = ["SANDBOX-LIVE-T45", "SANDBOX-LIVE-T55"];
    const many = await lab.orderbooks({ tickers });
    expect(new Set(many.array("ticker"))).toEqual(new Set(tickers));
    for (const ticker of tickers) {
      const one = await lab.orderbook({ ticker });
      const rows = (many.array("ticker") as string[]).flatMap((other, row) => (other === ticker ? [row] : []));
      for (const name of ["price", "yes_price", "count"])
        expect(rows.map((row) => rawOf(many, name)[row])).toEqual(rawOf(one, name));
      const [sides, prices, yes] = [one.array("side") as string[], rawOf(one, "price"), rawOf(one, "yes_price")];
      for (const [row, side] of sides.entries())
        expect(yes[row]).toBe(side === "yes" ? prices[row] : DOLLAR - prices[row]!);
    }
    sandbox.engine.thaw();
  });

  it.each([1, 60, 1440] as const)(
    "gives candles of %d minutes of both tiers, each with its start and end",
    async (period) => {
      const markets = await running.lab.markets({ series: "AVONHIGH", to: START });
      const cutoff = Date.parse(provenance(markets)!.cutoffs!.market_settled!);
      const settled = markets.array("settlement_time") as (number | null)[];
      const tickers = markets.array("ticker") as string[];
      const older = tickers.find((_, row) => settled[row] !== null && settled[row]! < cutoff - 5 * 86_400e3)!;
      const newer = tickers.find((_, row) => settled[row] !== null && settled[row]! > cutoff + 5 * 86_400e3)!;
      const candles = await running.lab.candlesticks({ tickers: [older, newer], period });
      expect(new Set(candles.array("ticker"))).toEqual(new Set([older, newer]));
      expect(
        provenance(candles)
          ?.sources.map(({ tier }) => tier)
          .sort(),
      ).toEqual(["historical", "live"]);
      const [starts, ends] = [rawOf(candles, "start_time"), rawOf(candles, "end_time")];
      for (const [row, start] of starts.entries()) {
        const minutes = (ends[row]! - start!) / 60e6;
        if (period < 1440) expect(minutes).toBe(period);
        // A day ends at midnight Eastern.
        else expect(formatTime(ends[row]!)).toMatch(/T0[45]:00:00Z$/);
      }
      const volume = rawOf(candles, "volume").reduce((sum: number, count) => sum + count!, 0);
      const traded = rawOf(await running.lab.trades({ tickers: [older, newer] }), "count").reduce(
        (sum: number, count) => sum + count!,
        0,
      );
      expect(volume).toBe(traded);
    },
  );

  it("merges own fills, orders, positions and settlements of both tiers; what was filled, ordered, held and settled belongs together", async () => {
    const { lab } = running;
    const fills = await lab.fills({ to: START });
    expect(provenance(fills)?.sources.every(({ rows }) => rows > 0)).toBe(true);
    expect(new Set(fills.array("fill_id")).size).toBe(fills.numRows());
    const orders = new Set((await lab.orders({ to: START })).array("order_id"));
    expect((fills.array("order_id") as string[]).every((order) => orders.has(order))).toBe(true);
    const positions = new Set((await lab.positions()).array("ticker"));
    expect((fills.array("ticker") as string[]).every((ticker) => positions.has(ticker))).toBe(true);
    const settled = new Set((await lab.settlements({ to: START })).array("ticker"));
    expect(settled.size).toBeGreaterThan(10);
    expect((await lab.balance()).numRows()).toBe(1);
  });

  it("asks for own fills of many markets at once, and of few one by one, with the same answer", async () => {
    const { lab } = running;
    const all = await lab.fills({ to: START });
    const tickers = [...new Set(all.array("ticker") as string[])];
    const idsOf = async (some: readonly string[]): Promise<unknown[]> => [
      ...(await lab.fills({ tickers: some, to: START })).array("fill_id"),
    ];
    const expected = (some: readonly string[]): unknown[] => {
      const ids = all.array("fill_id") as string[];
      return (all.array("ticker") as string[]).flatMap((ticker, row) => (some.includes(ticker) ? [ids[row]] : []));
    };
    for (const some of [tickers.slice(0, 3), tickers.slice(0, 20)]) expect(await idsOf(some)).toEqual(expected(some));
  });

  it("finds by words, the best first", async () => {
    const found = await running.lab.search("temperature port avon");
    expect(found.array("ticker")[0]).toBe("AVONHIGH");
    expect((await running.lab.search("no such words anywhere")).numRows()).toBe(0);
  });

  it("names what it does not find, and what to do", async () => {
    const { lab } = running;
    await expectRejection(lab.trades({ ticker: "NOSUCH" }), "MARKET_NOT_FOUND", /search/);
    await expectRejection(lab.trades({ ticker: "SANDBOX-LIVE" }), "MARKET_NOT_FOUND", /event: "SANDBOX-LIVE"/);
    await expectRejection(lab.markets({ event: "NOSUCH" }), "EVENT_NOT_FOUND", /events/);
    await expectRejection(lab.trades({ series: "NOSUCH" }), "SERIES_NOT_FOUND", /series/);
    await expectRejection(lab.trades({ series: ["AVONHIGH", "NOSUCH"] }), "SERIES_NOT_FOUND", /series/);
    await expectRejection(lab.orderbook({ ticker: "NOSUCH" }), "MARKET_NOT_FOUND", /ticker/);
    await expectRejection(lab.candlesticks({}), "BAD_ARGUMENT", /ticker/);
    await expectRejection(
      lab.trades({ ticker: "SANDBOX-LIVE-T45", from: "2026-10-02", to: "2026-10-01" }),
      "BAD_RANGE",
      /swap/,
    );
  });

  it("places and withdraws orders, and only reads where trading was not asked for", async () => {
    const { lab } = running;
    const order = await lab.trading.place({
      ticker: "SANDBOX-LIVE-T45",
      side: "bid",
      count: "2.50",
      price: "0.01",
      postOnly: true,
    });
    expect([order.fill_count, order.remaining_count]).toEqual([0, 250]);
    expect((await lab.trading.cancel(order.order_id)).reduced_by).toBe(250);
    await expectRejection(lab.trading.cancel(order.order_id), "NOT_FOUND", /id/);
    const refused = await expectRejection(
      lab.trading.place({ ticker: "SANDBOX-LIVE-T45", side: "bid", count: 1, price: "0.015" }),
      "ORDER_REFUSED",
      /grid/,
    );
    expect(refused.context.code).toBe("invalid_price");
  });
});
