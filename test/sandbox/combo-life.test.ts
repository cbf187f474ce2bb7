import { generateKeyPairSync } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { DAY, formatTime, SECOND } from "../../src/units/time.js";
import { frameComplaints, messageSchemas, whyNoFrames } from "../support/asyncapi.js";
import { type Member, memberOf } from "../support/sandbox-member.js";
import type { Client } from "../support/socket.js";
import { subscribe } from "../support/socket-stage.js";

const EVENT = "SANDBOX-LIVE";
const YES_LEG = `${EVENT}-T45`;
const NO_LEG = `${EVENT}-T55`;
/** What a resting order holds of the balance until its market closes: three contracts at a tenth of a cent, and what their fee may be. */
const RELEASED = 0.0033;
const COLLECTIONS = "/multivariate_event_collections";

describe("a combo, through its whole life", () => {
  const open: { close(): Promise<void> | void }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });

  interface Stage {
    readonly sandbox: Sandbox;
    readonly ticker: string;
    readonly long: Member;
    readonly short: Member;
    readonly client: Client;
    market(path?: string): Promise<Readonly<Record<string, unknown>>>;
    status(): Promise<unknown>;
  }

  /** A sandbox whose clock stands until it is moved, with a combo of two legs that a member is to be long of and another short. */
  async function stage(): Promise<Stage> {
    const sandbox = await startSandbox({ keyType: "ed25519", speed: 0, weeklyPause: false, tier: "prestige" });
    open.push(sandbox);
    const long = memberOf(sandbox.ready, sandbox.privateKey);
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const other = sandbox.addKey(String(publicKey.export({ type: "spki", format: "pem" })));
    const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
    const short = memberOf({ ...sandbox.ready, key_id: other.keyId }, pem);
    const client = await long.connect();
    open.push({ close: () => client.socket.terminate() });
    subscribe(client, ["multivariate_market_lifecycle", "market_lifecycle_v2"]);
    await client.settled();
    const { multivariate_contracts: found } = (await long.call("GET", `${COLLECTIONS}?status=open`)).body;
    const leg = (market_ticker: string, side: string) => ({ market_ticker, event_ticker: EVENT, side });
    const selected_markets = [leg(YES_LEG, "yes"), leg(NO_LEG, "no")];
    const made = await long.call("POST", `${COLLECTIONS}/${found[0].collection_ticker}`, { selected_markets });
    expect(made.status).toBe(200);
    const ticker: string = made.body.market_ticker;
    sandbox.time.moveBy(10 * SECOND);
    const market = async (path = `/markets/${ticker}`) => (await long.call("GET", path)).body.market;
    return { sandbox, ticker, long, short, client, market, status: async () => (await market()).status };
  }

  /** Both members trade with whom they find, the one YES, the other NO, and one order rests. */
  async function trade({ ticker, long, short }: Stage): Promise<void> {
    expect((await long.bid(ticker, { price: "0.9990", count: "10" })).body.fill_count).toBe("10.00");
    const sold = await short.bid(ticker, { side: "ask", price: "0.0010", count: "7" });
    expect(sold.body.fill_count).toBe("7.00");
    expect((await long.bid(ticker, { price: "0.0010", count: "3" })).status).toBe(201);
  }

  const balance = async (member: Member) =>
    Number((await member.call("GET", "/portfolio/balance")).body.balance_dollars);

  function expectConserved({ engine }: Sandbox): void {
    const { cash, escrow, fees, deposited } = engine.audit();
    expect(cash + escrow + fees).toBe(deposited);
  }

  async function expectLifecycle({ client, ticker }: Stage, types: readonly string[]): Promise<void> {
    await client.settled();
    const own = client.frames.filter(({ msg }) => msg?.market_ticker === ticker);
    expect(own.map(({ type, msg }) => [type, msg.event_type])).toEqual(
      types.map((type) => ["multivariate_market_lifecycle", type]),
    );
    if (whyNoFrames !== null) return;
    const schema = messageSchemas("multivariate_market_lifecycle").get("multivariate_market_lifecycle");
    for (const frame of own) expect(frameComplaints(schema ?? "", frame), JSON.stringify(frame)).toEqual([]);
  }

  it("ends as its legs have become: closed with the last, determined at the product of what they pay, and paid", async () => {
    const one = await stage();
    const { sandbox, ticker, long, short, market, status } = one;
    await trade(one);
    const end = async (leg: string, body: object) => {
      expect((await long.control("POST", `/markets/${leg}/close-early`)).status).toBe(200);
      expect((await long.control("POST", `/markets/${leg}/determine`, body)).status).toBe(200);
    };
    await end(YES_LEG, { result: "scalar", settlement_value: "0.8000" });
    sandbox.time.moveBy(60 * SECOND);
    expect(await status()).toBe("active");
    const before = [await balance(long), await balance(short)];
    await end(NO_LEG, { result: "scalar", settlement_value: "0.2500" });
    expect(await status()).toBe("closed");
    sandbox.time.moveBy(4 * SECOND);
    expect(await status()).toBe("closed");
    sandbox.time.moveBy(2 * SECOND);
    expect(await market()).toMatchObject({
      status: "determined",
      result: "scalar",
      settlement_value_dollars: "0.6000",
    });
    expectConserved(sandbox);
    sandbox.time.moveBy(40 * SECOND);
    expect(await status()).toBe("finalized");
    // 0.80 of the leg that had to come true, 0.75 of the one that had not to.
    expect((await balance(long)) - before[0]!).toBeCloseTo(10 * 0.6 + RELEASED, 6);
    expect((await balance(short)) - before[1]!).toBeCloseTo(7 * 0.4, 6);
    const { settlements } = (await long.call("GET", `/portfolio/settlements?ticker=${ticker}`)).body;
    expect(settlements).toMatchObject([{ market_result: "scalar", revenue: 600, value: 60, yes_count_fp: "10.00" }]);
    expectConserved(sandbox);
    await expectLifecycle(one, ["created", "close_date_updated", "determined", "settled"]);
  });

  it("waits for a leg whose result is disputed, and follows what that is amended to", async () => {
    const one = await stage();
    const { sandbox, long, market, status } = one;
    await trade(one);
    const operate = async (leg: string, name: string, body?: object) =>
      expect((await long.control("POST", `/markets/${leg}/${name}`, body)).status, name).toBe(200);
    for (const leg of [YES_LEG, NO_LEG]) await operate(leg, "close-early");
    await operate(YES_LEG, "determine", { result: "yes" });
    await operate(YES_LEG, "dispute");
    await operate(NO_LEG, "determine", { result: "no" });
    sandbox.time.moveBy(DAY);
    expect(await status()).toBe("closed");
    await operate(YES_LEG, "amend", { result: "no" });
    expect(await status()).toBe("closed");
    sandbox.time.moveBy(6 * SECOND);
    expect(await market()).toMatchObject({ status: "determined", result: "no", settlement_value_dollars: "0.0000" });
    sandbox.time.moveBy(40 * SECOND);
    expect(await status()).toBe("finalized");
    expectConserved(sandbox);
    await expectLifecycle(one, ["created", "close_date_updated", "determined", "settled"]);
  });

  it("lives as planned when nobody interferes, and is archived later with its result", async () => {
    const one = await stage();
    const { sandbox, ticker, long, short, market } = one;
    await trade(one);
    const before = [await balance(long), await balance(short)];
    const closes = Date.parse(String((await market()).close_time)) * 1000;
    sandbox.time.moveTo(closes + DAY);
    const [yes, no] = [YES_LEG, NO_LEG].map((leg) => sandbox.world.markets.get(leg)?.outcome.result);
    const wins = yes === "yes" && no === "no";
    const ended = {
      status: "finalized",
      result: wins ? "yes" : "no",
      settlement_value_dollars: wins ? "1.0000" : "0.0000",
    };
    expect(await market()).toMatchObject(ended);
    const paid = [wins ? 10 : 0, wins ? 0 : 7];
    expect((await balance(long)) - before[0]!).toBeCloseTo(paid[0]! + RELEASED, 6);
    expect((await balance(short)) - before[1]!).toBeCloseTo(paid[1]!, 6);
    expectConserved(sandbox);
    await expectLifecycle(one, ["created", "determined", "settled"]);
    const later = formatTime(closes + DAY);
    expect((await long.control("POST", `/cutoff?date=${later}`)).status).toBe(200);
    sandbox.time.moveBy(3 * DAY);
    expect((await long.call("GET", `/markets/${ticker}`)).status).toBe(404);
    expect(await market(`/historical/markets/${ticker}`)).toMatchObject({ ticker, ...ended });
    const { fills } = (await long.call("GET", `/historical/fills?ticker=${ticker}`)).body;
    expect(fills.reduce((sum: number, fill: { count_fp: string }) => sum + Number(fill.count_fp), 0)).toBe(10);
  });
});
