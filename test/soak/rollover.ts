import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRecording, type Recording } from "../../src/recorder/replay.js";
import { Random } from "../../src/sandbox/world/random.js";
import { formatTime, HOUR, parseTime, SECOND } from "../../src/units/time.js";
import { recorderProcess } from "../support/recorder-process.js";
import { type SandboxProcess, sandboxProcess } from "../support/sandbox-process.js";
import { until } from "../support/wait.js";
import { plainBook } from "./compare-books.js";
import { countSent, lastSent } from "./frame-stream.js";
import { difference, type PlainBook, textOf } from "./plain-books.js";

/** The generated market that lives for fifteen minutes. */
const SERIES = "ORBIT15M";

export interface RolloverOptions {
  readonly seed: string;
  /** Of the sandbox's clock. */
  readonly hours: number;
  /** How many times as fast as the wall. */
  readonly speed: number;
}

/** What a recording of a series through its rollovers came to. */
export interface Rollover {
  readonly seed: string;
  /** Markets that opened and closed meanwhile. */
  readonly markets: number;
  readonly frames: number;
  readonly okReplies: number;
  readonly gaps: number;
  readonly connections: number;
  /** Books asked for at moments of their markets' lives, all of them certain and right. */
  readonly books: number;
  /** Megabytes of frames, and of the recording. */
  readonly received: number;
  readonly recorded: number;
  /** Median of the memory that the recorder had, in megabytes, in each sixth of the time. */
  readonly memory: readonly number[];
}

interface Market {
  readonly ticker: string;
  readonly open: number;
  readonly close: number;
  readonly status: string;
  readonly settled: number | null;
}

interface Sample {
  readonly ticker: string;
  readonly time: number;
  own: PlainBook | null;
}

/**
 * Records a series of the sandbox with `kalshi-lab record --series`, both in processes of their own, through so many hours of its clock: one
 * connection and no gap, every frame that was sent, of every market its book from before it opens until it is wiped, and its turns.
 *
 * @throws Error naming the seed and what is false
 */
