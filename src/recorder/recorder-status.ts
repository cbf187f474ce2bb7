import type { KalshiError } from "../errors.js";
import type { Timestamp } from "../units/time.js";
import type { Lag } from "./meter.js";
import type { StallFigures } from "./stall-tally.js";

/** What a recorder has done, and how it is. */
export interface RecorderStatus {
  /** `stopping`: nothing more is received, what was is synced and the last segments are compressed. */
  readonly state: "recording" | "reconnecting" | "stopping" | "stopped";
  /** Local time of this status and of the recorder's start, microseconds. */
  readonly at: Timestamp;
  readonly startedAt: Timestamp;
  /** Markets subscribed to now. */
  readonly markets: number;
  /** Markets that have come and gone since the start, where whole series or events are recorded. */
  readonly joined: number;
  readonly left: number;
  /** Books that lack messages now: nothing that they say is trusted before their next snapshot. */
  readonly staleBooks: number;
  /** Frames written to the folder: these are kept, also when the process is killed right now. */
  readonly frames: number;
  readonly bytes: number;
  /** Frames received, over the last ten seconds. */
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  /** Receive time minus exchange time over the last ten seconds; null when no message told its time. */
  readonly lag: Lag | null;
  readonly segments: number;
  readonly connections: number;
  /** Times that messages were missing, lost connections included. */
  readonly gaps: number;
  readonly stalls: StallFigures;
  readonly lastFrameAt: Timestamp | null;
  /** Frames lost because nothing could be written; each time is a hole in the recording. */
  readonly lostFrames: number;
  readonly disk: {
    /** Why nothing can be written now: `DISK_FULL`, `WRITE_FAILED`; null when it can. */
    readonly problem: KalshiError | null;
    /** Received and not written yet, held in memory. */
    readonly waitingBytes: number;
    /** Free to us where the recording is; null where the system does not tell. */
    readonly freeBytes: number | null;
  };
  /** Closed segments compressed so far, and what is wrong with that; it is tried again and stands in the way of no frame. */
  readonly packing: {
    readonly segments: number;
    /** Their bytes before and after. */
    readonly before: number;
    readonly after: number;
    readonly problem: KalshiError | null;
  };
  /** Books asked by REST: how many were compared, differed, and could not be compared; and why the last look failed, or null. */
  readonly rest: {
    readonly compared: number;
    readonly different: number;
    readonly skipped: number;
    readonly problem: KalshiError | null;
  };
  /** Cut off at the start: an unfinished batch, as a crash leaves it; recorded as a hole. Null where there was none. */
  readonly repaired: { readonly segment: number; readonly bytes: number; readonly frames: number } | null;
  /**
   * Found at the start at the end of the last segment, and left as it is: bytes that no crash leaves and nobody can read. Recorded as a hole.
   * Null where there were none.
   */
  readonly damaged: { readonly segment: number; readonly bytes: number } | null;
  /**
   * What is wrong at the moment: `DISK_FULL`, `WRITE_FAILED`, why the last reconnect failed, or why new markets could not be looked for; null
   * when all is well.
   */
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
