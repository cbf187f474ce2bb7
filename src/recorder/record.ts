import { randomUUID } from "node:crypto";
import type { BookEvent } from "../book/event.js";
import type { Client } from "../client/http.js";
import { receiveClock } from "../client/receive-clock.js";
import { KalshiError } from "../errors.js";
import { type Lock, lockFolder } from "../store/lock.js";
import { entryKind } from "../store/segment.js";
import type { CutTail } from "../store/segment-reader.js";
import { type Hole, SegmentWriter } from "../store/segment-writer.js";
import { systemClock, type Timestamp } from "../units/time.js";
import { DiskSpace } from "./disk-space.js";
import { Keeper } from "./keeper.js";
import { defaultChannels, Link, type LinkOptions } from "./link.js";
import { type ContinueMark, type Mark, writeMark } from "./marks.js";
import { Meter } from "./meter.js";
import { leftRaw, removeUnfinished } from "./packer.js";
import type { RecorderStatus, RecordingSummary } from "./recorder-status.js";
import { RestCheck } from "./rest-check.js";
import { LIFECYCLE, Rollover, type RolloverOptions } from "./rollover.js";
import { BOOKS } from "./subscriptions.js";
import type { Patience } from "./wanted.js";

export type { RecorderStatus, RecordingSummary } from "./recorder-status.js";

export interface RecordOptions extends LinkOptions {
  /** Events and series whose markets are recorded, those to come included; `tickers` are recorded besides. */
  readonly events?: readonly string[] | undefined;
  readonly series?: readonly string[] | undefined;
  /** Asks REST for the markets of series and events, and for books to compare with. */
  readonly client?: Client | undefined;
  /** How often REST is asked for new markets, besides what the lifecycle channel tells. Default a minute. */
  readonly lookMs?: number | undefined;
  /** How long an ended market may be quiet before it is dropped. Default half a minute when settled, ten minutes when merely closed. */
  readonly patience?: Patience | undefined;
  /** How often books are compared with those of REST; a round takes 10 tokens per hundred books. Default 0, never. See {@link RestCheck}. */
  readonly compareMs?: number | undefined;
  /** How much older than the question an answer may be, and how much later its last changes. Default 2 s and 1 s. */
  readonly compareWindow?: { readonly leadMs: number; readonly graceMs: number } | undefined;
  /** The exchange's present. Default the machine's. */
  readonly exchangeTime?: (() => Promise<Timestamp>) | undefined;
  /** Folder of the recording; one that has segments is added to. */
  readonly dir: string;
  /** Told at once of every change, and every `statusMs` besides. */
  readonly onStatus?: ((status: RecorderStatus) => void) | undefined;
  /** Default 1 s. */
  readonly statusMs?: number | undefined;
  /** How often the disk is made to have what was written: what a power cut can take. Default 1 s; 0 with every write. */
  readonly syncMs?: number | undefined;
  /** A segment is closed beyond this size. Default 64 MiB. */
  readonly maxSegmentBytes?: number | undefined;
  /** A segment is closed after this long. Default one hour. */
  readonly maxSegmentMs?: number | undefined;
  /** How much is held in memory while the disk takes nothing. Default 16 MiB. */
  readonly maxPendingBytes?: number | undefined;
  /** Whether closed segments are compressed where they are, to about a fifteenth. Default true. */
  readonly compress?: boolean | undefined;
}

/** A recorder at work. */
export interface Recorder {
  readonly dir: string;
  status(): RecorderStatus;
  /** Ends the connection, with everything written and synced. */
  stop(): Promise<RecordingSummary>;
  /** Resolves when it has been stopped, by `stop` or by the signal. */
  readonly done: Promise<RecordingSummary>;
}

/**
 * Records every frame byte for byte until the signal. See {@link startRecorder}.
 *
 * @throws KalshiError as {@link startRecorder}
 */
export async function record(options: RecordOptions): Promise<RecordingSummary> {
  return (await startRecorder(options)).done;
}

/**
 * Starts a recorder: every frame, with its receive time, is on its way to disk before anything of it is parsed, and there at the end of the
 * event loop's turn. Only then are books kept from it, to notice gaps and ask for snapshots.
 *
 * A full disk is told at once as `problem`; frames wait in memory, and what does not fit there is lost and recorded as a hole.
 *
 * @throws KalshiError `FOLDER_LOCKED` when another recorder has the folder, `DISK_FULL`, `WRITE_FAILED`, and as {@link Link.open}
 */
