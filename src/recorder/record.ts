import { randomUUID } from "node:crypto";
import type { BookEvent } from "../book/event.js";
import { receiveClock } from "../client/receive-clock.js";
import { KalshiError } from "../errors.js";
import { takesMarkets } from "../exchange/channel.js";
import { type Lock, lockFolder } from "../store/lock.js";
import { systemClock, type Timestamp } from "../units/time.js";
import { DiskSpace } from "./disk-space.js";
import { defaultChannels, Link } from "./link.js";
import type { RestCheckMark } from "./marks.js";
import { Meter } from "./meter.js";
import { checkRecordOptions } from "./option-bounds.js";
import type { RecordOptions } from "./record-options.js";
import type { RecorderStatus, RecordingSummary } from "./recorder-status.js";
import { RestCheck } from "./rest-check.js";
import { LIFECYCLE, Rollover, type RolloverOptions } from "./rollover.js";
import { StallTally } from "./stall-tally.js";
import { packingFigures, writerFigures } from "./strand-figures.js";
import { StrandWriter } from "./strand-writer.js";
import { listStrands } from "./strands.js";
import { BOOKS } from "./subscriptions.js";

export type { RecordOptions } from "./record-options.js";
export type { RecorderStatus, RecordingSummary } from "./recorder-status.js";

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
 * It drops nothing by itself: while the disk is slow it reads no further, and what waits stays with the exchange. A full disk is told at once
 * as `problem`; frames wait in memory up to `maxPendingBytes`, and what does not fit there is lost and recorded as a hole.
 *
 * Of `series` and `events` it keeps up with the markets that come and go: see {@link Rollover}. All go over one connection, and over several
 * only past the exchange's limits: what comes over each is a strand of its own in the recording. See {@link Strand}.
 *
 * @throws KalshiError `BAD_ARGUMENT`, `FOLDER_LOCKED` when another recorder has the folder, `DISK_FULL`, `WRITE_FAILED`, and as {@link Link.open}
 */
