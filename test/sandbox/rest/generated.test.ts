import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../src/sandbox/sandbox.js";
import { allPages, getSigned } from "../../support/sandbox-call.js";

type Body = Record<string, unknown>;

describe("what the sandbox makes up", () => {
  let sandbox: Sandbox;
  let twin: Sandbox;
  beforeAll(async () => {
    const options = { seed: "made up", speed: 0.001, keyType: "ed25519", tier: "prestige" } as const;
    [sandbox, twin] = await Promise.all([startSandbox(options), startSandbox(options)]);
  });
  afterAll(() => Promise.all([sandbox?.close(), twin?.close()]));

  const read = async <T = Body>(path: string): Promise<T> => {
    const { status, body, text } = await getSigned<T>(sandbox, path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return body;
  };
  const events = async (series: string) =>
    (await allPages<Body>(sandbox, `/markets?series_ticker=${series}&status=settled&limit=200`, "markets")).rows;

  it("is the same in every run and at every call", async () => {
    for (const path of [
      "/milestones?limit=100",
      "/structured_targets",
      "/incentive_programs?limit=1000",
      "/multivariate_event_collections",
      "/search/filters_by_sport",
      "/live_data/weather/port-avon/calibrations",
      "/live_data/weather/port-avon?from=1792000000000&to=1792003600000&detailed=true",
      "/series/SANDBOX/events/SANDBOX-LIVE/forecast_percentile_history?percentiles=5000&start_ts=1791900000&end_ts=1792000000&period_interval=60",
      "/portfolio/deposits",
      "/portfolio/withdrawals",
    ]) {
      const [once, again, elsewhere] = [
        await getSigned(sandbox, path),
        await getSigned(sandbox, path),
        await getSigned(twin, path),
      ];
      expect(once.status, path).toBe(200);
      expect(again.text, path).toBe(once.text);
      expect(elsewhere.text, path).toBe(once.text);
    }
  });

  it("has weather whose highest minute decides the day's markets", async () => {
    const days = [...new Map((await events("AVONHIGH")).map((one) => [one.event_ticker, one])).values()].slice(0, 20);
    expect(days.length).toBeGreaterThan(10);
    for (const market of days) {
      const close = Date.parse(String(market.close_time)) + 60_000;
      const window = `from=${close - 25 * 3_600_000 + 3_600_000}&to=${close - 60_000}`;
      const { timeseries } = await read<{ timeseries: { v: number }[] }>(`/live_data/weather/port-avon?${window}`);
      const high = Math.max(...timeseries.map(({ v }) => v));
      expect(Math.round(high), String(market.event_ticker)).toBe(Number(market.expiration_value));
    }
  });

  it("has weather without leaps, whose stations' readings make up the index", async () => {
    const { timeseries } = await read<{ timeseries: Point[] }>(
      "/live_data/weather/port-avon?last_sec=86400&detailed=true",
    );
    const settled = timeseries.filter(({ status }) => status !== "incomplete");
    expect(settled.length).toBeGreaterThan(1_300);
    for (const [i, point] of settled.entries()) {
      const before = settled[i - 1];
      if (before !== undefined && point.t - before.t === 60_000) expect(Math.abs(point.v - before.v)).toBeLessThan(0.6);
    }
    const { calibrations } = await read<{ calibrations: Calibration[] }>("/live_data/weather/port-avon/calibrations");
    const { stations, city_reference_c: reference } = calibrations.at(-1)!;
    const normal = settled.find(({ status }) => status === "normal")!;
    const index = normal.stations.reduce((sum, { station_id, temp_f }) => {
      const { weight, offset_c } = stations.find((one) => one.station_id === station_id)!;
      return sum + weight * (temp_f - 1.8 * (offset_c - reference));
    }, 0);
    expect(index).toBeCloseTo(normal.v, 2);
    expect(settled.some(({ status }) => status === "degraded")).toBe(true);
  });

  it("has games whose last score decides their markets, and whose score grows on the way", async () => {
    const { rows } = await allPages<Body>(sandbox, "/milestones?limit=50&competition=Harbor%20Cup", "milestones");
    let decided = 0;
    for (const milestone of rows) {
      const id = String(milestone.id);
      const { live_data } = await read<{ live_data: { details: Body } }>(`/live_data/milestone/${id}`);
      const { pbp } = await read<{ pbp: { periods: { events: Body[] }[] } }>(`/live_data/milestone/${id}/game_stats`);
      const { status, home_points, away_points, home_team } = live_data.details;
      const baskets = pbp.periods.flatMap(({ events: all }) => all);
      for (const [i, basket] of baskets.entries()) {
        const sum = (one: Body | undefined) => Number(one?.home_points ?? 0) + Number(one?.away_points ?? 0);
        expect(sum(basket)).toBe(sum(baskets[i - 1]) + Number(basket.points));
      }
      if (status !== "final") continue;
      const [event] = milestone.primary_event_tickers as string[];
      const found = await allPages<Body>(sandbox, `/markets?event_ticker=${event}`, "markets");
      const home = found.rows.find(({ ticker }) => String(ticker).endsWith(String(home_team)));
      if (home === undefined || home.result === "") continue;
      expect(home.result, String(event)).toBe(Number(home_points) > Number(away_points) ? "yes" : "no");
      decided += 1;
    }
    expect(decided).toBeGreaterThan(5);
  });

  it("has forecasts in the order of their percentiles, which end as the event does", async () => {
    const [market] = await events("NORIDX");
    const close = Date.parse(String(market?.close_time)) / 1_000;
    const path = `/series/NORIDX/events/${String(market?.event_ticker)}/forecast_percentile_history`;
    const { forecast_history: history } = await read<{ forecast_history: Forecast[] }>(
      `${path}?percentiles=500&percentiles=5000&percentiles=9500&start_ts=${close - 86_400}&end_ts=${close}&period_interval=60`,
    );
    expect(history.length).toBeGreaterThan(10);
    for (const { percentile_points: points } of history) {
      const values = points.map(({ raw_numerical_forecast: raw }) => raw);
      expect(values).toEqual([...values].sort((a, b) => a - b));
    }
    const last = history.at(-1)!.percentile_points.map(({ numerical_forecast: value }) => value);
    expect(new Set(last)).toEqual(new Set([Number(market?.expiration_value)]));
    expect(history[0]!.percentile_points[0]!.raw_numerical_forecast).toBeLessThan(last[0]!);
  });

  it("has deposits and withdrawals that come to the money that the account began with", async () => {
    const applied = async (path: string, key: string) =>
      (await allPages<Body>(sandbox, `${path}?limit=1`, key)).rows.filter(({ status }) => status === "applied");
    const deposits = await applied("/portfolio/deposits", "deposits");
    const withdrawals = await applied("/portfolio/withdrawals", "withdrawals");
    expect(deposits.length).toBeGreaterThan(2);
    const sum = (rows: readonly Body[]) =>
      rows.reduce((all, one) => all + Number(one.amount_cents) - Number(one.fee_cents), 0);
    expect(sum(deposits) - sum(withdrawals)).toBe(1_000_000);
    const { rows } = await allPages<Body>(sandbox, "/historical/orders?limit=1000", "orders");
    const first = Math.min(...rows.map((one) => Date.parse(String(one.created_time)) / 1_000));
    for (const one of [...deposits, ...withdrawals]) expect(Number(one.finalized_ts)).toBeLessThan(first);
  });

  it("has milestones whose targets, and events whose milestones, are found", async () => {
    const [game] = (await allPages<Body>(sandbox, "/milestones?limit=10&competition=Harbor%20Cup", "milestones")).rows;
    const { home_team_id } = game!.details as Body;
    const target = await read<{ structured_target: Body }>(`/structured_targets/${String(home_team_id)}`);
    expect(target.structured_target).toMatchObject({ id: home_team_id, type: "basketball_team" });
    const [event] = game!.primary_event_tickers as string[];
    const list = await read<{ milestones: Body[] }>(`/events?tickers=${event}&with_milestones=true`);
    expect(list.milestones.map(({ id }) => id)).toEqual([game!.id]);
    const metadata = await read(`/events/${event}/metadata`);
    expect(metadata).toMatchObject({ competition: "Harbor Cup" });
    const players = await allPages<Body>(
      sandbox,
      "/structured_targets?page_size=7&type=basketball_player&competition=Harbor%20Cup",
      "structured_targets",
    );
    expect([players.rows.length, players.pages]).toEqual([30, 5]);
  });

  it("has incentives of every status, each where its times say", async () => {
    const now = sandbox.ready.now;
    const rows = async (status: string) => {
      const { incentive_programs } = await read<{ incentive_programs: Body[] }>(
        `/incentive_programs?status=${status}&limit=1000`,
      );
      return incentive_programs;
    };
    for (const one of await rows("active")) {
      expect(String(one.start_date) <= now && now < String(one.end_date)).toBe(true);
    }
    for (const one of await rows("paid_out")) expect([one.paid_out, String(one.end_date) < now]).toEqual([true, true]);
    const counts = await Promise.all(
      ["active", "upcoming", "closed", "paid_out"].map(async (status) => (await rows(status)).length),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe((await rows("all")).length);
    expect(counts[0]).toBeGreaterThan(0);
    expect(counts[3]).toBeGreaterThan(0);
  });

  it("refuses windows and spans that make no sense", async () => {
    const status = async (path: string) => (await getSigned(sandbox, path)).status;
    const weather = "/live_data/weather/port-avon";
    expect(await status("/live_data/weather/nyc")).toBe(400);
    expect(await status(`${weather}?from=1`)).toBe(400);
    expect(await status(`${weather}?last_sec=5&to=1`)).toBe(400);
    expect(await status(`${weather}?from=1&to=99999999999999`)).toBe(400);
    const forecasts = "/series/SANDBOX/events/SANDBOX-LIVE/forecast_percentile_history";
    expect(await status(forecasts)).toBe(400);
    const span = "start_ts=1791900000&end_ts=1792000000";
    expect(await status(`${forecasts}?percentiles=5000&${span}&period_interval=0`)).toBe(400);
    expect(await status(`${forecasts}?percentiles=10000&${span}&period_interval=60`)).toBe(400);
    expect(await status(`${forecasts}?${"percentiles=1&".repeat(11)}${span}&period_interval=60`)).toBe(400);
    expect(await status(`${forecasts.replace("SANDBOX/", "AVONHIGH/")}?percentiles=1&${span}&period_interval=60`)).toBe(
      404,
    );
    expect(await status("/milestones")).toBe(400);
    expect(await status("/milestones?limit=501")).toBe(400);
    expect(await status("/structured_targets?page_size=2001")).toBe(400);
    expect(await status("/incentive_programs?limit=10001")).toBe(400);
    expect(await status(`/live_data/batch?${"milestone_ids=a&".repeat(101)}`)).toBe(400);
    expect(await status("/live_data/football_game/milestone/none")).toBe(404);
    expect(await status("/live_data/events/NOBODY")).toBe(404);
  });
});

interface Point {
  readonly t: number;
  readonly v: number;
  readonly status: string;
  readonly stations: readonly { readonly station_id: string; readonly temp_f: number }[];
}

interface Calibration {
  readonly city_reference_c: number;
  readonly stations: readonly { readonly station_id: string; readonly weight: number; readonly offset_c: number }[];
}

interface Forecast {
  readonly percentile_points: readonly {
    readonly raw_numerical_forecast: number;
    readonly numerical_forecast: number;
  }[];
}
