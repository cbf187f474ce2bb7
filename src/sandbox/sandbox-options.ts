import { DIRECT_PRECISION } from "../analysis/fees/fee.js";
import { KalshiError } from "../errors.js";
import { CENT, DOLLAR, type Price } from "../units/price.js";
import type { Clock } from "../units/time.js";
import { readFaults } from "./faults/fault.js";
import type { KeyType } from "./keys.js";
import type { ReplaySpeed } from "./replay/pace.js";
import { type Tier, tierNames } from "./rest/limits.js";
import { MOST_BULK_TRADES } from "./world/series/bulk-series.js";

export interface SandboxOptions {
  /** Of REST and WebSocket; 0 or absent for any free one. */
  readonly port?: number | undefined;
  readonly controlPort?: number | undefined;
  /** Address to listen on, loopback when absent; any that others can reach is warned of. The control port is on loopback always. */
  readonly host?: string | undefined;
  /** A folder of real records to serve, beside the series `SANDBOX`. */
  readonly data?: string | undefined;
  /** A recording to serve as a live exchange, instead of a world. */
  readonly replay?: string | undefined;
  /** A folder that keeps what members own, so that it outlives the process: orders, fills, money, and the key. */
  readonly state?: string | undefined;
  /** Boundary between the tiers, RFC 3339, floored to midnight UTC; only with `data`. */
  readonly cutoff?: string | undefined;
  /** What the generated world is made from. */
  readonly seed?: string | undefined;
  /** Adds the series `BULK`: two settled markets of this many trades each, one before the cutoff and one across it. */
  readonly bulkTrades?: number | undefined;
  /** Where the sandbox's own clock starts, RFC 3339. */
  readonly clock?: string | undefined;
  /** How many times as fast as the wall it runs; at 0 it stands until it is moved. A replay also takes `max`: as its readers read. */
  readonly speed?: ReplaySpeed | undefined;
  /** Decides the token buckets; `premier` when absent. */
  readonly tier?: Tier | undefined;
  /** Added before every answer, in milliseconds. */
  readonly latencyMs?: number | undefined;
  /** What goes wrong on purpose, as JSON has it: see `readFaults`. */
  readonly faults?: unknown;
  /** A file that every frame sent is appended to, as JSON lines, with what happens to books: see `FrameLogLine`. */
  readonly frameLog?: string | undefined;
  readonly keyType?: KeyType | undefined;
  /** Unsigned requests per second that one address may make; three times as many at once. */
  readonly unsignedPerSecond?: number | undefined;
  /** Connections that one account may have at once; 200 when absent. */
  readonly maxConnections?: number | undefined;
  /** Markets that the subscriptions of one connection may name together; 500,000 when absent. */
  readonly maxMarkets?: number | undefined;
  /** Money of an account at the start, in micro-dollars. */
  readonly balance?: Price | undefined;
  /** Smallest step of accounts' balances in micro-dollars: 100 ($0.0001), as direct members have it, or 10 000 (a cent). */
  readonly precision?: Price | undefined;
  /** Whether trading pauses on Thursdays from 03:00 to 05:00 in New York, as on the exchange; it does unless this is false. */
  readonly weeklyPause?: boolean | undefined;
  /** What stands for wall time: signatures, tokens, and the pace of the sandbox's clock. */
  readonly wall?: Clock | undefined;
}

export const DEFAULT_SEED = "kalshi-lab";
export const DEFAULT_BALANCE: Price = 10_000 * DOLLAR;

/** @throws KalshiError `BAD_ARGUMENT` */
export function checkOptions(options: SandboxOptions): void {
  const { speed, latencyMs, tier, cutoff, data } = options;
  checkReplay(options);
  if (speed !== undefined && speed !== "max" && !(speed >= 0 && speed <= 1_000_000))
    throw wrong("speed", speed, "give a number from 0 to 1000000");
  if (latencyMs !== undefined && !(latencyMs >= 0)) throw wrong("latencyMs", latencyMs, "give milliseconds from 0 on");
  if (tier !== undefined && !tierNames.includes(tier)) throw wrong("tier", tier, `give one of ${tierNames.join(", ")}`);
  if (cutoff !== undefined && data === undefined) {
    throw wrong(
      "cutoff",
      cutoff,
      "give a folder of data with it; the cutoffs of a generated world move with its clock",
    );
  }
  const { bulkTrades } = options;
  if (bulkTrades !== undefined && !(Number.isInteger(bulkTrades) && bulkTrades > 0 && bulkTrades <= MOST_BULK_TRADES)) {
    throw wrong("bulkTrades", bulkTrades, `give a whole number of trades from 1 to ${MOST_BULK_TRADES}`);
  }
  const { precision } = options;
  if (precision !== undefined && precision !== DIRECT_PRECISION && precision !== CENT) {
    throw wrong("precision", precision, `give ${DIRECT_PRECISION} for $0.0001 or ${CENT} for a cent`);
  }
  for (const name of ["maxConnections", "maxMarkets"] as const) {
    const value = options[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0)) {
      throw wrong(name, value, "give a whole number from 1 on");
    }
  }
  if (options.faults !== undefined) readFaults(options.faults);
  for (const port of [options.port, options.controlPort]) {
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
      throw wrong("port", port, "give a port from 1 to 65535, or 0 for any free one");
    }
  }
}

/** A recording is all there is: nothing is generated, read or set beside it. */
function checkReplay({ replay, speed, data, cutoff, clock, bulkTrades, state }: SandboxOptions): void {
  if (replay === undefined) {
    if (speed === "max") throw wrong("speed", speed, "`max` is for a replay; give a number");
    return;
  }
  const beside = Object.entries({ data, cutoff, clock, bulkTrades, state }).find(([, value]) => value !== undefined);
  if (beside !== undefined) throw wrong(beside[0], beside[1], "leave it out: a replay shows what its recording has");
}

function wrong(name: string, found: unknown, hint: string): KalshiError {
  const message = `${name} of the sandbox cannot be ${JSON.stringify(found)}`;
  return new KalshiError("BAD_ARGUMENT", message, { hint, context: { [name]: found } });
}