export async function startRecorder(options: RecordOptions): Promise<Recorder> {
  const now = options.now ?? receiveClock();
  let run: Run | null = null;
  // Before anything is written: where there is nothing to record, no folder is left.
  const rollover = await openRollover(options, now, () => run?.changed());
  let lock: Lock | null = null;
  try {
    lock = lockFolder(options.dir);
    run = new Run(options, lock, now, rollover);
    return await run.begin();
  } catch (error) {
    await rollover?.close();
    lock?.release();
    throw error;
  }
}

/** Only where whole series or events are recorded. */
async function openRollover(
  options: RecordOptions,
  now: () => Timestamp,
  onChanges: RolloverOptions["onChanges"],
): Promise<Rollover | null> {
  const { client, tickers, events = [], series = [], lookMs, patience, signal, exchangeTime } = options;
  if (events.length === 0 && series.length === 0) return null;
  if (client === undefined) {
    throw new KalshiError("BAD_ARGUMENT", "whole series and events are found by REST, and there is no client", {
      hint: "give a client, or name the markets",
      context: { events, series },
    });
  }
  const time = exchangeTime ?? (() => Promise.resolve(systemClock.now()));
  const subject = { tickers, events, series };
  return Rollover.open({ client, subject, lookMs, patience, exchangeTime: time, now, signal, onChanges });
}

/** How long after a refusal markets are asked for again. */
const SETTLE_MS = 5_000;

/** The parts of a recorder, and what goes from one to another. */
class Run implements Recorder {
  readonly dir: string;
  readonly done: Promise<RecordingSummary>;
  readonly #options: RecordOptions;
  readonly #lock: Lock;
  readonly #now: () => Timestamp;
  readonly #channels: readonly string[];
  readonly #rollover: Rollover | null;
  readonly #keeper: Keeper;
  readonly #meter: Meter;
  readonly #disk: DiskSpace;
  readonly #startedAt: Timestamp;
  readonly #id = randomUUID();
  readonly #finished = Promise.withResolvers<RecordingSummary>();
  #writer!: SegmentWriter;
  #link: Link | null = null;
  #check: RestCheck | null = null;
  /** The connection of the frames that come now, for segments to begin with. */
  #current: ContinueMark | null = null;
  #lastFrameAt: Timestamp | null = null;
  #lostFrames = 0;
  #lastClosed = 0;
  #linkProblem: KalshiError | null = null;
  /** Why markets could not be subscribed to, or null. */
  #marketProblem: KalshiError | null = null;
  #settling: Promise<void> | null = null;
  #again: NodeJS.Timeout | null = null;
  #ticking: NodeJS.Timeout | null = null;
  #isEnding = false;
  #isStopped = false;

  constructor(options: RecordOptions, lock: Lock, now: () => Timestamp, rollover: Rollover | null) {
    const { channels = defaultChannels, dir, compress = true } = options;
    this.dir = dir;
    this.done = this.#finished.promise;
    this.#options = options;
    this.#lock = lock;
    this.#now = now;
    this.#rollover = rollover;
    this.#channels = rollover === null || channels.includes(LIFECYCLE) ? channels : [...channels, LIFECYCLE];
    this.#keeper = new Keeper({ dir, compress });
    this.#startedAt = now();
    this.#meter = new Meter(this.#startedAt);
    this.#disk = new DiskSpace(dir);
  }

