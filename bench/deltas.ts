import type { ReadyInfo } from "../src/sandbox/sandbox.js";
import { type Child, startChild } from "./child.js";
import type { BenchResult } from "./result.js";
import type { Made } from "./sandbox/exchange.js";
import type { Received, ReceiversOptions } from "./sandbox/receivers.js";
import type { RecordingOptions } from "./sandbox/recording.js";

const PER_SECOND = 20_000;
const CONNECTIONS = 200;
const MEASURED_S = 60;
/** Enough for a rate of what does nothing else. */
const PLAIN_S = 15;
/** Markets of the generated world that trade for long. */
const SHARED = ["SANDBOX-LIVE-T35", "SANDBOX-LIVE-T45", "SANDBOX-LIVE-T50", "SANDBOX-LIVE-T55"];

/**
 * Deltas from the sandbox's engine to sockets, each process with its own part: the sandbox, the receivers that hold every number against the
 * one before, and the recorder, which is one of the connections and writes to disk.
 *
 * The first figure is 200 connections that all follow the same markets, 20,000 deltas a second in all; the second an engine that makes 20,000
 * deltas a second, each for one connection and for the recorder, which follows all. Both over the processor time per frame of a bare `ws`
 * server that sends a ready text to as many at the same rate. Goal: 20,000 a second for a minute, none lost.
 */
export async function deltas(seconds: number = MEASURED_S): Promise<readonly BenchResult[]> {
  const alike = Array.from({ length: CONNECTIONS }, () => SHARED);
  const shared = await run(alike, PER_SECOND / CONNECTIONS, seconds);
  const all = (await liveMarkets()).slice(0, 20);
  const apart = await run([all, ...all.map((ticker) => [ticker])], PER_SECOND, seconds);
  return [
    await result(`${PER_SECOND} deltas per second to ${CONNECTIONS} connections`, shared),
    await result(`${PER_SECOND} deltas per second of the engine`, apart),
  ];
}

interface Measured {
  readonly seconds: number;
  /** What each connection follows, the recorder first. */
  readonly markets: readonly (readonly string[])[];
  /** Deltas of the engine, and what all connections should have been sent. */
  readonly made: number;
  readonly expected: number;
  readonly received: Received;
  readonly recorded: Recorded;
  /** Processor time of each process, in seconds per second. */
  readonly cpu: { readonly sandbox: number; readonly receivers: number; readonly recorder: number };
}

interface Used {
  readonly cpu: NodeJS.CpuUsage;
}

interface Recorded extends Used {
  readonly frames: number;
  readonly gaps: number;
  readonly lostFrames: number;
  readonly bytes: number;
}

/** The processes of a run, all connected, with nothing moving yet. */
interface Cast {
  readonly ready: ReadyInfo;
  readonly exchange: Child;
  readonly receivers: Child;
  readonly recorder: Child;
}

/** `perSecond` deltas of the engine over all markets that somebody follows; the first connection is the recorder. */
async function run(
  markets: readonly (readonly string[])[],
  perSecond: number,
  wantedSeconds: number,
): Promise<Measured> {
  const tickers = [...new Set(markets.flat())];
  const { child: exchange, ready } = await startChild<SandboxReady>("./sandbox/exchange.ts", tickers);
  const children: Child[] = [exchange];
  try {
    // While everybody subscribes nothing moves, so that all have the same to receive.
    await control(ready, "/freeze");
    const recorder = await startRecorder(ready, markets[0]!);
    children.push(recorder);
    const receivers = await startReceivers(ready, markets.slice(1));
    children.push(receivers);
    const each = perSecond / tickers.length;
    for (const ticker of tickers) await control(ready, `/flow?ticker=${ticker}&per_second=${each}`);
    return await measure({ ready, exchange, receivers, recorder }, markets, wantedSeconds);
  } finally {
    for (const child of children.reverse()) await child.close();
  }
}

type SandboxReady = ReadyInfo & { readonly privateKey: string };

async function startRecorder(ready: SandboxReady, tickers: readonly string[]): Promise<Child> {
  const { ws_url: url, key_id: keyId, private_key_path: privateKeyPath } = ready;
  const options: RecordingOptions = { url, keyId, privateKeyPath, tickers };
  return (await startChild("./sandbox/recording.ts", options)).child;
}

async function startReceivers(ready: SandboxReady, markets: readonly (readonly string[])[]): Promise<Child> {
  const key = { id: ready.key_id, pem: ready.privateKey };
  const options: ReceiversOptions = { url: ready.ws_url, key, markets };
  return (await startChild("./sandbox/receivers.ts", options)).child;
}

