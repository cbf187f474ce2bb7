import { afterEach, describe, expect, it } from "vitest";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../../src/sandbox/sandbox.js";
import type { EngineEvent } from "../../../src/sandbox/types.js";
import { DOLLAR } from "../../../src/units/price.js";
import { DAY, formatTime, HOUR, MINUTE, parseTime, SECOND } from "../../../src/units/time.js";
import { expectRejection } from "../../support/errors.js";
import { get, getSigned } from "../../support/sandbox-call.js";

let sandbox: Sandbox;
afterEach(() => sandbox?.close());

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ seed: "clock", keyType: "ed25519", speed: 0, unsignedPerSecond: 1_000, ...options });
}

async function clock(query: string) {
  const response = await fetch(`${sandbox.ready.control_url}/clock${query}`, { method: "POST" });
  return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
}

const now = () => sandbox.world.clock.now();
const member = () => sandbox.engine.accounts().find(({ house }) => !house)!.userId;

function buy(ticker: string, price: number, expires: number | null = null) {
  return sandbox.engine.place(member(), ticker, {
    side: "bid",
    price: price * DOLLAR,
    count: 500,
    timeInForce: "good_till_canceled",
    selfTrade: "taker_at_cross",
    clientOrderId: `${ticker}-${price}`,
    postOnly: false,
    reduceOnly: false,
    cancelOnPause: false,
    expires,
  }).order;
}

function timesOf(events: readonly EngineEvent[], type: "wiped" | "delta"): readonly number[] {
  return events.flatMap((event) => (event.type === type ? [event.time] : []));
}

