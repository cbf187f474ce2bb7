import type { ColumnTable } from "arquero";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "../../src/client/http.js";
import { rawOf } from "../../src/frames/exact.js";
import { provenance } from "../../src/frames/provenance.js";
import { candleStart, routeCandlesticks } from "../../src/history/candlesticks.js";
import { readCutoffs } from "../../src/history/cutoff.js";
import { routeTrades } from "../../src/history/route.js";
import { routeOrders } from "../../src/history/route-own.js";
import { readSelection } from "../../src/history/selection.js";
import { connect } from "../../src/lab/connect.js";
import type { Lab } from "../../src/lab/lab.js";
import type { PlanDescription } from "../../src/lab/plan-description.js";
import { DAY, formatTime, parseTime, toSeconds } from "../../src/units/time.js";
import { type AlteringProxy, alteringProxy } from "../support/altering-proxy.js";
import { expectRejection } from "../support/errors.js";
import { connectionTo, type LabAndSandbox, labAndSandbox } from "../support/lab.js";
import { answer, scriptedServer } from "../support/scripted-http.js";

const START = "2026-10-15T15:00:00Z";

describe("routing", () => {
  let running: LabAndSandbox;
  let proxy: AlteringProxy;
  /** Through the proxy. */
  let lab: Lab;
  let archived: string;

  beforeAll(async () => {
    running = await labAndSandbox({ seed: "routing", tier: "prestige" });
    proxy = await alteringProxy(running.sandbox);
    lab = await connect({ ...connectionTo(running.sandbox), restUrl: proxy.restUrl });
    const old = await running.lab.markets({ series: "AVONHIGH", to: "2026-08-15" });
    const volumes = rawOf(old, "volume") as number[];
    archived = old.array("ticker")[volumes.findIndex((volume) => volume > 0)] as string;
  });

  afterAll(async () => {
    await lab.close();
    await proxy.close();
    await running.close();
  });

  it("finds the trades and candles of an archived market, of which the live tier says 404 and an empty list", async () => {
    const { client } = running.lab;
    const live = client.json({ path: `/markets/${archived}`, access: "public" });
    await expectRejection(live, "NOT_FOUND", /\S/);
    const trades = await client.json({ path: "/markets/trades", access: "public", query: { ticker: archived } });
    expect(trades).toMatchObject({ trades: [] });
    const table = await running.lab.trades({ ticker: archived });
    expect(table.numRows()).toBeGreaterThan(0);
    expect(provenance(table)).toMatchObject({ complete: true, sources: [{ endpoint: "GET /historical/trades" }] });
    expect((await running.lab.candlesticks({ ticker: archived, period: 1440 })).numRows()).toBeGreaterThan(0);
  });

  it("asks for the candles of a market where its settlement puts it, whatever the time of the candle", async () => {
    const markets = await running.lab.markets({ series: "AVONHIGH", to: START });
    const cutoff = provenance(markets)!.cutoffs!.market_settled!;
    const rows = markets.objects() as { ticker: string; settlement_time: number | null }[];
    const selection = readSelection({ series: "AVONHIGH" }, parseTime(START));
    const plan = await routeCandlesticks(running.lab.client, selection, 60, parseTime(START));
    const tierOf = new Map(
      plan.legs.flatMap((leg) => (leg.kind === "candlesticks" ? leg.tickers.map((ticker) => [ticker, leg.tier]) : [])),
    );
    for (const { ticker, settlement_time: settled } of rows) {
      const old = settled !== null && settled < Date.parse(cutoff);
      expect(`${ticker} ${tierOf.get(ticker)}`).toBe(`${ticker} ${old ? "historical" : "live"}`);
    }
    expect(new Set(tierOf.values())).toEqual(new Set(["live", "historical"]));
  });

  it("takes each kind of record by its own one of the four cutoffs", async () => {
    const cutoffs = {
      market_settled_ts: "2026-08-01T00:00:00Z",
      trades_created_ts: "2026-08-03T00:00:00Z",
      orders_updated_ts: "2026-10-01T00:00:00Z",
      market_positions_last_updated_ts: "2026-08-05T00:00:00Z",
    };
    proxy.alter = (path) => (path.endsWith("/historical/cutoff") ? cutoffs : undefined);
    const selection = readSelection({ to: START }, parseTime(START));
    const trades = await routeTrades(lab.client, selection);
    expect(boundsOf(trades)).toEqual([
      ["historical", null, "2026-08-04T00:00:00Z"],
      ["live", "2026-08-02T00:00:00Z", START],
    ]);
    const orders = await routeOrders(lab.client, selection);
    // Orders move by their last update, which bounds nothing that they are asked by but the beginning of the live part.
    expect(boundsOf(orders)).toEqual([
      ["historical", null, "2026-10-02T00:00:00Z"],
      ["live", null, START],
    ]);
    const later = await routeOrders(lab.client, readSelection({ from: "2026-10-02" }, 0));
    expect(later.legs.map(({ tier }) => tier)).toEqual(["live"]);
    proxy.alter = () => undefined;
  });

  it("asks of a series only for the markets that were there in the span, and has every trade of it", async () => {
    const whole = await running.lab.trades({ series: "AVONHIGH", to: START });
    const [from, to] = ["2026-08-28T06:00:00Z", "2026-09-03T18:00:00Z"];
    const times = rawOf(whole, "created_time") as number[];
    const ids = (whole.array("trade_id") as string[]).filter(
      (_, row) => times[row]! >= parseTime(from) && times[row]! < parseTime(to),
    );
    const query = running.lab.trades({ series: "AVONHIGH", from, to });
    expect((await query).array("trade_id")).toEqual(ids);
    expect(ids.length).toBeGreaterThan(100);
    expect(await partsOf(query)).toBeLessThan(
      (await partsOf(running.lab.trades({ series: "AVONHIGH", to: START }))) / 4,
    );
  });

  it("asks for candles likewise, and has every one that starts in the span", async () => {
    const ask = { series: "AVONHIGH", period: 1440 } as const;
    const [from, to] = ["2026-08-28T06:00:00Z", "2026-09-03T18:00:00Z"];
    const keysOf = (table: ColumnTable): string[] => {
      const starts = rawOf(table, "start_time") as number[];
      const tickers = table.array("ticker") as string[];
      return starts.flatMap((start, row) =>
        start >= parseTime(from) && start < parseTime(to) ? [`${tickers[row]} ${start}`] : [],
      );
    };
    const query = running.lab.candlesticks({ ...ask, from, to });
    const part = await query;
    const found = new Set(keysOf(part));
    expect(found.size).toBe(part.numRows());
    // Unbounded, a market's candles end with its close; asked by time they may go on until its settlement.
    const whole = keysOf(await running.lab.candlesticks(ask));
    expect(whole.length).toBeGreaterThan(0);
    expect(whole.filter((key) => !found.has(key))).toEqual([]);
    expect(await partsOf(query)).toBeLessThan((await partsOf(running.lab.candlesticks(ask))) / 4);
  });

  it("finds all markets of a series, whatever their tickers begin with", async () => {
    const rename = (market: { ticker: string }) => ({
      ...market,
      ticker: market.ticker.replace(/^AVONHIGH/, "OLDNAME"),
    });
    proxy.alter = (path, body) =>
      path.endsWith("/historical/markets")
        ? { ...(body as object), markets: (body as { markets: { ticker: string }[] }).markets.map(rename) }
        : undefined;
    const { legs } = await routeTrades(lab.client, readSelection({ series: "AVONHIGH" }, 0));
    const tickers = legs.map((leg) => (leg.kind === "list" ? String(leg.query.ticker) : ""));
    expect(new Set(tickers.map((ticker) => ticker.slice(0, 7)))).toEqual(new Set(["OLDNAME", "AVONHIG"]));
    proxy.alter = () => undefined;
  });

  it("asks for the cutoffs and the live markets side by side, and for the archived ones when those are read", async () => {
    const held: { path: string; go: () => void }[] = [];
    const order: string[] = [];
    proxy.alter = async (path) => {
      const short = path.split("/trade-api/v2")[1]!;
      order.push(short);
      if (short === "/historical/markets") return undefined;
      // Neither is answered before the other is asked for.
      await new Promise<void>((go) => {
        held.push({ path: short, go });
        if (held.length === 2) for (const one of held) one.go();
      });
      return undefined;
    };
    await routeTrades(lab.client, readSelection({ series: "NORCPI" }, 0));
    expect(held.map(({ path }) => path).sort()).toEqual(["/historical/cutoff", "/markets"]);
    expect(order.at(-1)).toBe("/historical/markets");
    proxy.alter = () => undefined;
  });

  async function partsOf(query: { plan(): Promise<PlanDescription> }): Promise<number> {
    return (await query.plan()).steps.reduce((sum, { parts }) => sum + parts, 0);
  }

  function boundsOf(plan: Awaited<ReturnType<typeof routeTrades>>): unknown[] {
    const text = (time: number | null | undefined): string | null => (time == null ? null : formatTime(time));
    return plan.legs.map((leg) =>
      leg.kind === "list" ? [leg.tier, text(leg.keep?.from), text(leg.keep?.to)] : leg.kind,
    );
  }
});

