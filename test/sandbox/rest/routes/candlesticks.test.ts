import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../../src/sandbox/sandbox.js";
import { getSigned } from "../../../support/sandbox-call.js";

interface Candles {
  readonly candlesticks: readonly { readonly end_period_ts: number; readonly price: object }[];
}

const HOUR = 3600;
const END = Date.UTC(2026, 9, 15, 12) / 1000;

describe("candlesticks with the latest before the start", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "candles", speed: 0 });
  });
  afterAll(() => sandbox?.close());

  async function candles(start: number): Promise<Candles["candlesticks"]> {
    const span = `start_ts=${start}&end_ts=${END}&period_interval=60`;
    const path = `/series/SANDBOX/markets/SANDBOX-LIVE-T55/candlesticks?${span}&include_latest_before_start=true`;
    return (await getSigned<Candles>(sandbox, path)).body.candlesticks;
  }

  it("ascend and have one candle for a period, wherever they start", async () => {
    for (let start = END - 24 * HOUR; start < END; start += HOUR / 2) {
      const ends = (await candles(start)).map(({ end_period_ts }) => end_period_ts);
      expect(ends).toEqual([...new Set(ends)].sort((a, b) => a - b));
    }
  });

  it("begin with a candle without prices where the first periods are idle, and with none where the first has traded", async () => {
    const traded = new Set((await candles(END - 48 * HOUR)).slice(1).map(({ end_period_ts }) => end_period_ts));
    for (let start = END - 24 * HOUR; start < END; start += HOUR) {
      const [first] = await candles(start);
      const isReal = traded.has(start) || traded.has(start + HOUR);
      expect(Object.keys(first?.price ?? {})).toEqual(
        isReal ? expect.arrayContaining(["close_dollars"]) : ["previous_dollars"],
      );
    }
  });
});
