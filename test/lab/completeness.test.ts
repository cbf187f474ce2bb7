import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provenance } from "../../src/frames/provenance.js";
import { connect } from "../../src/lab/connect.js";
import type { Lab } from "../../src/lab/lab.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { type AlteringProxy, alteringProxy } from "../support/altering-proxy.js";
import { expectRejection } from "../support/errors.js";
import { connectionTo } from "../support/lab.js";

interface BatchCandles {
  readonly markets: readonly {
    readonly market_ticker: string;
    readonly candlesticks: readonly Record<string, unknown>[];
  }[];
}

const EVENT = "SANDBOX-LIVE";
const ask = { event: EVENT, period: 60 } as const;
const candles = "/trade-api/v2/markets/candlesticks";

describe("what an answer lacks", () => {
  let sandbox: Sandbox;
  let proxy: AlteringProxy;
  let lab: Lab;

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "completeness", tier: "prestige" });
    proxy = await alteringProxy(sandbox);
    lab = await connect({ ...connectionTo(sandbox), restUrl: proxy.restUrl });
  });

  afterAll(async () => {
    await lab.close();
    await proxy.close();
    await sandbox.close();
  });

  it("is nothing when nothing is left out", async () => {
    expect(provenance(await lab.candlesticks(ask))).toMatchObject({ complete: true, why: null });
  });

  it("makes a table of candles incomplete when a market is not answered for on either side, and says which", async () => {
    proxy.alter = (path, body) => (path === candles ? { markets: (body as BatchCandles).markets.slice(1) } : undefined);
    const table = await lab.candlesticks(ask);
    const left = new Set(table.array("ticker") as string[]);
    const all = (await lab.markets({ event: EVENT })).array("ticker") as string[];
    const [absent] = all.filter((ticker) => !left.has(ticker));
    expect(provenance(table)).toMatchObject({ complete: false, why: `the exchange did not answer for ${absent}` });
    proxy.alter = () => undefined;
  });

  it.each([
    [
      "a market without its candles",
      ({ markets }: BatchCandles) => ({ markets: markets.map(({ market_ticker }) => ({ market_ticker })) }),
      /list/,
    ],
    ["no markets at all", () => ({}), /list/],
    [
      "candles of a market without its name",
      ({ markets }: BatchCandles) => ({ markets: markets.map(({ candlesticks }) => ({ candlesticks })) }),
      /market_ticker/,
    ],
    [
      "a candle without its end",
      ({ markets }: BatchCandles) => ({
        markets: markets.map((market) => ({
          ...market,
          candlesticks: market.candlesticks.map(({ end_period_ts: _, ...rest }) => rest),
        })),
      }),
      /end_period_ts/,
    ],
  ])("is refused as a record of unknown shape when it is %s, never taken for nothing", async (_, alter, message) => {
    proxy.alter = (path, body) => (path === candles ? alter(body as BatchCandles) : undefined);
    const question = lab.candlesticks(ask);
    const error = await expectRejection(question, "BAD_RECORD", /guessed/);
    expect(error.message).toMatch(message);
    // A failure is not kept: the same question, put again when the exchange is well, is answered.
    proxy.alter = () => undefined;
    expect((await question).numRows()).toBeGreaterThan(0);
  });

  it("is never a market that is archived between the two lists it may stand in", async () => {
    const before = new Set((await lab.trades({ series: "AVONHIGH", to: "2026-10-15T15:00:00Z" })).array("ticker"));
    let moved = false;
    proxy.alter = async (path) => {
      if (path !== "/trade-api/v2/markets" || moved) return undefined;
      moved = true;
      await fetch(`${sandbox.ready.control_url}/cutoff?date=2026-09-10T00:00:00Z`, { method: "POST" });
      return undefined;
    };
    const during = await lab.trades({ series: "AVONHIGH", to: "2026-10-15T15:00:00Z" });
    proxy.alter = () => undefined;
    expect(moved).toBe(true);
    expect(new Set(during.array("ticker"))).toEqual(before);
  });

  it("is what has not happened yet, when the span goes on after the moment it was asked", async () => {
    const ahead = await lab.trades({ event: EVENT, to: "2027-01-01" });
    expect(provenance(ahead)).toMatchObject({ complete: false });
    expect(provenance(ahead)?.why).toMatch(/goes on after the moment it was asked, 2026-10-15T15:/);
    expect(provenance(await lab.trades({ event: EVENT, to: "2026-10-15T14:00:00Z" }))).toMatchObject({
      complete: true,
    });
  });

  it("is an error for books: a market without a book is not a market with an empty one", async () => {
    const archived = (await lab.markets({ series: "AVONHIGH", to: "2026-08-01" })).array("ticker")[0] as string;
    for (const tickers of [[archived], [archived, "SANDBOX-LIVE-T45"]]) {
      const error = await expectRejection(lab.orderbooks({ tickers }), "MARKET_NOT_FOUND", /historical/);
      expect(error.message).toContain(archived);
    }
    expect(provenance(await lab.orderbooks({ event: EVENT }))).toMatchObject({ complete: true });
  });
});