describe("the cutoffs", () => {
  const wire = { market_settled_ts: "2026-07-28T00:00:00Z", trades_created_ts: "2026-07-27T00:00:00Z" };

  async function read(body: unknown): Promise<Awaited<ReturnType<typeof readCutoffs>>> {
    const server = await scriptedServer((_, response) => answer(response, 200, body));
    const client = new Client({ baseUrl: server.baseUrl });
    return readCutoffs(client).finally(async () => {
      await client.close();
      await server.close();
    });
  }

  it("are four, the one of positions that of markets where the exchange leaves it out", async () => {
    expect(await read({ ...wire, orders_updated_ts: "2026-09-12T00:00:00Z" })).toEqual({
      market_settled: parseTime(wire.market_settled_ts),
      trades_created: parseTime(wire.trades_created_ts),
      orders_updated: parseTime("2026-09-12T00:00:00Z"),
      positions_updated: parseTime(wire.market_settled_ts),
    });
  });

  it("are refused when one is missing, since then no tier can be chosen", async () => {
    const error = await expectRejection(read(wire), "BAD_RECORD", /no tier/);
    expect(error.message).toMatch(/orders_updated_ts/);
  });
});

describe("a daily candle", () => {
  it("starts at the midnight in New York before the one it ends at, on every day of two years, also when the clock changes", () => {
    const hours = new Set<number>();
    const newYork = new Intl.DateTimeFormat("en-CA", { timeZone: "America/New_York", dateStyle: "short" });
    const hour = new Intl.DateTimeFormat("en-US", { timeZone: "America/New_York", hour: "numeric", hourCycle: "h23" });
    for (let day = parseTime("2025-01-01T00:00:00Z"); day < parseTime("2027-01-01T00:00:00Z"); day += DAY) {
      const end = [4, 5].map((utc) => toSeconds(day) + utc * 3600).find((at) => Number(hour.format(at * 1000)) === 0)!;
      const start = candleStart(end, 1440);
      expect(Number(hour.format(start * 1000))).toBe(0);
      // One calendar day, whatever its length.
      expect(newYork.format((end - 1) * 1000)).toBe(newYork.format(start * 1000));
      hours.add((end - start) / 3600);
    }
    expect([...hours].sort()).toEqual([23, 24, 25]);
  });
});
