import { Configuration } from "kalshi-typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KalshiError } from "../../src/errors.js";
import type { Api } from "../../src/lab/api.js";
import { connect } from "../../src/lab/connect.js";
import { expectRejection } from "../support/errors.js";
import { answerOf, type Peer, peerOf } from "../support/exchange-client.js";
import { connectionTo, type LabAndSandbox, labAndSandbox } from "../support/lab.js";
import { chains, LIVE, none, type Question, questions, type Subjects } from "../support/questions.js";
import { differences } from "../support/written-back.js";

let running: LabAndSandbox;
let peer: Peer;
let api: Api;
let about: Subjects;

beforeAll(async () => {
  // The sandbox's clock practically stands, so that both are asked of the same moment.
  running = await labAndSandbox({ seed: "same-questions", speed: 1e-9, tier: "prestige" });
  const { ready, privateKey } = running.sandbox;
  peer = peerOf(new Configuration({ apiKey: ready.key_id, privateKeyPem: privateKey, basePath: ready.rest_url }));
  api = running.lab.api;
  const { markets: live } = await api.getMarkets({ event_ticker: "SANDBOX-LIVE" });
  const offered = live.find(({ yes_ask, yes_ask_size }) => (yes_ask_size ?? 0) >= 200 && yes_ask < 900_000)!;
  const taking = {
    ...limit,
    time_in_force: "immediate_or_cancel",
    ticker: offered.ticker,
    count: "2",
    price: "0.9500",
  };
  expect((await api.createOrderV2(taking)).fill_count).toBe(200);
  const order = await api.createOrderV2({ ...limit, ticker: LIVE, count: "3.50", price: "0.0100" });
  const { markets } = await api.getHistoricalMarkets({ series_ticker: "AVONHIGH", limit: 1 });
  const { fills } = await api.getFills({ limit: 1 });
  const now = (await api.getUserDataTimestamp()).as_of_time / 1e6;
  const from = Math.floor(now) - 5 * 86_400;
  about = {
    archived: markets[0]!.ticker,
    order: order.order_id,
    filled: fills[0]!.order_id,
    from,
    to: Math.floor(now),
  };
});
afterAll(() => running?.close());

const limit = {
  side: "bid",
  time_in_force: "good_till_canceled",
  self_trade_prevention_type: "taker_at_cross",
} as const;

describe("the exchange's own client for TypeScript and this one, asked the same of the same sandbox", () => {
  it.each(questions)("answer alike: $name", async ({ theirs, ours }) => {
    const { data } = await theirs(peer, about);
    expect(differences(data, await ours(api, about))).toEqual([]);
  });

  it("would not be found alike if a row, a field or a cent were missing or changed", async () => {
    const sent = (await peer.markets.getTrades(3)).data;
    const parsed = await api.getTrades({ limit: 3 });
    const [first, ...rest] = parsed.trades;
    expect(differences(sent, { ...parsed, trades: rest })).toEqual(["$.trades: 3 items, 2 here"]);
    for (const change of [
      { yes_price: first!.yes_price + 100 },
      { count: first!.count + 1 },
      { created_time: 1 },
      { trade_id: null },
      { price: 1 },
    ]) {
      expect(differences(sent, { ...parsed, trades: [{ ...first, ...change }, ...rest] })).toHaveLength(1);
    }
  });

  it("are asked at least thirty questions, of which most have something to answer", async () => {
    const answers = await Promise.all(questions.map(({ theirs }) => theirs(peer, about)));
    const empty = answers.filter(({ data }) =>
      Object.values(data as object).every((value) => value === "" || isEmpty(value)),
    );
    expect(questions.length).toBeGreaterThanOrEqual(30);
    expect(questions.length - empty.length).toBeGreaterThanOrEqual(30);
  });
});

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

