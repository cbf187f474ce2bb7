import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { costToTrade } from "../../src/analysis/book/cost-to-trade.js";
import { depthByMarket } from "../../src/analysis/book/depth-by-market.js";
import { executionByMarket } from "../../src/analysis/book/execution.js";
import { liquidityByMarket } from "../../src/analysis/book/liquidity.js";
import { quoteLifetimes } from "../../src/analysis/book/quote-lifetime.js";
import { spreadByMarket } from "../../src/analysis/book/spread.js";
import { tradeProfile } from "../../src/analysis/book/trade-profile.js";
import { tradeSpreads } from "../../src/analysis/book/trade-spreads.js";
import { volatilityByMarket } from "../../src/analysis/book/volatility.js";
import type { Quote } from "../../src/flow/top-of-book.js";
import { rawOf } from "../../src/frames/exact.js";
import type { Recording } from "../../src/lab/recording.js";
import { type LabAndSandbox, labAndSandbox } from "../support/lab.js";
import { recordOrders } from "../support/recorded-orders.js";

const TICKERS = ["SANDBOX-LIVE-T55", "SANDBOX-LIVE-T45"];

describe("book and market analysis of a recording of the sandbox", () => {
  const root = mkdtempSync(join(tmpdir(), "kalshi-lab-analysis-"));
  const dir = join(root, "recording");
  let running: LabAndSandbox;
  let recording: Recording;

  beforeAll(async () => {
    running = await labAndSandbox({ seed: "analysis" });
    recording = await recordOrders(running, TICKERS, dir);
  }, 60_000);

  afterAll(async () => {
    await running.close();
    rmSync(root, { recursive: true, force: true });
  });

  it("is of its quotes as they come what it is of their table", async () => {
    const table = await recording.quotes();
    expect(table.numRows()).toBeGreaterThan(2);
    for (const of of [spreadByMarket, liquidityByMarket, quoteLifetimes]) {
      const streamed = await of(recording.quotes());
      expect(streamed.array("ticker").length).toBeGreaterThanOrEqual(2);
      expect(streamed.objects()).toEqual(of(table).objects());
    }
    const options = { every: "10ms" };
    const streamed = await volatilityByMarket(recording.quotes(), options);
    expect(streamed.objects()).toEqual(volatilityByMarket(table, options).objects());
  });

  it("is of its depth and trades as they come what it is of their tables", async () => {
    const depths = await recording.depth({ within: 0.05 });
    const depth = await depthByMarket(recording.depth({ within: 0.05 }));
    expect(depth.objects()).toEqual(depthByMarket(depths).objects());
    const [trades, quotes] = [await recording.trades(), await recording.quotes()];
    const execution = await executionByMarket(recording.trades(), recording.quotes(), { after: "100ms" });
    expect(execution.objects()).toEqual(executionByMarket(trades, quotes, { after: "100ms" }).objects());
    const profile = await tradeProfile(recording.trades(), { by: "taker", byMarket: true });
    expect(profile.objects()).toEqual(tradeProfile(trades, { by: "taker", byMarket: true }).objects());
  });

  it("sets each trade against the last quote of its market strictly before it", async () => {
    const quotes: Quote[] = [];
    for await (const quote of recording.quotes().rows()) quotes.push(quote);
    const spreads = await tradeSpreads(recording.trades(), recording.quotes(), { after: "100ms" });
    const [time, effective, price] = ["created_time", "effective_spread", "yes_price"].map((name) =>
      rawOf(spreads, name),
    );
    let measured = 0;
    for (const [row, at] of time!.entries()) {
      const last = quotes.filter((quote) => quote.ticker === spreads.get("ticker", row) && quote.time < at!).at(-1);
      const [bid, ask] = [last?.yes_bid ?? null, last?.yes_ask ?? null];
      const naive = bid === null || ask === null ? null : Math.abs(2 * price![row]! - bid - ask);
      expect(effective![row]).toBe(naive);
      if (naive !== null) measured += 1;
    }
    expect(measured).toBeGreaterThan(0);
  });

  it("tells what each of its books costs to trade, the same as of their table", async () => {
    const options = { side: "bid", count: [1, 100_000], terms: { feeType: "quadratic", multiplier: 1 } } as const;
    const ask = { every: "1ms" };
    const table = costToTrade(await recording.bookSnapshots(ask), options);
    const streamed = await costToTrade(recording.bookSnapshots(ask), options);
    const told = (rows: object[]) => rows.map((row) => JSON.stringify(row)).sort();
    expect(told(streamed.objects())).toEqual(told(table.objects()));
    expect(streamed.numRows()).toBeGreaterThan(0);
  });
});
