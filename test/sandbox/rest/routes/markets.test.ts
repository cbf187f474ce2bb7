import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeCursor } from "../../../../src/sandbox/rest/cursor.js";
import { type Sandbox, startSandbox } from "../../../../src/sandbox/sandbox.js";
import { parseTime } from "../../../../src/units/time.js";
import { allPages, get, getSigned } from "../../../support/sandbox-call.js";

interface Market {
  readonly ticker: string;
  readonly event_ticker: string;
  readonly status: string;
  readonly result: string;
  readonly created_time: string;
  readonly close_time: string;
  readonly settlement_ts?: string;
  readonly settlement_value_dollars?: string;
  readonly yes_bid_dollars: string;
  readonly yes_ask_dollars: string;
  readonly no_bid_dollars: string;
  readonly no_ask_dollars: string;
}

describe("lists of markets, events and trades", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    // Slower than the wall, so that no quick event opens or closes between two requests.
    sandbox = await startSandbox({ seed: "lists", tier: "prestige", speed: 0.001, unsignedPerSecond: 10_000 });
  });
  afterAll(() => sandbox?.close());

  const markets = async (query: string) => (await allPages<Market>(sandbox, `/markets?${query}`, "markets")).rows;
  const refused = async (path: string) => {
    const { status, text } = await get(sandbox, path);
    return `${status} ${text}`;
  };

  it("have markets newest first by creation, ties by ticker descending", async () => {
    const found = await markets("limit=1000");
    const keys = found.map(({ created_time, ticker }) => [parseTime(created_time), ticker] as const);
    const sorted = [...keys].sort(([a, x], [b, y]) => b - a || (x < y ? 1 : -1));
    expect(keys).toEqual(sorted);
    expect(new Set(found.map(({ ticker }) => ticker)).size).toBe(found.length);
  });

  it("answer filter words with status words", async () => {
    const statuses = async (filter: string) =>
      new Set((await markets(`status=${filter}&limit=1000`)).map((m) => m.status));
    expect(await statuses("open")).toEqual(new Set(["active"]));
    expect(await statuses("unopened")).toEqual(new Set(["initialized"]));
    expect(await statuses("settled")).toEqual(new Set(["finalized"]));
    expect(await statuses("paused")).toEqual(new Set());
    expect([...(await statuses("closed"))].every((status) => ["closed", "determined"].includes(status))).toBe(true);
    expect(await refused("/markets?status=finalized")).toMatch(/^400 /);
    expect(await refused("/markets?status=active")).toMatch(/^400 /);
  });

  it("tell no result before it is determined", async () => {
    for (const market of await markets("limit=1000")) {
      const known = market.status === "determined" || market.status === "finalized";
      expect(market.result !== "", market.ticker).toBe(known);
      expect(market.settlement_value_dollars !== undefined, market.ticker).toBe(known);
      expect(market.settlement_ts !== undefined, market.ticker).toBe(market.status === "finalized");
    }
  });

  it("show empty sides by the exchange's stand-ins, another ask before the opening than after", async () => {
    const quotes = (market: Market | undefined) => [
      market?.yes_bid_dollars,
      market?.yes_ask_dollars,
      market?.no_bid_dollars,
      market?.no_ask_dollars,
    ];
    expect(quotes((await markets("status=unopened"))[0])).toEqual(["0.0000", "0.0000", "1.0000", "1.0000"]);
    expect(quotes((await markets("status=settled&limit=1"))[0])).toEqual(["0.0000", "1.0000", "0.0000", "1.0000"]);
  });

  it("refuse filters that exclude each other, and a limit over the maximum in a shape of its own", async () => {
    const both = "min_close_ts=1&min_settled_ts=1";
    expect(await refused(`/markets?${both}`)).toMatch(/^400 .*exclude each other/);
    expect(await refused("/markets?status=open&min_close_ts=1")).toMatch(/^400 .*does not go with status open/);
    expect(await refused("/markets?min_updated_ts=1")).toMatch(/^400 .*mve_filter/);
    expect(await refused("/historical/markets?tickers=A&series_ticker=B")).toMatch(/^400 .*exclude each other/);
    const outOfRange = (operation: string, tag: string) =>
      `400 {"msg":"Parameter validation failed for ${operation}: Key: '${operation}Params.Limit' Error:Field validation for 'Limit' failed on the '${tag}' tag"}`;
    expect(await refused("/markets?limit=1001")).toBe(outOfRange("GetMarkets", "lte"));
    expect(await refused("/markets/trades?limit=1001")).toBe(outOfRange("GetTrades", "lte"));
    expect(await refused("/events?limit=0")).toBe(outOfRange("GetEvents", "gte"));
    expect(await refused("/series/SANDBOX/markets/SANDBOX-LIVE-T50/candlesticks?start_ts=1&end_ts=2")).toMatch(
      /'required'/,
    );
  });

  it("take limit 0 as the default, and an empty or unreadable cursor as the first page", async () => {
    const page = (query: string) =>
      get<{ trades: { trade_id: string }[]; cursor: string }>(sandbox, `/historical/trades?${query}`);
    const first = await page("");
    expect(first.body.trades).toHaveLength(100);
    for (const query of ["limit=0", "cursor=", "cursor=nonsense", `cursor=${first.body.cursor.slice(1)}`]) {
      expect((await page(query)).text, query).toBe(first.text);
    }
    expect(first.body.cursor).not.toBe("");
    const beyond = await page(`cursor=${encodeCursor({ time: 0, id: "0" })}`);
    expect(beyond.body).toEqual({ cursor: "", trades: [] });
  });

  it("yield every trade of a market once over both tiers, whatever the limit", async () => {
    const ticker = "SANDBOX-LIVE-T50";
    const ids = async (limit: number) =>
      (
        await allPages<{ trade_id: string }>(sandbox, `/markets/trades?ticker=${ticker}&limit=${limit}`, "trades")
      ).rows.map(({ trade_id }) => trade_id);
    const whole = await ids(1000);
    expect(whole.length).toBeGreaterThan(300);
    expect(new Set(whole).size).toBe(whole.length);
    for (const limit of [1000, 97, 250]) expect(await ids(limit)).toEqual(whole);
  });

  it("keep trades to what lies between the two bounds, neither of them included", async () => {
    const range = `min_ts=${Date.UTC(2026, 9, 14) / 1000}&max_ts=${Date.UTC(2026, 9, 15) / 1000}`;
    const { rows } = await allPages<{ created_time: string }>(sandbox, `/markets/trades?${range}&limit=1000`, "trades");
    expect(rows.length).toBeGreaterThan(100);
    for (const { created_time } of rows) expect(created_time).toMatch(/^2026-10-14T/);
  });

  it("have no trades of tickers that nobody knows, and no single market of that name", async () => {
    expect((await get(sandbox, "/markets/trades?ticker=NOBODY")).text).toBe('{"cursor":"","trades":[]}');
    expect((await get(sandbox, "/markets/NOBODY")).text).toBe('{"error":{"code":"not_found","message":"not found"}}');
    expect((await get(sandbox, "/markets/NOBODY")).status).toBe(404);
  });

  it("serve around the cutoff from both tiers, before it from the historical alone, after it from the live alone", async () => {
    const { body } = await get<Record<string, string>>(sandbox, "/historical/cutoff");
    const cutoff = parseTime(body.market_settled_ts as string);
    const live = new Map((await markets("status=settled&limit=1000")).map((market) => [market.ticker, market]));
    const old = (await allPages<Market>(sandbox, "/historical/markets?limit=1000", "markets")).rows;
    const settled = (market: Market) => parseTime(market.settlement_ts as string);
    expect(old.every((market) => settled(market) < cutoff)).toBe(true);
    expect(old.map(settled)).toEqual(old.map(settled).sort((a, b) => b - a));
    const twice = old.filter(({ ticker }) => live.has(ticker));
    expect(twice.length).toBeGreaterThan(0);
    expect(twice.length).toBeLessThan(old.length / 4);
    for (const market of twice) expect(live.get(market.ticker)).toEqual(market);
    const gone = old.at(-1) as Market;
    expect((await get(sandbox, `/markets/${gone.ticker}`)).status).toBe(404);
    expect((await get(sandbox, `/historical/markets/${gone.ticker}`)).status).toBe(200);
    expect((await get(sandbox, "/historical/markets/SANDBOX-LIVE-T50")).status).toBe(404);
  });

  it("keep events for ever, with the markets of the live tier only", async () => {
    const [gone] = (await allPages<Market>(sandbox, "/historical/markets?limit=1000", "markets")).rows.slice(-1);
    const { body } = await get<{ event: object; markets: Market[] }>(sandbox, `/events/${gone?.event_ticker}`);
    expect(body.event).toMatchObject({ event_ticker: gone?.event_ticker });
    expect(body.markets).toEqual([]);
    const events = await allPages<{ event_ticker: string }>(sandbox, "/events?limit=7", "events");
    // Those of combos have a list of their own.
    const told = [...sandbox.world.events.values()].filter(({ seriesTicker }) => seriesTicker !== "SANDBOXMVE");
    expect(new Set(events.rows.map(({ event_ticker }) => event_ticker)).size).toBe(told.length);
  });

  it("find events by the state of any of their markets", async () => {
    const { rows } = await allPages<{ event_ticker: string }>(
      sandbox,
      "/events?status=open&series_ticker=SANDBOX",
      "events",
    );
    expect(rows.map(({ event_ticker }) => event_ticker)).toContain("SANDBOX-LIVE");
    expect(rows.map(({ event_ticker }) => event_ticker)).not.toContain("SANDBOX-26OCT10");
  });

  it("read tickers of order books one by one, a comma being part of a ticker", async () => {
    const books = async (query: string) =>
      (await get<{ orderbooks: { ticker: string }[] }>(sandbox, `/markets/orderbooks?${query}`)).body.orderbooks;
    expect((await books("tickers=SANDBOX-LIVE-T50&tickers=SANDBOX-LIVE-T55")).map(({ ticker }) => ticker)).toEqual([
      "SANDBOX-LIVE-T50",
      "SANDBOX-LIVE-T55",
    ]);
    expect(await books("tickers=SANDBOX-LIVE-T50,SANDBOX-LIVE-T55")).toEqual([]);
    expect(await refused("/markets/orderbooks")).toMatch(/^400 /);
  });

  it("cut a book to its best levels, ascending still", async () => {
    type Book = { orderbook_fp: { yes_dollars: string[][]; no_dollars: string[][] } };
    await fetch(`${sandbox.ready.control_url}/freeze`, { method: "POST" });
    const whole = (await get<Book>(sandbox, "/markets/SANDBOX-LIVE-T50/orderbook?depth=-1")).body.orderbook_fp;
    const two = (await get<Book>(sandbox, "/markets/SANDBOX-LIVE-T50/orderbook?depth=2")).body.orderbook_fp;
    expect(two).toEqual({ no_dollars: whole.no_dollars.slice(-2), yes_dollars: whole.yes_dollars.slice(-2) });
    const prices = whole.yes_dollars.map(([price]) => Number(price));
    expect(prices).toEqual([...prices].sort((a, b) => a - b));
  });

  it("find series by category and tag, exactly as written", async () => {
    const tickers = async (query: string) =>
      (await getSigned<{ series: { ticker: string }[] }>(sandbox, `/series?${query}`)).body.series.map(
        ({ ticker }) => ticker,
      );
    expect(await tickers("category=Economics")).toEqual(["NORCPI"]);
    expect(await tickers("category=economics")).toEqual([]);
    expect(await tickers("tags=Inflation,Generated")).toEqual(["NORCPI", "SANDBOX"]);
    expect((await get(sandbox, "/series/NOBODY")).status).toBe(404);
  });
});