describe("asked for all pages of a list, both", () => {
  it.each(chains)("get the same pages, and the same cursors: $name", async ({ theirs, ours }) => {
    const sent: unknown[] = [];
    let cursor: string | undefined;
    do {
      const { data } = await theirs(peer, cursor, about);
      sent.push(data);
      cursor = data.cursor;
    } while (cursor !== undefined && cursor !== "");
    const parsed: unknown[] = [];
    for await (const page of ours(api, about)) parsed.push(page);
    expect(sent.length).toBeGreaterThan(1);
    expect(differences(sent, parsed)).toEqual([]);
  });
});

describe("asked what the exchange refuses, both", () => {
  it.each<[string, Question["theirs"], Question["ours"], string]>([
    [
      "an unknown market",
      ({ markets }) => markets.getMarket("NO-SUCH"),
      (ask) => ask.getMarket({ ticker: "NO-SUCH" }),
      "NOT_FOUND",
    ],
    [
      "an archived market of the live tier",
      ({ markets }, { archived }) => markets.getMarket(archived),
      (ask, { archived }) => ask.getMarket({ ticker: archived }),
      "NOT_FOUND",
    ],
    [
      "an unknown event",
      ({ events }) => events.getEvent("NO-SUCH"),
      (ask) => ask.getEvent({ event_ticker: "NO-SUCH" }),
      "NOT_FOUND",
    ],
    [
      "an unknown order",
      ({ orders }) => orders.getOrder("0f0f0f0f-0000-4000-8000-000000000000"),
      (ask) => ask.getOrder({ order_id: "0f0f0f0f-0000-4000-8000-000000000000" }),
      "NOT_FOUND",
    ],
    [
      "a status that only answers have",
      ({ markets }) =>
        markets.getMarkets(1, none, none, none, none, none, none, none, none, none, none, "finalized" as "open"),
      (ask) => ask.getMarkets({ limit: 1, status: "finalized" }),
      "REQUEST_REFUSED",
    ],
    [
      "two families of time filters",
      ({ markets }) => markets.getMarkets(1, none, none, none, 1, none, none, none, 1),
      (ask) => ask.getMarkets({ limit: 1, min_created_ts: 1, min_close_ts: 1 }),
      "REQUEST_REFUSED",
    ],
  ])("hear the same: %s", async (_, theirs, ours, code) => {
    const refused = await theirs(peer, about).then(() => null, answerOf);
    const error = await ours(api, about).then(
      () => null,
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(KalshiError);
    expect((error as KalshiError).code).toBe(code);
    expect((error as KalshiError).context).toMatchObject(refused!);
  });

  it("hear that a page is too large: the exchange says so to one, this library before asking", async () => {
    expect(await peer.markets.getMarkets(1001).then(() => null, answerOf)).toMatchObject({ status: 400 });
    const before = running.lab.client.usage.requests;
    await expectRejection(api.getMarkets({ limit: 1001 }), "BAD_ARGUMENT", /give 0 to 1000/);
    expect(running.lab.client.usage.requests).toBe(before);
    const raw = running.lab.client.json({ path: "/markets", access: "public", query: { limit: 1001 } });
    const error = await expectRejection(raw, "REQUEST_REFUSED", /correct the parameter it names/);
    expect(error.context.status).toBe(400);
  });

  it("hear that a key is unknown", async () => {
    const { ready, privateKey } = running.sandbox;
    const apiKey = "0f0f0f0f-0000-4000-8000-00000000000f";
    const stranger = peerOf(new Configuration({ apiKey, privateKeyPem: privateKey, basePath: ready.rest_url }));
    const refused = await stranger.portfolio.getBalance().then(() => null, answerOf);
    const connecting = connect({ ...connectionTo(running.sandbox), keyId: apiKey });
    const error = await expectRejection(connecting, "KEY_UNKNOWN", /belongs to this environment/);
    expect(refused).toMatchObject({ status: 401 });
    expect(error.context).toMatchObject(refused!);
  });
});
