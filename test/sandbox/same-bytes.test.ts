import { describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { SECOND } from "../../src/units/time.js";
import { getSigned } from "../support/sandbox-call.js";

const RANGE = "start_ts=1791800000&end_ts=1792100000&period_interval=60";

/** Requests whose answers depend on the world and on what happened since, and on nothing else. */
const PATHS = [
  "/exchange/status",
  "/exchange/schedule",
  "/series",
  "/series?include_volume=true",
  "/series/AVONHIGH",
  "/events?limit=200",
  "/events?with_nested_markets=true&series_ticker=HARBORCUP",
  "/events/NORLEAD-26?with_nested_markets=true",
  "/events/SANDBOX-LIVE/metadata",
  "/markets?limit=1000",
  "/markets?status=open&limit=1000",
  "/markets?status=settled&series_ticker=ORBITH",
  "/markets/SANDBOX-LIVE-T50",
  "/markets/SANDBOX-LIVE-T50/orderbook",
  "/markets/orderbooks?tickers=SANDBOX-LIVE-T45&tickers=SANDBOX-LIVE-T55",
  "/markets/trades?limit=1000",
  "/markets/trades?ticker=SANDBOX-LIVE-T50&limit=1000",
  "/markets/trades?is_block_trade=true&limit=20",
  `/series/SANDBOX/markets/SANDBOX-LIVE-T50/candlesticks?${RANGE}`,
  `/series/SANDBOX/events/SANDBOX-LIVE/candlesticks?${RANGE}`,
  "/historical/cutoff",
  "/historical/markets?limit=500",
  "/historical/trades?limit=1000",
  "/historical/fills",
  "/historical/orders",
  "/portfolio/balance",
  "/portfolio/fills?limit=200",
  "/portfolio/orders?limit=200",
  "/portfolio/positions",
  "/portfolio/settlements",
];

const start = (seed: string) => startSandbox({ seed, speed: 0, keyType: "ed25519", tier: "prestige" });

/** Every answer as it was sent, now and after two strides of the clock. */
async function answers(sandbox: Sandbox): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const [round, stride] of [0, 20 * SECOND, 86_400 * SECOND].entries()) {
    if (stride > 0) sandbox.time.moveBy(stride);
    for (const path of PATHS) {
      const { status, text } = await getSigned(sandbox, path);
      texts.set(`${round} ${path}`, `${status} ${text}`);
    }
  }
  return texts;
}

async function answersOf(seed: string): Promise<Map<string, string>> {
  const sandbox = await start(seed);
  try {
    return await answers(sandbox);
  } finally {
    await sandbox.close();
  }
}

/** What is the same in every generated world, or empty in it. */
const SHARED = [
  "/exchange/schedule",
  "/series",
  "/series/AVONHIGH",
  "/historical/cutoff",
  "/events/SANDBOX-LIVE/metadata",
  "/portfolio/positions",
];

describe("a seed", () => {
  it("makes two sandboxes answer alike byte for byte at the start, after twenty seconds and after a day, and another one otherwise", async () => {
    const [one, twin, other] = [await answersOf("bytes"), await answersOf("bytes"), await answersOf("other bytes")];
    const refused = [...one].filter(([, text]) => !text.startsWith("200 "));
    expect(refused).toEqual([]);
    expect([...one.values()].reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(5_000_000);
    const pathsOf = (rows: readonly (readonly [string, string])[]) => rows.map(([path]) => path);
    expect(pathsOf([...one].filter(([path, text]) => twin.get(path) !== text))).toEqual([]);
    const alike = pathsOf([...one].filter(([path, text]) => other.get(path) === text));
    expect(alike.filter((path) => !SHARED.includes(path.slice(2)))).toEqual([]);
  });
});