/** Lets everything run for a while, and then waits until all that was sent has been read. */
async function measure(
  { ready, exchange, receivers, recorder }: Cast,
  markets: Measured["markets"],
  wantedSeconds: number,
): Promise<Measured> {
  const used = () => Promise.all([exchange, receivers, recorder].map((child) => child.ask<Used>("cpu")));
  const before = await exchange.ask<Made>("count");
  const cpuBefore = await used();
  const started = performance.now();
  await control(ready, "/thaw");
  await passed(wantedSeconds * 1000);
  await control(ready, "/freeze");
  const seconds = (performance.now() - started) / 1000;
  const cpuAfter = await used();
  const after = await exchange.ask<Made>("count");

  const of = (ticker: string): number => after.deltas[ticker]! - before.deltas[ticker]!;
  const share = (n: number): number => (spent(cpuAfter[n]!) - spent(cpuBefore[n]!)) / seconds;
  return {
    seconds,
    markets,
    made: sum(Object.keys(after.deltas).map(of)),
    expected: sum(markets.flat().map(of)),
    received: await drained(receivers),
    recorded: await recorder.ask<Recorded>("stop"),
    cpu: { sandbox: share(0), receivers: share(1), recorder: share(2) },
  };
}

/** What was received once nothing comes any more. */
async function drained(receivers: Child): Promise<Received> {
  for (let last = -1; ; ) {
    const received = await receivers.ask<Received>("count");
    if (received.deltas === last) return received;
    last = received.deltas;
    await passed(500);
  }
}

async function result(name: string, measured: Measured): Promise<BenchResult> {
  const { seconds, markets, made, expected, received, recorded, cpu } = measured;
  // The recorder's frames are its deltas, one answer, and a book for each market that it follows.
  const total = received.deltas + recorded.frames - 1 - markets[0]!.length;
  const plain = await plainCost(markets.length, total / seconds);
  const perFrame = (cpu.sandbox * seconds) / total;
  return {
    name,
    ratio: round(perFrame / plain, 3),
    unit: "× bare ws server, processor time per frame",
    details: {
      goal: `${PER_SECOND} a second for a minute on two cores, none lost`,
      seconds: round(seconds, 1),
      connections: received.connections + 1,
      deltas_made: made,
      frames_expected: expected,
      frames_received: total,
      frames_per_second: Math.round(total / seconds),
      frames_lost: expected - total,
      holes_in_seq: received.holes + recorded.gaps,
      recorder_frames: recorded.frames,
      recorder_lost: recorded.lostFrames,
      recorder_mb: round(recorded.bytes / 1e6, 1),
      lag_ms_p50: received.lag.p50,
      lag_ms_p99: received.lag.p99,
      lag_ms_max: received.lag.max,
      sandbox_us_per_frame: round(perFrame * 1e6, 2),
      plain_us_per_frame: round(plain * 1e6, 2),
      cores_of_sandbox: round(cpu.sandbox, 2),
      cores_of_receivers: round(cpu.receivers, 2),
      cores_of_recorder: round(cpu.recorder, 2),
    },
  };
}

/** Seconds of processor time that a bare server needs for a frame, at the same rate to as many connections. */
async function plainCost(connections: number, perSecond: number): Promise<number> {
  const text = `{"type":"orderbook_delta","msg":"${"x".repeat(260)}"}\n`;
  const plain = await startChild<string>("./sandbox/plain.ts", { perSecond: perSecond / connections, text });
  const markets = Array.from({ length: connections }, () => []);
  const options: ReceiversOptions = { url: plain.ready, key: null, markets };
  const receivers = await startChild("./sandbox/receivers.ts", options);
  try {
    const before = await plain.child.ask<Used>("start");
    await passed(PLAIN_S * 1000);
    const after = await plain.child.ask<Used>("stop");
    const received = await drained(receivers.child);
    return (spent(after) - spent(before)) / received.deltas;
  } finally {
    await receivers.child.close();
    await plain.child.close();
  }
}

/** Every market of a fresh sandbox that trades for longer than a measurement. */
async function liveMarkets(): Promise<readonly string[]> {
  const { child, ready } = await startChild<ReadyInfo>("./sandbox/exchange.ts", []);
  try {
    const answer = await fetch(`${ready.control_url}/books`);
    const { books } = (await answer.json()) as { readonly books: readonly { readonly ticker: string }[] };
    const tickers = books.map(({ ticker }) => ticker);
    const told = await fetch(`${ready.rest_url}/markets?limit=1000&tickers=${tickers.join(",")}`);
    const { markets } = (await told.json()) as { readonly markets: readonly Listed[] };
    const horizon = Date.parse(ready.now) + 3_600_000;
    const lasting = markets.filter(({ status, close_time }) => status === "active" && Date.parse(close_time) > horizon);
    return lasting.map(({ ticker }) => ticker);
  } finally {
    await child.close();
  }
}

interface Listed {
  readonly ticker: string;
  readonly status: string;
  readonly close_time: string;
}

async function control({ control_url }: ReadyInfo, path: string): Promise<void> {
  const answer = await fetch(control_url + path, { method: "POST" });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function spent({ cpu }: Used): number {
  return (cpu.user + cpu.system) / 1e6;
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
