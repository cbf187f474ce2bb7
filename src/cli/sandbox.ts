import type { Command } from "commander";
import { DIRECT_PRECISION } from "../analysis/fees/fee.js";
import { KalshiError } from "../errors.js";
import { loadFaults } from "../sandbox/faults/fault.js";
import type { Tier } from "../sandbox/rest/limits.js";
import { startSandbox } from "../sandbox/sandbox.js";
import { CENT, type Price } from "../units/price.js";
import { printJson } from "./output.js";
import { EXIT_INTERRUPTED, stopSignal, untilAborted, untilStdinCloses } from "./stop.js";

interface Flags {
  readonly port?: number;
  readonly controlPort?: number;
  readonly host?: string;
  readonly data?: string;
  readonly cutoff?: string;
  readonly seed?: string;
  readonly clock?: string;
  readonly speed?: number | "max";
  readonly replay?: string;
  readonly state?: string;
  readonly latency?: number;
  readonly tier?: string;
  readonly bulkTrades?: number;
  readonly precision?: Price;
  readonly weeklyPause: boolean;
  readonly maxConnections?: number;
  readonly maxMarkets?: number;
  readonly faults?: string;
  readonly frameLog?: string;
  readonly untilStdinCloses?: boolean;
}

const EXAMPLES = `
Examples:
  kalshi-lab sandbox --port 8080 --seed "another world" --speed 60
  kalshi-lab sandbox --state out/account --precision 0.01        an ordinary member's balance, kept
  kalshi-lab sandbox --clock 2026-10-15T06:50:00Z --no-weekly-pause
  kalshi-lab sandbox --max-connections 2                         the third socket meets 429`;

/** `kalshi-lab sandbox`: an exchange on loopback until it is stopped. */
export function registerSandbox(program: Command): void {
  program
    .command("sandbox")
    .description("an exchange of your own on loopback; prints one JSON line when it is ready")
    .option("--port <n>", "port of REST and WebSocket (default any free one)", wholeNumber)
    .option("--control-port <n>", "port of the control server (default any free one)", wholeNumber)
    .option("--host <address>", "address to listen on (default 127.0.0.1); others are warned of")
    .option("--data <dir>", "serve a folder of real records: series, events, markets, trades as NDJSON")
    .option("--state <dir>", "keep orders, fills, money and the key there, so that they outlive the process")
    .option("--replay <dir>", "serve a recording as a live exchange, at --speed")
    .option("--cutoff <iso>", "boundary between live and historical tier, with --data (default the middle of the data)")
    .option("--seed <text>", "what the generated world is made from")
    .option("--latency <ms>", "added before every answer", wholeNumber)
    .option("--clock <iso>", "where the sandbox's own clock starts")
    .option(
      "--speed <x>",
      "how many times as fast as the wall it runs; at 0 it stands until it is moved; max, with --replay: as its readers read",
      speedOf,
    )
    .option(
      "--tier <name>",
      "rate limits: basic, advanced, expert, premier, paragon, prime, prestige (default premier)",
    )
    .option("--bulk-trades <n>", "add two settled markets of so many trades each: series BULK", wholeNumber)
    .option("--precision <dollars>", "smallest step of balances: 0.0001 as direct members have it, or 0.01", stepOf)
    .option("--no-weekly-pause", "trade on through the pause of Thursdays, 03:00 to 05:00 in New York")
    .option("--max-connections <n>", "sockets that one account may have at once (default 200)", wholeNumber)
    .option("--max-markets <n>", "markets that one socket's subscriptions may name (default 500000)", wholeNumber)
    .option("--faults <file>", "what goes wrong on purpose, as JSON: refusals, cut answers, pages that repeat, …")
    .option("--frame-log <file>", "append every frame that is sent, and every change of a book, as JSON lines")
    .option("--until-stdin-closes", "end when the standard input does, as when the program that started it ends")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: Flags) => {
      // Heard from the start on: a sandbox that is told to end before it is ready takes its key away all the same.
      const stop = stopSignal();
      const orphaned = flags.untilStdinCloses === true ? untilStdinCloses() : new Promise<void>(() => undefined);
      const starting = startSandbox({
        port: flags.port,
        controlPort: flags.controlPort,
        host: flags.host,
        data: flags.data,
        replay: flags.replay,
        state: flags.state,
        cutoff: flags.cutoff,
        seed: flags.seed,
        bulkTrades: flags.bulkTrades,
        faults: flags.faults === undefined ? undefined : await loadFaults(flags.faults),
        frameLog: flags.frameLog,
        clock: flags.clock,
        speed: flags.speed,
        latencyMs: flags.latency,
        precision: flags.precision,
        weeklyPause: flags.weeklyPause,
        maxConnections: flags.maxConnections,
        maxMarkets: flags.maxMarkets,
        tier: flags.tier as Tier | undefined,
      });
      const over = Promise.race([untilAborted(stop), orphaned]).then(() => null);
      const sandbox = await Promise.race([starting, over]);
      // Nobody has seen it, and nothing of it is to be saved; its key goes with the process.
      if (sandbox === null) process.exit(stop.aborted ? EXIT_INTERRUPTED : 0);
      printJson(sandbox.ready);
      await over;
      await sandbox.close();
      if (stop.aborted) process.exitCode = EXIT_INTERRUPTED;
    });
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw badNumber(text, "a whole number");
}

function numberFromZero(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && Number.isFinite(value)) return value;
  throw badNumber(text, "a number from zero on");
}

function speedOf(text: string): number | "max" {
  return text === "max" ? text : numberFromZero(text);
}

function stepOf(text: string): Price {
  const step = STEPS.get(text);
  if (step !== undefined) return step;
  throw badNumber(text, `one of ${[...STEPS.keys()].join(", ")}`);
}

const STEPS: ReadonlyMap<string, Price> = new Map([
  ["0.0001", DIRECT_PRECISION],
  ["0.01", CENT],
]);

function badNumber(text: string, what: string): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `not ${what}: ${JSON.stringify(text)}`, {
    hint: `give ${what}`,
    context: { text },
  });
}