export async function recordRollover({ seed, hours, speed }: RolloverOptions): Promise<Rollover> {
  const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-rollover-"));
  const [out, log] = [join(dir, "recording"), join(dir, "frames.ndjson")];
  const flags = ["--seed", seed, "--speed", String(speed), "--no-weekly-pause", "--frame-log", log];
  const sandbox = await sandboxProcess(flags);
  try {
    const from = parseTime(sandbox.ready.now);
    const recorder = recorderProcess(sandbox.ready, ["--series", SERIES, "--out", out, "--segment-size", "8MiB"]);
    const memory: number[] = [];
    let end = from;
    try {
      const to = from + hours * HOUR;
      await until(
        async () => {
          memory.push(recorder.memory() / 2 ** 20);
          await new Promise((resolve) => setTimeout(resolve, 200));
          return (await timeOf(sandbox)) >= to;
        },
        `the sandbox's clock to be at ${formatTime(to)}; the recorder said ${recorder.stderr()}`,
        (hours * 3_600_000) / speed + 60_000,
      );
      // Its clock goes on when nothing moves any more.
      end = await timeOf(sandbox);
      await sandbox.member.control("POST", "/freeze");
      await until(
        async () => (await lastRecorded(out)) === lastSent(log),
        "the recording to have the last frame",
        60_000,
      );
    } finally {
      await recorder.end("SIGTERM");
    }
    const markets = (await marketsOf(sandbox)).filter(({ close }) => close > from);
    return { seed, ...(await verify({ out, log, seed, markets, from, end })), memory: medians(memory, 6) };
  } catch (error) {
    throw new Error(`seed ${seed}, ${hours} hours at ${speed}: ${(error as Error).message}`, { cause: error });
  } finally {
    await sandbox.end();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The median of each of `parts` equal runs of values. */
function medians(values: readonly number[], parts: number): number[] {
  const size = Math.ceil(values.length / parts);
  return Array.from({ length: parts }, (_, part) => {
    const sorted = values.slice(part * size, (part + 1) * size).toSorted((a, b) => a - b);
    return Math.round(sorted[sorted.length >> 1] ?? 0);
  });
}

interface Evidence {
  readonly out: string;
  readonly log: string;
  readonly seed: string;
  readonly markets: readonly Market[];
  /** Of the sandbox's clock: when it began, and when it stood still. */
  readonly from: number;
  readonly end: number;
}

async function verify({ out, log, seed, markets, from, end }: Evidence): Promise<Omit<Rollover, "seed" | "memory">> {
  // The recorder begins in the middle of one market, and ends in that of another; those between are whole.
  const whole = markets.filter(({ open, close }) => open > from + 10 * SECOND && close < end - 10 * SECOND);
  const samples = samplesOf(whole, new Random(`${seed}/books`));
  const recording = await openRecording(out);
  const sent = await countSent(log, recording, samples);
  const lives = await livesIn(recording);
  for (const market of whole) checkLife(market, lives.get(market.ticker), end);
  const { gaps, connections, unparsed } = await recording.quality();
  if (gaps.length > 0) throw new Error(`${gaps.length} gaps, the first ${JSON.stringify(gaps[0])}`);
  if (connections.length !== 1) throw new Error(`${connections.length} connections`);
  if (unparsed > 0) throw new Error(`${unparsed} messages could not be read`);
  for (const sample of samples) await checkBook(recording, sample);
  return {
    markets: whole.length,
    ...sent,
    gaps: gaps.length,
    connections: connections.length,
    books: samples.length,
    recorded: sizeOf(out) / 2 ** 20,
  };
}

/** Moments within the lives of markets. */
function samplesOf(markets: readonly Market[], random: Random): Sample[] {
  return markets.flatMap(({ ticker, open, close }) =>
    Array.from({ length: 3 }, () => {
      const time = Math.floor(open + SECOND + random.next() * (close - open - 2 * SECOND));
      return { ticker, time, own: null };
    }),
  );
}

async function checkBook(recording: Recording, { ticker, time, own }: Sample): Promise<void> {
  const found = await recording.bookAt(ticker, time);
  const about = `${ticker} at ${formatTime(time)}`;
  if (found.trust !== "ok") throw new Error(`${about} is not known: ${found.reason}`);
  if (own === null) throw new Error(`the sandbox has written down nothing of ${about}`);
  const told = plainBook(found);
  if (textOf(told) !== textOf(own)) throw new Error(`${about} is not the sandbox's: ${difference(told, own)}`);
}

/** What a recording has of a market. */
interface Life {
  firstBook: number;
  lastBook: number;
  deltas: number;
  isEmpty: boolean;
  readonly turns: string[];
}

async function livesIn(recording: Recording): Promise<Map<string, Life>> {
  const lives = new Map<string, Life>();
  const life = (ticker: string): Life => {
    let found = lives.get(ticker);
    if (found === undefined) {
      found = { firstBook: Number.POSITIVE_INFINITY, lastBook: 0, deltas: 0, isEmpty: false, turns: [] };
      lives.set(ticker, found);
    }
    return found;
  };
  for await (const event of recording) {
    if (event.type === "lifecycle" && event.kind === "market_lifecycle_v2")
      life(event.ticker).turns.push(event.event_type);
    if (event.type !== "delta" && event.type !== "snapshot") continue;
    const of = life(event.ticker);
    const time = event.time!;
    of.firstBook = Math.min(of.firstBook, time);
    of.lastBook = Math.max(of.lastBook, time);
    if (event.type === "delta") of.deltas += 1;
    of.isEmpty = event.type === "snapshot" && event.yes.length === 0 && event.no.length === 0;
  }
  return lives;
}

function checkLife({ ticker, open, close, settled }: Market, life: Life | undefined, end: number): void {
  if (life === undefined) throw new Error(`nothing of ${ticker} is recorded`);
  const { firstBook, lastBook, deltas, isEmpty, turns } = life;
  if (firstBook > open)
    throw new Error(`${ticker} opened at ${formatTime(open)}, its book begins ${formatTime(firstBook)}`);
  if (lastBook < close)
    throw new Error(`${ticker} closed at ${formatTime(close)}, its book ends ${formatTime(lastBook)}`);
  if (!isEmpty) throw new Error(`the book of ${ticker} is not empty in the end`);
  if (deltas < 1_000) throw new Error(`${ticker} has ${deltas} deltas only`);
  const expected = ["created", "determined", ...(settled !== null && settled < end ? ["settled"] : [])];
  for (const turn of expected) if (!turns.includes(turn)) throw new Error(`${ticker}: ${turn} is not among ${turns}`);
}

async function timeOf({ member }: SandboxProcess): Promise<number> {
  return parseTime((await member.control("POST", "/clock")).body.now);
}

async function marketsOf({ member }: SandboxProcess): Promise<Market[]> {
  const markets: Market[] = [];
  let cursor = "";
  do {
    const { body } = await member.call("GET", `/markets?series_ticker=${SERIES}&limit=1000&cursor=${cursor}`);
    for (const { ticker, open_time, close_time, status, settlement_ts } of body.markets) {
      const settled = settlement_ts === undefined ? null : parseTime(settlement_ts);
      markets.push({ ticker, open: parseTime(open_time), close: parseTime(close_time), status, settled });
    }
    cursor = body.cursor;
  } while (cursor !== "");
  return markets;
}

function sizeOf(dir: string): number {
  return readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
}

async function lastRecorded(dir: string): Promise<string | null> {
  let last: Buffer | null = null;
  const recording = await openRecording(dir);
  const from = Date.now() * 1_000 - 20 * SECOND;
  for await (const { data } of recording.frames({ from })) last = Buffer.from(data);
  return last === null ? null : last.toString("utf8");
}