export async function startRecorder(options: RecordOptions): Promise<Recorder> {
  checkRecordOptions(options);
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
  readonly #meter: Meter;
  readonly #stalls: StallTally;
  readonly #disk: DiskSpace;
  readonly #startedAt: Timestamp;
  readonly #id = randomUUID();
  readonly #finished = Promise.withResolvers<RecordingSummary>();
  /** By place, the first always there. */
  readonly #strands: StrandWriter[] = [];
  #link: Link | null = null;
  #check: RestCheck | null = null;
  #lastFrameAt: Timestamp | null = null;
  #lostFrames = 0;
  #linkProblem: KalshiError | null = null;
  /** Why markets could not be subscribed to, or null. */
  #marketProblem: KalshiError | null = null;
  #settling: Promise<void> | null = null;
  #again: NodeJS.Timeout | null = null;
  #ticking: NodeJS.Timeout | null = null;
  #isEnding = false;
  #isStopped = false;

  constructor(options: RecordOptions, lock: Lock, now: () => Timestamp, rollover: Rollover | null) {
    const { channels = defaultChannels, dir } = options;
    this.dir = dir;
    this.done = this.#finished.promise;
    this.#options = options;
    this.#lock = lock;
    this.#now = now;
    this.#rollover = rollover;
    this.#channels = rollover === null || channels.includes(LIFECYCLE) ? channels : [...channels, LIFECYCLE];
    this.#startedAt = now();
    this.#meter = new Meter(this.#startedAt);
    this.#stalls = new StallTally(options.stallMs);
    this.#disk = new DiskSpace(dir);
  }

  async begin(): Promise<this> {
    try {
      // What an earlier recorder has left in further strands is seen to also where no connection follows.
      for (const { place } of await listStrands(this.dir)) await this.#openStrand(place);
      this.#link = await this.#openLink();
    } catch (error) {
      this.#isEnding = true;
      for (const strand of this.#all) strand.abandon();
      throw error;
    }
    void this.#link.done.then(() => this.#end()).then(this.#finished.resolve, this.#finished.reject);
    for (const strand of this.#all) await strand.packLeft();
    // It may have been stopped meanwhile.
    if (this.#isEnding) return this;
    this.#ticking = setInterval(() => this.#tick(), this.#options.statusMs ?? 1_000);
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
    const { problem: diskProblem, waitingBytes, ...writer } = writerFigures(this.#all);
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
      stalls: this.#stalls.read(at),
      lastFrameAt: this.#lastFrameAt,
      lostFrames: this.#lostFrames,
      disk: { problem: diskProblem, waitingBytes, freeBytes: this.#disk.freeBytes },
      packing: packingFigures(this.#all),
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

  get #all(): StrandWriter[] {
    return this.#strands.filter((strand) => strand !== undefined);
  }

  /** What comes over a connection, by its place among those held at the same time, has its strand before it is made. */
  async #openStrand(place: number): Promise<void> {
    if (this.#strands[place] !== undefined) return;
    const { dir, compress = true, syncMs, maxSegmentBytes, maxSegmentMs, maxPendingBytes } = this.#options;
    const strand = await StrandWriter.open({
      ...{ dir, place, compress, syncMs, maxPendingBytes, now: this.#now },
      ...{ maxBytes: maxSegmentBytes, maxAgeMs: maxSegmentMs },
      tickers: () => this.#link?.tickersOf(place) ?? [],
      onChange: () => this.#tell(),
      onHole: ({ frames }) => {
        this.#lostFrames += frames;
        this.#link?.refresh(this.#link.tickersOf(place));
      },
    });
    this.#strands[place] = strand;
  }

  #openLink(): Promise<Link> {
    const options = { ...this.#options, channels: this.#channels, tickers: this.#tickers, now: this.#now };
    return Link.open(
      { ...options, isList: this.#rollover !== null },
      {
        opening: (lane) => this.#openStrand(lane),
        frame: (frame, lane) => {
          this.#strands[lane]!.frame(frame);
          this.#lastFrameAt = frame.receivedAt;
          this.#stalls.heard(lane, frame.receivedAt);
          this.#meter.frame(frame.data.length, frame.receivedAt);
        },
        event: (event) => this.#hear(event),
        connected: ({ connection, receivedAt, useYesPrice, tickers = [] }, lane) => {
          const channels = lane === 0 ? this.#channels : this.#channels.filter(takesMarkets);
          const id = `${this.#id}/${connection}`;
          this.#linkProblem = null;
          this.#stalls.heard(lane, receivedAt);
          this.#strands[lane]!.connected({ id, use_yes_price: useYesPrice, tickers, channels });
          // What happened in between was not told.
          if (connection > 1 && lane === 0) this.#rollover?.lookSoon();
        },
        disconnected: ({ reason, code, lastHeardAt }, connection, lane) => {
          const id = `${this.#id}/${connection}`;
          this.#stalls.disconnected(lane);
          this.#strands[lane]!.disconnected({ id, reason, code, last_heard: lastHeardAt });
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
    this.#stalls.hear(event);
    this.#rollover?.hear(event);
    this.#check?.hear(event);
    if (event.type === "gap") setImmediate(() => this.#tell());
  }

  /** Markets have come or gone: subscribes to those that are wanted. */
  changed(): void {
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
      link.forget(drop);
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
      onCheck: (mark) => this.#noteCheck(mark),
      onDifference: (mark) => {
        this.#strandOf(mark.ticker).note(mark);
        this.#link?.refresh();
        this.#tell();
      },
    });
  }

  #strandOf(ticker: string): StrandWriter {
    return this.#strands[this.#link?.laneOf(ticker) ?? 0] ?? this.#strands[0]!;
  }

  /** In each strand of the markets that are in it. */
  #noteCheck(mark: RestCheckMark): void {
    for (const strand of this.#all) {
      const isIn = (ticker: string): boolean => this.#strandOf(ticker) === strand;
      const [tickers, skipped] = [mark.tickers.filter(isIn), mark.skipped.filter(isIn)];
      if (tickers.length + skipped.length > 0) strand.note({ ...mark, tickers, skipped });
    }
  }

  #tell(): void {
    this.#options.onStatus?.(this.status());
  }

  #tick(): void {
    // What failed once has been made good by then.
    if (this.#link?.isConnected === true && this.#staleBooks === 0) this.#linkProblem = null;
    this.#tell();
  }

  async #end(): Promise<RecordingSummary> {
    for (const timer of [this.#ticking, this.#again]) if (timer !== null) clearTimeout(timer);
    this.#isEnding = true;
    await Promise.all([this.#rollover?.close(), this.#check?.close()]);
    const holes = await Promise.all(this.#all.map((strand) => strand.close()));
    for (const hole of holes) this.#lostFrames += hole?.frames ?? 0;
    this.#isStopped = true;
    this.#lock.release();
    const { frames, bytes, gaps, segments } = this.status();
    this.#tell();
    return { frames, bytes, gaps, segments, lostFrames: this.#lostFrames };
  }
}
