import type { Sandbox } from "../../src/sandbox/sandbox.js";
import type { Figure } from "./statistics.js";

/** What WIRE.md part 2 says of bytes of compact JSON, beside what a sandbox answers. */
export async function byteFigures({ ready }: Sandbox): Promise<readonly Figure[]> {
  const rowsOf = async (path: string, key: string): Promise<readonly number[]> => {
    const response = await fetch(`${ready.rest_url}${path}`);
    const body = (await response.json()) as Readonly<Record<string, readonly unknown[] | undefined>>;
    return (body[key] ?? []).map((row) => Buffer.byteLength(JSON.stringify(row)));
  };
  const now = Date.parse(ready.now) / 1000;
  const trades = await rowsOf("/markets/trades?limit=1000", "trades");
  const markets = await rowsOf("/markets?limit=1000", "markets");
  const series = await rowsOf("/series", "series");
  const events = await rowsOf("/events?with_nested_markets=true&series_ticker=NORLEAD", "events");
  const span = `start_ts=${Math.floor(now - 2 * 86_400)}&end_ts=${Math.floor(now)}&period_interval=60`;
  const candles = await rowsOf(`/series/SANDBOX/markets/SANDBOX-LIVE-T50/candlesticks?${span}`, "candlesticks");
  return [
    { name: "bytes of a REST trade", theirs: "297", ours: mean(trades), low: 270, high: 325 },
    { name: "bytes of a market", theirs: "2 270", ours: mean(markets), low: 1_650, high: 2_700 },
    { name: "bytes of a candle", theirs: "445", ours: mean(candles), low: 400, high: 500 },
    { name: "bytes of a series", theirs: "600-1 550", ours: mean(series), low: 500, high: 1_550 },
    {
      name: "bytes of an event, per nested market",
      theirs: "2 000-2 330",
      ours: mean(events) / 41,
      low: 1_600,
      high: 2_700,
    },
  ];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