describe("a clock that stands", () => {
  it("shows the same moment until it is moved, and then lives through the span as if it had run", async () => {
    await start();
    const begin = now();
    await get(sandbox, "/markets?limit=10");
    expect(now()).toBe(begin);
    const events: EngineEvent[] = [];
    sandbox.engine.on((event) => events.push(event));
    expect(await clock("?by=45")).toEqual({
      status: 200,
      body: { now: formatTime(begin + 45 * SECOND), speed: 0 },
    });
    expect(now()).toBe(begin + 45 * SECOND);
    const deltas = timesOf(events, "delta");
    for (let second = 0; second < 45; second += 5) {
      const from = begin + second * SECOND;
      expect(deltas.some((time) => time >= from && time < from + 5 * SECOND)).toBe(true);
    }
    const [newest] = sandbox.world.trades.page({ limit: 1 });
    expect(newest!.time).toBeGreaterThan(begin);
    expect(sandbox.world.events.has("SANDBOX-Q26OCT15150030")).toBe(true);
  });

  it("settles after a leap what lay between, each at its time and in order, and conserves the money", async () => {
    await start();
    // One that somebody sells.
    const isOffered = ({ ticker }: { ticker: string }) => sandbox.engine.ticker(ticker)?.yesAsk !== null;
    const day = sandbox.world.marketsOf("SANDBOX-26OCT15").find(isOffered)!;
    const lasting = sandbox.world.marketsOf("SANDBOX-LIVE")[2]!;
    expect(buy(day.ticker, 0.999).filled).toBeGreaterThan(0);
    const { count: held } = sandbox.engine.account(member()).positions.get(day.ticker)!;
    const resting = buy(lasting.ticker, 0.01);
    const expiring = buy(day.ticker, 0.01, now() + 2 * HOUR);
    const events: EngineEvent[] = [];
    sandbox.engine.on((event) => events.push(event));
    sandbox.time.moveTo(now() + 20 * DAY);
    const wiped = timesOf(events, "wiped");
    expect(wiped).toContain(day.closeTime);
    expect(wiped).toContain(lasting.closeTime);
    expect(wiped).toEqual(wiped.toSorted((a, b) => a - b));
    expect([expiring.status, expiring.reason, expiring.updated]).toEqual([
      "canceled",
      "ExpiryCancel",
      parseTime("2026-10-15T17:00:00Z"),
    ]);
    expect([resting.status, resting.reason, resting.updated]).toEqual(["canceled", "CloseCancel", lasting.closeTime]);
    const { settlements, positions } = sandbox.engine.account(member());
    const paid = settlements.filter(({ ticker }) => ticker === day.ticker);
    expect(paid.map(({ time, yesCount }) => [time, yesCount])).toEqual([[day.settledTime, held]]);
    expect(positions.get(day.ticker)?.settled).toBe(true);
    const { cash, escrow, fees, deposited } = sandbox.engine.audit();
    expect(cash + escrow + fees).toBe(deposited);
  });

  it("has after a leap new events with trades and books, and archives and cutoffs that came along", async () => {
    await start();
    const market = sandbox.world.marketsOf("AVONHIGH-26OCT14")[1]!;
    const before = sandbox.world.cutoffs();
    expect((await get(sandbox, `/historical/markets/${market.ticker}`)).status).toBe(404);
    await clock("?to=2026-12-20T15:00:00Z");
    expect(sandbox.world.cutoffs().marketSettled - before.marketSettled).toBe(66 * DAY);
    expect((await get(sandbox, `/historical/markets/${market.ticker}`)).status).toBe(200);
    expect((await get(sandbox, `/markets/${market.ticker}`)).status).toBe(404);
    type Market = {
      readonly markets: { readonly ticker: string; readonly status: string; readonly volume_fp: string }[];
    };
    const ask = async (event: string) => (await get<Market>(sandbox, `/markets?event_ticker=${event}`)).body.markets;
    const passed = await ask("AVONHIGH-26DEC01");
    expect(passed).toHaveLength(6);
    expect(new Set(passed.map(({ status }) => status))).toEqual(new Set(["finalized"]));
    expect(passed.some(({ volume_fp }) => Number(volume_fp) > 1_000)).toBe(true);
    const present = await ask("AVONHIGH-26DEC20");
    expect(new Set(present.map(({ status }) => status))).toEqual(new Set(["active"]));
    type Book = { readonly orderbook_fp: { readonly yes_dollars: unknown[]; readonly no_dollars: unknown[] } };
    const { body } = await get<Book>(sandbox, `/markets/${present[2]!.ticker}/orderbook`);
    expect(body.orderbook_fp.yes_dollars.length + body.orderbook_fp.no_dollars.length).toBeGreaterThan(10);
    type Trades = { readonly trades: { readonly created_time: string }[] };
    const { trades } = (await get<Trades>(sandbox, "/markets/trades?limit=1000&max_ts=1797000000")).body;
    expect(trades).toHaveLength(1_000);
    expect(parseTime(trades[999]!.created_time)).toBeGreaterThan(1_797_000_000 * SECOND - 12 * HOUR);
  });

  it("tells the prices and quotes of a day ago from the trades of then", async () => {
    await start();
    type Told = { readonly market: Readonly<Record<string, string>> };
    const { ticker } = sandbox.world.marketsOf("SANDBOX-LIVE")[2]!;
    const last = sandbox.world.trades.lastBefore(ticker, now() - DAY)!;
    const { market } = (await get<Told>(sandbox, `/markets/${ticker}`)).body;
    const price = (name: string) => Math.round(Number(market[`previous_${name}_dollars`]) * 1e6);
    expect(price("price")).toBe(last.price);
    expect(last.taker === "yes" ? price("yes_ask") : price("yes_bid")).toBe(last.price);
    expect(price("yes_bid")).toBeLessThan(price("yes_ask"));
    const fresh = sandbox.world.marketsOf("SANDBOX-26OCT16")[0]!.ticker;
    expect((await get<Told>(sandbox, `/markets/${fresh}`)).body.market.previous_yes_bid_dollars).toBe("0.0000");
  });

  it("is set going at any speed, and stands again", async () => {
    let wall = Date.now() * 1000;
    await start({ wall: { now: () => wall } });
    const begin = now();
    expect((await clock("?speed=60")).body.speed).toBe(60);
    wall += 2 * SECOND;
    expect(now()).toBe(begin + 2 * MINUTE);
    await clock("?speed=0.5&by=10");
    wall += 2 * SECOND;
    expect(now()).toBe(begin + 2 * MINUTE + 11 * SECOND);
    await clock("?speed=0");
    wall += HOUR;
    expect(now()).toBe(begin + 2 * MINUTE + 11 * SECOND);
  });

  it.each([
    ["?to=2026-10-15T14:59:59Z", /cannot be put/],
    ["?to=2150-01-01T00:00:00Z", /cannot be put/],
    ["?to=tomorrow", /time/],
    ["?by=-1", /cannot be put/],
    ["?by=soon", /no number/],
    ["?by=1e300", /cannot be put/],
    ["?speed=-2", /cannot run/],
    ["?speed=1e9", /cannot run/],
    ["?speed=", /no number/],
    ["?to=2026-10-16T00:00:00Z&by=1", /exclude/],
  ])("does not do %s, and says why", async (query, why) => {
    await start();
    const begin = now();
    const { status, body } = await clock(query);
    expect([status, body.error]).toEqual([400, expect.stringMatching(why)]);
    expect(body.hint).toEqual(expect.any(String));
    expect(now()).toBe(begin);
  });

  it("starts anywhere it is told to", async () => {
    await start({ clock: "2031-02-03T04:05:06Z" });
    expect(sandbox.ready.now).toBe("2031-02-03T04:05:06Z");
    expect(sandbox.world.marketsOf("AVONHIGH-31FEB03")).toHaveLength(6);
    expect((await getSigned(sandbox, "/portfolio/fills?limit=1")).text).toContain("2031-");
    await expectRejection(startSandbox({ clock: "never" }), "BAD_TIME", /RFC 3339|2026/);
  });
});
