import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../../src/sandbox/sandbox.js";
import { complaints, whyNoSpecification } from "../../../support/openapi.js";
import { get, getSigned } from "../../../support/sandbox-call.js";

const SECONDS = { start: Date.UTC(2026, 9, 1) / 1000, end: Date.UTC(2026, 9, 16) / 1000 };
const RANGE = `start_ts=${SECONDS.start}&end_ts=${SECONDS.end}`;
const OLD_RANGE = `start_ts=${Date.UTC(2026, 6, 1) / 1000}&end_ts=${SECONDS.end}`;

interface Called {
  /** As the specification writes it. */
  readonly path: string;
  readonly calls: readonly string[];
}

describe.skipIf(whyNoSpecification !== null)(
  `public answers (${whyNoSpecification ?? "held against the specification"})`,
  () => {
    let sandbox: Sandbox;
    let tickers: { readonly archived: string; readonly archivedSeries: string };
    beforeAll(async () => {
      sandbox = await startSandbox({ seed: "answers" });
      const { body } = await get<{ markets: { ticker: string; event_ticker: string }[] }>(
        sandbox,
        "/historical/markets?series_ticker=AVONHIGH&limit=1",
      );
      tickers = { archived: body.markets[0]!.ticker, archivedSeries: "AVONHIGH" };
    });
    afterAll(() => sandbox?.close());

    const table = (): readonly Called[] => [
      { path: "/exchange/status", calls: ["/exchange/status"] },
      { path: "/exchange/schedule", calls: ["/exchange/schedule"] },
      { path: "/exchange/user_data_timestamp", calls: ["/exchange/user_data_timestamp"] },
      {
        path: "/series",
        calls: ["/series", "/series?category=Sports", "/series?include_volume=true", "/series?tags=Inflation"],
      },
      { path: "/series/{series_ticker}", calls: ["/series/SANDBOX", "/series/AVONHIGH?include_volume=true"] },
      { path: "/series/fee_changes", calls: ["/series/fee_changes"] },
      { path: "/search/tags_by_categories", calls: ["/search/tags_by_categories"] },
      {
        path: "/events",
        calls: [
          "/events",
          "/events?with_nested_markets=true&limit=50",
          "/events?status=open&with_nested_markets=true",
          "/events?status=settled&series_ticker=HARBORCUP&with_milestones=true",
        ],
      },
      { path: "/events/multivariate", calls: ["/events/multivariate"] },
      { path: "/events/fee_changes", calls: ["/events/fee_changes"] },
      {
        path: "/events/{event_ticker}",
        calls: ["/events/SANDBOX-LIVE", "/events/SANDBOX-LIVE?with_nested_markets=true"],
      },
      { path: "/events/{event_ticker}/metadata", calls: ["/events/SANDBOX-LIVE/metadata"] },
      {
        path: "/markets",
        calls: [
          "/markets?limit=1000",
          ...["unopened", "open", "paused", "closed", "settled"].map(
            (status) => `/markets?status=${status}&limit=1000`,
          ),
          "/markets?series_ticker=HARBORCUP&limit=1000",
        ],
      },
      { path: "/markets/{ticker}", calls: ["/markets/SANDBOX-LIVE-T50", "/markets/SANDBOX-LIVE-T55"] },
      {
        path: "/markets/{ticker}/orderbook",
        calls: ["/markets/SANDBOX-LIVE-T50/orderbook", "/markets/SANDBOX-LIVE-T55/orderbook?depth=2"],
      },
      { path: "/markets/orderbooks", calls: ["/markets/orderbooks?tickers=SANDBOX-LIVE-T50&tickers=SANDBOX-LIVE-T55"] },
      { path: "/markets/trades", calls: ["/markets/trades?limit=1000", "/markets/trades?ticker=NOBODY"] },
      {
        path: "/series/{series_ticker}/markets/{ticker}/candlesticks",
        calls: [1, 60, 1440].map(
          (minutes) =>
            `/series/SANDBOX/markets/SANDBOX-LIVE-T50/candlesticks?${RANGE}&period_interval=${minutes}&include_latest_before_start=true`,
        ),
      },
      {
        path: "/markets/candlesticks",
        calls: [`/markets/candlesticks?market_tickers=SANDBOX-LIVE-T50,SANDBOX-LIVE-T55&${RANGE}&period_interval=60`],
      },
      {
        path: "/series/{series_ticker}/events/{ticker}/candlesticks",
        calls: [`/series/SANDBOX/events/SANDBOX-LIVE/candlesticks?${RANGE}&period_interval=60`],
      },
      { path: "/historical/cutoff", calls: ["/historical/cutoff"] },
      {
        path: "/historical/markets",
        calls: ["/historical/markets?limit=1000", "/historical/markets?series_ticker=HARBORCUP"],
      },
      { path: "/historical/markets/{ticker}", calls: [`/historical/markets/${tickers.archived}`] },
      { path: "/historical/trades", calls: ["/historical/trades?limit=1000"] },
      {
        path: "/historical/markets/{ticker}/candlesticks",
        calls: [1, 60, 1440].map(
          (minutes) => `/historical/markets/${tickers.archived}/candlesticks?${OLD_RANGE}&period_interval=${minutes}`,
        ),
      },
      { path: "/milestones", calls: ["/milestones?limit=500"] },
      { path: "/structured_targets", calls: ["/structured_targets"] },
      { path: "/incentive_programs", calls: ["/incentive_programs?limit=10000"] },
      { path: "/multivariate_event_collections", calls: ["/multivariate_event_collections"] },
      { path: "/search/filters_by_sport", calls: ["/search/filters_by_sport"] },
      { path: "/live_data/batch", calls: ["/live_data/batch?milestone_ids=a&milestone_ids=b"] },
      { path: "/account/limits", calls: ["/account/limits"] },
      { path: "/account/endpoint_costs", calls: ["/account/endpoint_costs"] },
    ];

    it("have the shape of the specification, every field known, every key in alphabetical order", async () => {
      const wrong: string[] = [];
      for (const { path, calls } of table()) {
        for (const one of calls) {
          const { status, body, text } = await getSigned(sandbox, one);
          if (status !== 200) wrong.push(`${one}: ${status} ${text}`);
          else wrong.push(...complaints("GET", path, 200, body).map((what) => `${one}: ${what}`));
          if (text !== JSON.stringify(inOrder(body))) wrong.push(`${one}: keys out of order`);
        }
      }
      expect(wrong).toEqual([]);
    });

    it("would be found out with a field too many, one too few, or one of another type", () => {
      const good = { exchange_active: true, trading_active: true };
      const check = (body: unknown) => complaints("GET", "/exchange/status", 200, body).length;
      expect(check(good)).toBe(0);
      expect(check({ ...good, weather: "fine" })).toBe(1);
      expect(check({ exchange_active: true })).toBe(1);
      expect(check({ ...good, trading_active: "yes" })).toBe(1);
    });

    it("have it for real records too, whose quotes over time nobody knows", async (context) => {
      const { folder, whyNot } = await import("../../../support/real-data.js");
      if (whyNot !== null) return context.skip(whyNot);
      const real = await startSandbox({ data: folder });
      try {
        const recent = "KXHIGHNY-25MAR21-B49.5";
        const old = "KXHIGHNY-24DEC10-B48.5";
        const range = "start_ts=1725148800&end_ts=1743552000";
        const wrong: string[] = [];
        for (const [path, one] of [
          ["/series", "/series"],
          ["/events", "/events?series_ticker=KXHIGHNY&with_nested_markets=true"],
          ["/markets", "/markets?series_ticker=KXHIGHNY&limit=1000"],
          ["/historical/markets", "/historical/markets?series_ticker=KXHIGHNY&limit=1000"],
          ["/markets/trades", "/markets/trades?limit=1000"],
          ["/historical/trades", "/historical/trades?limit=1000"],
          ["/markets/candlesticks", `/markets/candlesticks?market_tickers=${recent}&${range}&period_interval=60`],
          [
            "/historical/markets/{ticker}/candlesticks",
            `/historical/markets/${old}/candlesticks?${range}&period_interval=60`,
          ],
        ] as const) {
          const { status, body } = await getSigned(real, one);
          expect(status, one).toBe(200);
          wrong.push(...complaints("GET", path, 200, body).map((what) => `${one}: ${what}`));
        }
        expect(wrong).toEqual([]);
      } finally {
        await real.close();
      }
    });
  },
);

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, inOrder(item)]));
}
