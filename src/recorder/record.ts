import { randomUUID } from "node:crypto";
import { receiveClock } from "../client/receive-clock.js";
import type { KalshiError } from "../errors.js";
import { type Lock, lockFolder } from "../store/lock.js";
import { entryKind } from "../store/segment.js";
import type { CutTail } from "../store/segment-reader.js";
import { type Hole, SegmentWriter } from "../store/segment-writer.js";
import type { Timestamp } from "../units/time.js";
import { Keeper } from "./keeper.js";
import { defaultChannels, Link, type LinkOptions } from "./link.js";
import { type ContinueMark, type Mark, writeMark } from "./marks.js";
import { leftRaw, removeUnfinished } from "./packer.js";

export interface RecordOptions extends LinkOptions {
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

/** What a recorder has done, and how it is. */
export interface RecorderStatus {
  readonly state: "recording" | "reconnecting" | "stopped";
  readonly markets: number;
  /** Frames written to the folder: these are kept, also when the process is killed right now. */
  readonly frames: number;
  readonly bytes: number;
  readonly segments: number;
  readonly connections: number;
  /** Times that messages were missing, lost connections included. */
  readonly gaps: number;
  readonly lastFrameAt: Timestamp | null;
  /** Frames lost because nothing could be written; each time is a hole in the recording. */
  readonly lostFrames: number;
  /** Closed segments compressed so far, and what is wrong with that; it is tried again and stands in the way of no frame. */
  readonly packing: {
    readonly segments: number;
    /** Their bytes before and after. */
    readonly before: number;
    readonly after: number;
    readonly problem: KalshiError | null;
  };
  /** Cut off at the start: an unfinished batch, as a crash leaves it; recorded as a hole. Null where there was none. */
  readonly repaired: { readonly segment: number; readonly bytes: number; readonly frames: number } | null;
  /** What is wrong at the moment: `DISK_FULL`, `WRITE_FAILED`, or why the last reconnect failed; null when all is well. */
  readonly problem: KalshiError | null;
}

/** What a finished recorder has written. */
export interface RecordingSummary {
  readonly frames: number;
  readonly bytes: number;
  readonly gaps: number;
  readonly segments: number;
  readonly lostFrames: number;
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
  const lock = lockFolder(options.dir);
  try {
    return await begin(options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function begin(options: RecordOptions, lock: Lock): Promise<Recorder> {
  const now = options.now ?? receiveClock();
  const run = randomUUID();
  const channels = options.channels ?? defaultChannels;
  let current: ContinueMark | null = null;
  let lastFrameAt: Timestamp | null = null;
  let lostFrames = 0;
  let linkProblem: KalshiError | null = null;
  let link: Link | null = null;
  let isStopped = false;
  let isEnding = false;

  const keeper = new Keeper({ dir: options.dir, compress: options.compress ?? true });
  let lastClosed = 0;
  const writer: SegmentWriter = await SegmentWriter.open({
    dir: options.dir,
    syncMs: options.syncMs,
    maxBytes: options.maxSegmentBytes,
    maxAgeMs: options.maxSegmentMs,
    maxPendingBytes: options.maxPendingBytes,
    preamble: () => (current === null ? null : { time: now(), body: writeMark(current) }),
    onProblem: () => {
      keeper.pause();
      tell();
    },
    onRecovery: (hole) => {
      keeper.resume();
      if (hole !== null) noteHole(hole);
      tell();
    },
    onClosed: (_path, bytes) => {
      lastClosed = bytes;
      // The last one is seen to at the end, when no frame is waiting any more.
      if (!isEnding) keeper.pack(writer.number + 1, bytes);
    },
  });
  const note = (mark: Mark): void => writer.append(entryKind.mark, now(), 0, writeMark(mark));
  const noteHole = (hole: Hole): void => {
    lostFrames += hole.frames;
    note({ mark: "hole", ...hole });
    // A connection that came in the hole was not written down.
    if (current !== null) note({ ...current, mark: "connect" });
    link?.refresh();
  };
  const status = (): RecorderStatus => ({
    state: isStopped ? "stopped" : link?.isConnected === false ? "reconnecting" : "recording",
    markets: link?.tickers.length ?? options.tickers.length,
    frames: writer.writtenFrames,
    bytes: writer.writtenBytes,
    segments: writer.segments,
    connections: link?.connections ?? 0,
    gaps: link?.counts.gaps ?? 0,
    lastFrameAt,
    lostFrames,
    packing: { ...keeper.packed, problem: keeper.problem },
    repaired: writer.repaired,
    problem: writer.problem ?? linkProblem,
  });
  const tell = (): void => options.onStatus?.(status());
  if (writer.repaired !== null) noteRepair(writer.repaired, note, now());
  await removeUnfinished(options.dir);

  try {
    link = await Link.open(
      { ...options, now },
      {
        frame: ({ data, binary, receivedAt }) => {
          writer.append(binary ? entryKind.binary : entryKind.text, receivedAt, 0, data);
          lastFrameAt = receivedAt;
        },
        event: (event) => {
          if (event.type === "gap") setImmediate(tell);
        },
        connected: ({ connection, useYesPrice, tickers = [] }) => {
          current = { mark: "continue", id: `${run}/${connection}`, use_yes_price: useYesPrice, tickers, channels };
          linkProblem = null;
          note({ ...current, mark: "connect" });
        },
        disconnected: ({ reason, code, lastHeardAt }, connection) => {
          note({ mark: "disconnect", id: `${run}/${connection}`, reason, code, last_heard: lastHeardAt });
          writer.flush();
          current = null;
        },
        problem: (problem) => {
          linkProblem = problem;
          tell();
        },
      },
    );
  } catch (error) {
    isEnding = true;
    writer.close();
    throw error;
  }
  const opened = link;
  keeper.found(writer.number, await leftRaw(options.dir, writer.number, options.compress ?? true));
  const ticking = setInterval(tell, options.statusMs ?? 1_000);
  const done = opened.done.then(async (): Promise<RecordingSummary> => {
    clearInterval(ticking);
    isEnding = true;
    const hole = writer.close();
    if (hole !== null) lostFrames += hole.frames;
    await keeper.close(writer.number + 1, lastClosed);
    isStopped = true;
    lock.release();
    const { frames, bytes, gaps, segments } = status();
    tell();
    return { frames, bytes, gaps, segments, lostFrames };
  });
  return {
    dir: options.dir,
    status,
    done,
    async stop() {
      await opened.close();
      return done;
    },
  };
}

/** What a crash has torn off is a hole from the last whole message on. */
function noteRepair({ segment, bytes, frames, lastAt }: CutTail, note: (mark: Mark) => void, now: Timestamp): void {
  note({ mark: "repaired", segment, bytes, frames });
  const from = lastAt ?? now;
  note({ mark: "hole", from, to: Math.max(from, now), frames, bytes, reason: "TORN_TAIL" });
}
