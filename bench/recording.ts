import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { applyDelta } from "../src/book/apply.js";
import { Book } from "../src/book/book.js";
import { parseDelta } from "../src/exchange/channel.js";
import { openRecording as openTables } from "../src/lab/recording.js";
import { bookByScan } from "../src/recorder/book-at.js";
import type { FoundBook } from "../src/recorder/found-book.js";
import { writeMark } from "../src/recorder/marks.js";
import { Packer } from "../src/recorder/packer.js";
import { openRecording } from "../src/recorder/replay.js";
import { indexName } from "../src/recorder/segment-index.js";
import { entryKind, segmentName } from "../src/store/segment.js";
import { listSegments } from "../src/store/segment-reader.js";
import { SegmentWriter } from "../src/store/segment-writer.js";
import { seeded } from "../test/support/seeded.js";
import { benchTicker, deltaFrames } from "./delta-frames.js";
import type { BenchResult } from "./result.js";

const FRAMES = 500_000;
const MARKETS = 100;
const SEGMENT_BYTES = 16 * 2 ** 20;
/** What a bench frame says its exchange time is, in milliseconds: this and its number. */
const FIRST_MS = 1_795_329_089_000;

/** What is kept: its size, how fast books come out of it, and how fast a recorder is back after a kill. */
export async function recordings(): Promise<readonly BenchResult[]> {
  const own = mkdtempSync(join(tmpdir(), "bench-recording-"));
  try {
    const one = join(own, "one");
    const many = join(own, "many");
    const results: BenchResult[] = [];
    results.push(await size("one market", one, await write(one, 1, FRAMES / 5)));
    const written = await write(many, MARKETS, FRAMES);
    const raw = await replayed(many, written);
    results.push(await size(`${MARKETS} markets`, many, written), await exported(many, own, written));
    const packed = await replayed(many, written);
    results.push(replayResult(raw, packed), await books(many, written), await recovery(join(own, "killed")));
    return results;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/** What was recorded. */
interface Written {
  readonly frames: number;
  /** All texts as bytes: as strings they would be half a million objects, which every collection of whoever is measured would go through. */
  readonly plain: Buffer;
  /** A tenth of the texts. */
  readonly sample: readonly string[];
}

/** Records deltas as if they had come over a connection, and one more segment behind them that counts as open. */
async function write(dir: string, markets: number, frames: number): Promise<Written> {
  const writer = await SegmentWriter.open({ dir, maxBytes: SEGMENT_BYTES });
  const random = seeded(3);
  const tickers = Array.from({ length: markets }, (_, market) => benchTicker(market));
  const mark = { mark: "connect", id: "bench", use_yes_price: false, tickers, channels: ["orderbook_delta"] } as const;
  writer.append(entryKind.mark, FIRST_MS * 1000, 0, writeMark(mark));
  tickers.forEach((ticker, market) => {
    const text = `{"type":"orderbook_snapshot","sid":1,"seq":${market + 1},"msg":{"market_ticker":"${ticker}"}}\n`;
    writer.append(entryKind.text, FIRST_MS * 1000, 0, Buffer.from(text));
  });
  const bodies: Buffer[] = [];
  const sample: string[] = [];
  let receivedAt = 0;
  for (const text of deltaFrames(frames, markets, markets + 1)) {
    const body = Buffer.from(text);
    bodies.push(body);
    if (sample.length < frames / 10) sample.push(text);
    // On their way each takes a while of its own, and none overtakes another.
    const taken = (FIRST_MS + bodies.length + markets + 20) * 1000 + Math.floor(random() * 3_000);
    receivedAt = Math.max(receivedAt, taken);
    writer.append(entryKind.text, receivedAt, 0, body);
    // As on a quiet feed: a batch of few frames each.
    if (bodies.length % 3 === 0) writer.flush();
  }
  writer.close();
  (await SegmentWriter.open({ dir })).close();
  return { frames, plain: Buffer.concat(bodies), sample };
}

/** The deltas as a table's file, for other tools. */
async function exported(dir: string, own: string, { plain, frames }: Written): Promise<BenchResult> {
  const path = join(own, "deltas.parquet");
  const before = process.cpuUsage();
  const { rows } = await (await openTables(dir)).deltas().save(path);
  const bytes = statSync(path).size;
  const { user, system } = process.cpuUsage(before);
  return {
    name: `deltas as Parquet over gzip -9, ${MARKETS} markets`,
    ratio: round3(bytes / gzipSync(plain, { level: 9 }).length),
    unit: "× gzip -9 of the text",
    details: {
      goal: 0.6,
      rows,
      bytes_per_delta: round3(bytes / frames),
      us_per_delta: round3((user + system) / frames),
    },
  };
}

async function size(name: string, dir: string, { plain, frames }: Written): Promise<BenchResult> {
  const zipped = gzipSync(plain, { level: 9 }).length;
  const before = process.cpuUsage();
  const packer = new Packer({ dir, compress: true, isStopped: () => false });
  const closed = (await listSegments(dir)).slice(0, -1);
  for await (const { problem } of packer.pack(closed.at(-1)! + 1)) if (problem !== null) throw problem;
  const { user, system } = process.cpuUsage(before);
  const bytesOf = (file: (number: number) => string): number =>
    closed.reduce((sum, number) => sum + statSync(join(dir, file(number))).size, 0);
  const packed = bytesOf(segmentName);
  return {
    name: `closed segments over gzip -9, ${name}`,
    ratio: round3(packed / zipped),
    unit: "× gzip -9 of the text",
    details: {
      goal: 1,
      bytes_per_delta: round3(packed / frames),
      gzip_bytes_per_delta: round3(zipped / frames),
      index_bytes_per_delta: round3(bytesOf(indexName) / frames),
      raw_bytes_per_delta: round3(plain.length / frames),
      packing_us_per_delta: round3((user + system) / frames),
    },
  };
}

/** Microseconds of CPU per frame. */
interface Replayed {
  readonly parse: number;
  readonly books: number;
  readonly events: number;
}

/**
 * A recording from its segments to the books at the end, and to events one by one, beside `JSON.parse` of the same frames as ready text: of a
 * tenth of them, ten times.
 */
async function replayed(dir: string, { frames, sample }: Written): Promise<Replayed> {
  const recording = await openRecording(dir);
  let sum = 0;
  const ways = {
    parse: async () => {
      for (let parsed = 0; parsed < frames; parsed += sample.length)
        for (const text of sample) sum += (JSON.parse(text) as { seq: number }).seq;
    },
    books: async () => {
      sum += (await recording.final()).length;
    },
    events: async () => {
      for await (const event of recording) sum += event.type === "delta" ? event.count : 0;
    },
  };
  const used = { parse: 0, books: 0, events: 0 };
  for (let round = 0; round < 3; round += 1) {
    for (const way of ["parse", "books", "events"] as const) {
      const before = process.cpuUsage();
      await ways[way]();
      // The first round warms the compiler up.
      if (round > 0 && sum > 0) used[way] += spent(before) / 2 / frames;
    }
  }
  return used;
}

function replayResult(raw: Replayed, packed: Replayed): BenchResult {
  return {
    name: "replay to books over JSON.parse",
    ratio: round3(packed.books / packed.parse),
    unit: "× JSON.parse",
    details: {
      goal: 0.5,
      raw_segments_ratio: round3(raw.books / raw.parse),
      events_ratio: round3(packed.events / packed.parse),
      raw_segments_events_ratio: round3(raw.events / raw.parse),
      json_parse_us: round3(packed.parse),
      replay_us: round3(packed.books),
      deltas_per_second: Math.round(1e6 / packed.books),
    },
  };
}

/**
 * The book at random moments: found by the index, by our own scan from the start, and by what one would write oneself, the frames as lines of
 * JSON from the start to the moment, each through `JSON.parse` and into its book. All three give the same levels.
 *
 * Several questions are measured at once: to ask for the processor time takes as long as a tenth of one.
 */
async function books(dir: string, { plain }: Written): Promise<BenchResult> {
  const random = seeded(5);
  const moment = (): [string, number] => [
    benchTicker(Math.floor(random() * 20)),
    (FIRST_MS + MARKETS + Math.floor(random() * (FRAMES - 2_000))) * 1000,
  ];
  const recording = await openRecording(dir);
  // The first ones warm the compiler up.
  for (let i = 0; i < 60; i += 1) await recording.bookAt(...moment());
  await bookByScan(dir, ...moment());
  bookByLines(plain, ...moment());
  const [found, scanned, lines]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < 8; round += 1) {
    const asked = Array.from({ length: 20 }, moment);
    let before = process.cpuUsage();
    let last: FoundBook | null = null;
    for (const one of asked) last = await recording.bookAt(...one);
    found.push(spent(before) / 1000 / asked.length);
    const [ticker, time] = asked.at(-1)!;
    before = process.cpuUsage();
    const same = await bookByScan(dir, ticker, time);
    scanned.push(spent(before) / 1000);
    before = process.cpuUsage();
    const plainly = bookByLines(plain, ticker, time);
    lines.push(spent(before) / 1000);
    const levels = JSON.stringify(last!.book);
    if (levels !== JSON.stringify(same.book) || levels !== JSON.stringify(plainly))
      throw new Error("not the same book");
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    name: "bookAt over a scan",
    ratio: round3(mean(found) / mean(lines)),
    unit: "× CPU of a scan of lines of JSON",
    details: {
      goal: 0.02,
      frames: FRAMES,
      over_our_own_scan: round3(mean(found) / mean(scanned)),
      book_ms: round3(mean(found)),
      our_scan_ms: round3(mean(scanned)),
      lines_scan_ms: round3(mean(lines)),
    },
  };
}

interface Line {
  readonly type: string;
  readonly msg: { readonly market_ticker: string; readonly ts_ms: number };
}

/** The book of a market at a moment out of lines of frames, without any knowledge of where in them the moment is. */
function bookByLines(lines: Buffer, ticker: string, time: number): Book {
  const book = new Book(ticker);
  for (let at = 0; at < lines.length; ) {
    const end = lines.indexOf(10, at);
    const { type, msg } = JSON.parse(lines.toString("latin1", at, end)) as Line;
    at = end + 1;
    if (type !== "orderbook_delta") continue;
    if (msg.ts_ms * 1000 > time) break;
    if (msg.market_ticker === ticker) applyDelta(book, parseDelta(msg));
  }
  book.state = "ok";
  return book;
}

/** From the start of a recorder to its first frame written, on what a killed one has left: a whole segment to walk. */
async function recovery(dir: string): Promise<BenchResult> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", fileURLToPath(new URL("kill-child.ts", import.meta.url)), dir],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  const path = join(dir, segmentName((await listSegments(dir)).at(-1)!));
  const bytes = statSync(path).size;
  let begun = performance.now();
  readFileSync(path);
  const read = performance.now() - begun;
  begun = performance.now();
  const writer = await SegmentWriter.open({ dir });
  const recovered = performance.now() - begun;
  writer.close();
  return {
    name: "recovery after SIGKILL over reading the segment",
    ratio: round3(recovered / read),
    unit: "× readFileSync",
    details: { segment_mb: round3(bytes / 1e6), recovery_ms: round3(recovered), read_ms: round3(read) },
  };
}

function spent(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
