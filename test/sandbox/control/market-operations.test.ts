import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../src/sandbox/sandbox.js";
import { get, getSigned } from "../../support/sandbox-call.js";

describe("market operations of the control server", () => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await startSandbox({ keyType: "ed25519", seed: "operations", precision: 10_000 });
  });
  afterAll(() => sandbox.close());

  const act = async (path: string, body?: object) => {
    const init = { method: "POST", ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(sandbox.ready.control_url + path, init);
    return { status: response.status, body: (await response.json()) as { code?: string; halted?: string } };
  };
  const market = async (ticker: string) =>
    (await get<{ market: Record<string, unknown> }>(sandbox, `/markets/${ticker}`)).body.market;
  const status = async (ticker: string) => (await market(ticker)).status;
  const liveMarket = (at: number) => sandbox.world.marketsOf("SANDBOX-LIVE")[at]!.ticker;

  it("lead a market through its life as REST shows it", async () => {
    const ticker = liveMarket(0);
    expect(await status(ticker)).toBe("active");
    expect(await act(`/markets/${ticker}/pause`)).toEqual({ status: 200, body: {} });
    expect(await status(ticker)).toBe("inactive");
    const paused = await get<{ markets: { ticker: string }[] }>(sandbox, "/markets?status=paused");
    expect(paused.body.markets.map((one) => one.ticker)).toEqual([ticker]);
    const events = await get<{ events: { event_ticker: string }[] }>(sandbox, "/events?status=paused");
    expect(events.body.events.map((one) => one.event_ticker)).toEqual(["SANDBOX-LIVE"]);
    await act(`/markets/${ticker}/resume`);
    expect(await status(ticker)).toBe("active");
    await act(`/markets/${ticker}/price-structure`, { price_level_structure: "center_half_edge_deci_cent" });
    expect((await market(ticker)).price_level_structure).toBe("center_half_edge_deci_cent");
    await act(`/markets/${ticker}/metadata`, { yes_sub_title: "Otherwise" });
    expect((await market(ticker)).yes_sub_title).toBe("Otherwise");
    expect(await act(`/markets/${ticker}/close-early`)).toEqual({ status: 200, body: {} });
    expect(await status(ticker)).toBe("closed");
    await act(`/markets/${ticker}/close-date`, { close_time: "2026-12-01T00:00:00Z" });
    expect(await market(ticker)).toMatchObject({ status: "active", close_time: "2026-12-01T00:00:00Z" });
    await act(`/markets/${ticker}/close-early`);
    await act(`/markets/${ticker}/determine`, { result: "scalar", settlement_value: "0.62" });
    expect(await market(ticker)).toMatchObject({
      status: "determined",
      result: "scalar",
      settlement_value_dollars: "0.6200",
    });
    await act(`/markets/${ticker}/dispute`);
    expect(await status(ticker)).toBe("disputed");
    await act(`/markets/${ticker}/amend`, { result: "yes" });
    expect(await market(ticker)).toMatchObject({ status: "amended", result: "yes" });
    await act(`/markets/${ticker}/dispute`);
    await act(`/markets/${ticker}/uphold`);
    expect(await market(ticker)).toMatchObject({ status: "determined", result: "yes" });
  });

  it("pause the exchange, and its status tells", async () => {
    const told = async () => (await get(sandbox, "/exchange/status")).body;
    expect((await act("/exchange/pause-trading")).body).toEqual({ halted: "trading" });
    expect(await told()).toMatchObject({ exchange_active: true, trading_active: false });
    expect((await act("/exchange/pause")).body).toEqual({ halted: "exchange" });
    expect(await told()).toMatchObject({ exchange_active: false, trading_active: false });
    expect((await act("/exchange/resume")).body).toEqual({ halted: "none" });
    expect(await told()).toMatchObject({ exchange_active: true, trading_active: true });
  });

  it("refuse what cannot be, and say why", async () => {
    expect(await act("/markets/NONE/pause")).toMatchObject({ status: 400, body: { code: "MARKET_NOT_FOUND" } });
    const ticker = liveMarket(1);
    expect(await act(`/markets/${ticker}/dispute`)).toMatchObject({ status: 400, body: { code: "BAD_ARGUMENT" } });
    expect(await act(`/markets/${ticker}/close-date`, {})).toMatchObject({
      status: 400,
      body: { code: "BAD_ARGUMENT" },
    });
    expect(await act(`/markets/${ticker}/metadata`, { ticker: "X" })).toMatchObject({ body: { code: "BAD_ARGUMENT" } });
    expect((await act(`/markets/${ticker}/constructor`)).status).toBe(404);
  });

  it("are beside fees that REST tells of, past and to come, and beside accounts of whole cents", async () => {
    const changes = async (query: string) =>
      (await get<{ series_fee_change_arr: { series_ticker: string; fee_multiplier: number }[] }>(sandbox, query)).body
        .series_fee_change_arr;
    expect(await changes("/series/fee_changes")).toMatchObject([{ series_ticker: "NORIDX", fee_multiplier: 1 }]);
    expect(await changes("/series/fee_changes?show_historical=true")).toHaveLength(2);
    expect(await changes("/series/fee_changes?show_historical=true&series_ticker=SANDBOX")).toEqual([]);
    const { body } = await get<{ series: { fee_multiplier: number } }>(sandbox, "/series/NORIDX");
    expect(body.series.fee_multiplier).toBe(0.5);
    const events = await get<{ cursor: string; event_fee_changes: { fee_multiplier_override: number | null }[] }>(
      sandbox,
      "/events/fee_changes?event_ticker=SANDBOX-LIVE&limit=3",
    );
    expect(events.body.event_fee_changes.map((one) => one.fee_multiplier_override)).toEqual([null, 0.5, null]);
    expect(events.body.cursor).not.toBe("");
    const { body: balance } = await getSigned<{ balance_dollars: string }>(sandbox, "/portfolio/balance");
    expect(balance.balance_dollars).toMatch(/^\d+\.\d\d00$/);
  });
});