  async begin(): Promise<this> {
    const { dir, compress = true, statusMs = 1_000 } = this.#options;
    this.#writer = await this.#openWriter();
    if (this.#writer.repaired !== null) noteRepair(this.#writer.repaired, (mark) => this.#note(mark), this.#now());
    await removeUnfinished(dir);
    try {
      this.#link = await this.#openLink();
    } catch (error) {
      this.#isEnding = true;
      this.#writer.close();
      throw error;
    }
    void this.#link.done.then(() => this.#end()).then(this.#finished.resolve, this.#finished.reject);
    const left = await leftRaw(dir, this.#writer.number, compress);
    // It may have been stopped meanwhile.
    if (this.#isEnding) return this;
    this.#keeper.found(this.#writer.number, left);
    this.#ticking = setInterval(() => this.#tell(), statusMs);
    this.#rollover?.start();
    // What has come while the connection was made.
    if (this.#rollover !== null) this.changed();
    this.#check = this.#openCheck();
    this.#check?.start();
    return this;
  }

  async stop(): Promise<RecordingSummary> {
    await this.#link?.close();
    return this.done;
  }

  status(): RecorderStatus {
    const { problem: diskProblem, waitingBytes, ...writer } = writerFigures(this.#writer);
    const at = this.#now();
    const rest = this.#check?.counts ?? { compared: 0, different: 0, skipped: 0 };
    return {
      state: this.#state,
      at,
      startedAt: this.#startedAt,
      markets: this.#tickers.length,
      ...(this.#rollover?.counts ?? { joined: 0, left: 0 }),
      staleBooks: this.#staleBooks,
      ...writer,
      ...this.#meter.rates(at),
      lag: this.#meter.lags(at),
      connections: this.#link?.connections ?? 0,
      gaps: this.#link?.counts.gaps ?? 0,
      lastFrameAt: this.#lastFrameAt,
      lostFrames: this.#lostFrames,
      disk: { problem: diskProblem, waitingBytes, freeBytes: this.#disk.freeBytes },
      packing: { ...this.#keeper.packed, problem: this.#keeper.problem },
      rest: { ...rest, problem: this.#check?.problem ?? null },
      problem: diskProblem ?? this.#linkProblem ?? this.#marketProblem ?? this.#rollover?.problem ?? null,
    };
  }

  get #state(): RecorderStatus["state"] {
    if (this.#isStopped) return "stopped";
    if (this.#isEnding) return "stopping";
    return this.#link?.isConnected === false ? "reconnecting" : "recording";
  }

  get #tickers(): readonly string[] {
    return this.#rollover?.tickers ?? this.#options.tickers;
  }

  get #staleBooks(): number {
    const link = this.#link;
    if (link === null || !this.#channels.includes(BOOKS)) return 0;
    return this.#tickers.filter((ticker) => link.book(ticker)?.state !== "ok").length;
  }

  #openWriter(): Promise<SegmentWriter> {
    const { dir, syncMs, maxSegmentBytes, maxSegmentMs, maxPendingBytes } = this.#options;
    return SegmentWriter.open({
      dir,
      syncMs,
      maxBytes: maxSegmentBytes,
      maxAgeMs: maxSegmentMs,
      maxPendingBytes,
      preamble: () => (this.#current === null ? null : { time: this.#now(), body: writeMark(this.#current) }),
      onProblem: () => {
        this.#keeper.pause();
        this.#tell();
      },
      onRecovery: (hole) => {
        this.#keeper.resume();
        if (hole !== null) this.#noteHole(hole);
        this.#tell();
      },
      onClosed: (_path, bytes) => {
        this.#lastClosed = bytes;
        // The last one is seen to at the end, when no frame is waiting any more.
        if (!this.#isEnding) this.#keeper.pack(this.#writer.number + 1, bytes);
      },
    });
  }

  #openLink(): Promise<Link> {
    const options = { ...this.#options, channels: this.#channels, tickers: this.#tickers, now: this.#now };
    // Frames are recorded as one stream, in which a subscription's number is of the connection before it: so there is one at a time.
    return Link.open(
      { ...options, isList: this.#rollover !== null, maxConnections: 1 },
      {
        frame: ({ data, binary, receivedAt }) => {
          this.#writer.append(binary ? entryKind.binary : entryKind.text, receivedAt, 0, data);
          this.#lastFrameAt = receivedAt;
          this.#meter.frame(data.length, receivedAt);
        },
        event: (event) => this.#hear(event),
        connected: ({ connection, useYesPrice, tickers = [] }) => {
          const id = `${this.#id}/${connection}`;
          this.#current = { mark: "continue", id, use_yes_price: useYesPrice, tickers, channels: this.#channels };
          this.#linkProblem = null;
          this.#note({ ...this.#current, mark: "connect" });
          // What happened in between was not told.
          if (connection > 1) this.#rollover?.lookSoon();
        },
        disconnected: ({ reason, code, lastHeardAt }, connection) => {
          this.#note({ mark: "disconnect", id: `${this.#id}/${connection}`, reason, code, last_heard: lastHeardAt });
          this.#writer.flush();
          this.#current = null;
        },
        problem: (problem) => {
          this.#linkProblem = problem;
          this.#tell();
        },
      },
    );
  }

  #hear(event: BookEvent): void {
    if (event.time !== null) this.#meter.lag(event.receivedAt, event.time);
    this.#rollover?.hear(event);
    this.#check?.hear(event);
    if (event.type === "gap") setImmediate(() => this.#tell());
  }

  /** Markets have come or gone: subscribes, and lets segments to come begin with what is wanted then. */
  changed(): void {
    if (this.#current !== null) this.#current = { ...this.#current, tickers: this.#tickers };
    this.#settling ??= this.#settle().finally(() => {
      this.#settling = null;
    });
  }

  /** Brings the link in line with what is wanted. What is refused is told, and tried again. */
  async #settle(): Promise<void> {
    const link = this.#link;
    if (link === null || this.#isEnding) return;
    const [wanted, had] = [new Set(this.#tickers), new Set(link.tickers)];
    const add = [...wanted].filter((ticker) => !had.has(ticker));
    const drop = [...had].filter((ticker) => !wanted.has(ticker));
    if (add.length === 0 && drop.length === 0) return;
    try {
      if (add.length > 0) await link.addMarkets(add);
      if (drop.length > 0) await link.deleteMarkets(drop);
      this.#marketProblem = null;
    } catch (error) {
      if (this.#isEnding || !(error instanceof KalshiError)) return;
      this.#marketProblem = error;
      this.#again = setTimeout(() => this.changed(), SETTLE_MS);
      this.#tell();
      return;
    }
    // There may have been further changes meanwhile.
    return this.#settle();
  }

  #openCheck(): RestCheck | null {
    const { client, compareMs = 0, compareWindow } = this.#options;
    if (client === undefined || compareMs <= 0 || !this.#channels.includes(BOOKS)) return null;
    return new RestCheck({
      client,
      everyMs: compareMs,
      ...compareWindow,
      now: this.#now,
      tickers: () => this.#tickers,
      book: (ticker) => this.#link?.book(ticker) ?? null,
      onCheck: (mark) => this.#note(mark),
      onDifference: (mark) => {
        this.#note(mark);
        this.#link?.refresh();
        this.#tell();
      },
    });
  }

  #note(mark: Mark): void {
    this.#writer.append(entryKind.mark, this.#now(), 0, writeMark(mark));
  }

  #noteHole(hole: Hole): void {
    this.#lostFrames += hole.frames;
    this.#note({ mark: "hole", ...hole });
    // A connection that came in the hole was not written down.
    if (this.#current !== null) this.#note({ ...this.#current, mark: "connect" });
    this.#link?.refresh();
  }

  #tell(): void {
    this.#options.onStatus?.(this.status());
  }

  async #end(): Promise<RecordingSummary> {
    for (const timer of [this.#ticking, this.#again]) if (timer !== null) clearTimeout(timer);
    this.#isEnding = true;
    await Promise.all([this.#rollover?.close(), this.#check?.close()]);
    const hole = this.#writer.close();
    if (hole !== null) this.#lostFrames += hole.frames;
    await this.#keeper.close(this.#writer.number + 1, this.#lastClosed);
    this.#isStopped = true;
    this.#lock.release();
    const { frames, bytes, gaps, segments } = this.status();
    this.#tell();
    return { frames, bytes, gaps, segments, lostFrames: this.#lostFrames };
  }
}

function writerFigures({ writtenFrames, writtenBytes, segments, repaired, problem, waitingBytes }: SegmentWriter) {
  return { frames: writtenFrames, bytes: writtenBytes, segments, repaired, problem, waitingBytes };
}

/** What a crash has torn off is a hole from the last whole message on. */
function noteRepair({ segment, bytes, frames, lastAt }: CutTail, note: (mark: Mark) => void, now: Timestamp): void {
  note({ mark: "repaired", segment, bytes, frames });
  const from = lastAt ?? now;
  note({ mark: "hole", from, to: Math.max(from, now), frames, bytes, reason: "TORN_TAIL" });
}
