import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../src/sandbox/sandbox.js";
import { type Allowed, restSamples, shapeDifferences, whyNoSamples } from "../../support/samples.js";
import { type Answer, get, type Key, signedHeaders } from "../../support/sandbox-call.js";
import { type Schema, specifiedOperations } from "../../support/specified-operations.js";
import { until } from "../../support/wait.js";

type Body = Record<string, unknown>;
type Rows = readonly Body[];

/** A market with offers on both sides; which of its ladder it is depends on where the level stands. */
let LIVE = "";
const ORDERS = "/portfolio/events/orders";

describe.skipIf(whyNoSamples !== null)(
  `bodies of the exchange (${whyNoSamples ?? "samples of them are held against the sandbox's"})`,
  () => {
    let sandbox: Sandbox;
    let poor: Sandbox;
    beforeAll(async () => {
      // The one has room for everything, the other refuses soon.
      [sandbox, poor] = await Promise.all([
        startSandbox({ seed: "samples", keyType: "ed25519" }),
        startSandbox({ seed: "samples", tier: "basic", unsignedPerSecond: 1, keyType: "ed25519" }),
      ]);
      const ladder = sandbox.world.marketsOf("SANDBOX-LIVE").map(({ ticker }) => ticker);
      const isTwoSided = (ticker: string) => {
        const book = sandbox.engine.book(ticker);
        return book !== null && book.yes.length > 1 && book.no.length > 1;
      };
      await until(() => ladder.some(isTwoSided), "a book with two sides");
      LIVE = ladder.find(isTwoSided) ?? "";
      sandbox.engine.freeze();
    });
    afterAll(() => Promise.all([sandbox?.close(), poor?.close()]));

    const keyOf = (one: Sandbox): Key => ({ id: one.ready.key_id, pem: one.privateKey });
    const call = (method: string, path: string, body?: unknown, one = sandbox): Promise<Answer<Body>> => {
      const plain = `/trade-api/v2${path}`.split("?")[0] as string;
      const headers = { ...signedHeaders(keyOf(one), method, plain), "content-type": "application/json" };
      return get<Body>(one, path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    };
    const rows = async (path: string, key: string) => (await call("GET", path)).body[key] as Rows;
    const withHeaders = (change: (headers: Record<string, string>) => Record<string, string>, now?: number) =>
      get<Body>(sandbox, "/portfolio/balance", {
        headers: change(signedHeaders(keyOf(sandbox), "GET", "/trade-api/v2/portfolio/balance", now)),
      });

    const order = (more: Body = {}): Body => ({
      ticker: LIVE,
      side: "bid",
      price: "0.01",
      count: "1",
      client_order_id: randomUUID(),
      time_in_force: "good_till_canceled",
      self_trade_prevention_type: "taker_at_cross",
      ...more,
    });
    const place = (more: Body = {}) => call("POST", ORDERS, order(more));
    /** Best price to buy at, and how much there is of it. */
    const bestAsk = async () => {
      const { market } = (await call("GET", `/markets/${LIVE}`)).body as { market: Body };
      return { price: String(market.yes_ask_dollars), count: String(market.yes_ask_size_fp) };
    };
    const buyAll = async () => {
      const { price, count } = await bestAsk();
      return { price, answer: await place({ price, count, time_in_force: "immediate_or_cancel" }) };
    };
    const cancelled = async () => {
      const { body } = await place();
      return call("DELETE", `${ORDERS}/${String(body.order_id)}`);
    };

    /** How the sandbox is asked for what each sample shows. */
    const counterparts: Readonly<Record<string, () => Promise<Answer<Body>>>> = {
      market: async () => {
        const found = await rows("/markets?series_ticker=AVONHIGH&status=open", "markets");
        return call("GET", `/markets/${String(found.find((one) => one.strike_type === "greater")?.ticker)}`);
      },
      "market not yet open": async () => {
        const found = await rows("/markets?status=unopened", "markets");
        return call("GET", `/markets/${String(found.find((one) => one.strike_type === "greater")?.ticker)}`);
      },
      "market finalized": async () => {
        const found = await rows("/historical/markets?series_ticker=AVONHIGH", "markets");
        return call("GET", `/historical/markets/${String(found.find((one) => one.strike_type === "greater")?.ticker)}`);
      },
      "market unknown or archived": () => call("GET", "/markets/NOSUCH"),
      "markets, last page": () => call("GET", "/markets?event_ticker=SANDBOX-LIVE"),
      "markets, limit over maximum": () => call("GET", "/markets?limit=1001"),
      "order book": () => call("GET", `/markets/${LIVE}/orderbook`),
      "order books": () => call("GET", `/markets/orderbooks?tickers=${LIVE}&tickers=SANDBOX-LIVE-T55`),
      trades: () => call("GET", `/markets/trades?ticker=${LIVE}&limit=5`),
      candlesticks: () =>
        call(
          "GET",
          `/series/SANDBOX/markets/${LIVE}/candlesticks?start_ts=1791720000&end_ts=1792080000&period_interval=1`,
        ),
      "candlesticks, historical": async () => {
        const [market] = await rows("/historical/markets?series_ticker=AVONHIGH", "markets");
        const end = Math.floor(Date.parse(String(market?.close_time)) / 1000);
        const span = `start_ts=${end - 172_800}&end_ts=${end}&period_interval=1440`;
        return call("GET", `/historical/markets/${String(market?.ticker)}/candlesticks?${span}`);
      },
      cutoff: () => call("GET", "/historical/cutoff"),
      "exchange status, short form": () => call("GET", "/exchange/status"),
      "limits, basic": () => call("GET", "/account/limits", undefined, poor),
      "endpoint costs": () => call("GET", "/account/endpoint_costs"),
      "too many requests": () =>
        call("POST", `${ORDERS}/batched`, { orders: Array.from({ length: 11 }, () => order()) }, poor),
      "too many requests, unsigned": async () => {
        for (let i = 0; i < 10; i += 1) {
          const answer = await get<Body>(poor, "/markets?limit=1");
          if (answer.status === 429) return answer;
        }
        throw new Error("never refused");
      },
      "signature missing": () => withHeaders(() => ({})),
      "timestamp expired": () => withHeaders((headers) => headers, Date.now() - 60_000),
      "signature wrong": () => withHeaders((headers) => ({ ...headers, "KALSHI-ACCESS-SIGNATURE": "AAAA" })),
      "key unknown": () => withHeaders((headers) => ({ ...headers, "KALSHI-ACCESS-KEY": randomUUID() })),
      balance: () => call("GET", "/portfolio/balance"),
      "order create, resting": () => place(),
      "order create, IOC filled": async () => {
        const { price } = await bestAsk();
        return place({ price, time_in_force: "immediate_or_cancel" });
      },
      "order create, stopped by self-trade prevention": async () => {
        // Nobody else offers at this price any more: the makers stand still.
        const { price } = await buyAll();
        await place({ side: "ask", price, count: "2" });
        return place({ price });
      },
      "order create, id used": async () => {
        const used = order();
        await call("POST", ORDERS, used);
        return call("POST", ORDERS, used);
      },
      "order create, no money": () => place({ count: "90000000" }),
      "order create, off the grid": () => place({ price: "0.5055" }),
      "order create, post-only would take": async () => place({ price: (await bestAsk()).price, post_only: true }),
      "order create, number for string": () => place({ count: 1 }),
      "order cancel": cancelled,
      "order cancel, unknown, cancelled or executed": () => call("DELETE", `${ORDERS}/${randomUUID()}`),
      order: async () => call("GET", `/portfolio/orders/${String((await place()).body.order_id)}`),
      orders: () => call("GET", "/portfolio/orders"),
      fills: () => call("GET", "/portfolio/fills"),
      positions: () => call("GET", "/portfolio/positions"),
      settlements: () => call("GET", "/portfolio/settlements"),
    };

    it("each have a counterpart", () => {
      expect(restSamples().map(({ name }) => name)).toEqual(Object.keys(counterparts));
      expect(restSamples()).toHaveLength(37);
    });

    it.each(restSamples().map((sample) => [sample.name, sample] as const))("%s", async (name, sample) => {
      const { status, body } = await counterparts[name]!();
      expect(status).toBe(sample.status);
      const schema = sample.schema === null ? null : schemaOf(sample.method, sample.path);
      const found = shapeDifferences(sample.body, body, allowedBy(schema)).filter((what) => !finer.test(what));
      expect(found).toEqual([]);
      // Where the refusal says why in words that programs read, it says the same.
      if (sample.status >= 400) expect(codesOf(body)).toEqual(codesOf(sample.body));
    });

    it("would be found to differ by a key, a type, or a way of writing", () => {
      const good = { a: "0.5000", b: [{ c: "2026-11-22T15:48:42.6Z" }], d: 1 };
      const differing = (found: unknown) =>
        shapeDifferences(good, found, { optional: () => false, nullable: () => false }).length;
      expect(differing(good)).toBe(0);
      expect(differing({ ...good, a: "0.50" })).toBe(1);
      expect(differing({ ...good, a: 0.5 })).toBe(1);
      expect(differing({ ...good, b: [{ c: "2026-11-22T15:48:42.600Z" }] })).toBe(1);
      expect(differing({ ...good, b: [{ c: null }] })).toBe(1);
      expect(differing({ ...good, d: undefined, e: 1 })).toBeGreaterThan(0);
      expect(differing({ a: good.a, b: good.b })).toBe(1);
    });
  },
);

/** The schema of an operation's good answer, found by a path with values in place of its parameters. */
function schemaOf(method: string, path: string): Schema | null {
  const plain = path.split("?")[0] as string;
  const operations = specifiedOperations().filter((one) => one.method === method && fits(one.path, plain));
  // `/markets/orderbooks` fits `/markets/{ticker}` too.
  return operations.sort((a, b) => a.inPath.length - b.inPath.length)[0]?.answer ?? null;
}

function fits(pattern: string, path: string): boolean {
  return new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path);
}

/** The mean of a candle is told to the micro-dollar, so that candles of real trades can be held against them exactly. */
const finer = /\.mean(_dollars)? is (text|amount of six decimals), not amount of four decimals/;

function allowedBy(schema: Schema | null): Allowed {
  return {
    optional: (path) => {
      const cut = path.lastIndexOf(".");
      const holder = cut < 0 ? schema : schemaAt(schema, path.slice(0, cut));
      return holder !== null && !holder.required.includes(path.slice(cut + 1));
    },
    nullable: (path) => schemaAt(schema, path)?.nullable === true,
  };
}

/** What stands at a path such as `markets[].strike_type`. */
function schemaAt(schema: Schema | null, path: string): Schema | null {
  return path.split(".").reduce<Schema | null>((at, name) => {
    const field = at?.properties?.[name.replaceAll("[]", "")] ?? null;
    return name.endsWith("[]") ? (field?.items ?? null) : field;
  }, schema);
}

function codesOf(body: unknown): unknown {
  const { error, code } = body as { error?: unknown; code?: unknown };
  if (typeof error === "object" && error !== null) return { ...error };
  return error ?? code ?? "msg";
}
