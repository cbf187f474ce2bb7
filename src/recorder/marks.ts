import type { Count } from "../units/count.js";
import type { Price } from "../units/price.js";
import type { Timestamp } from "../units/time.js";

/** A connection begins. */
export interface ConnectMark {
  readonly mark: "connect";
  /** Unique in the recording. */
  readonly id: string;
  readonly use_yes_price: boolean;
  readonly tickers: readonly string[];
  readonly channels: readonly string[];
}

/** The connection of a segment's first frames, so that the segment can be read by itself; who reads them all knows it already. */
export type ContinueMark = Omit<ConnectMark, "mark"> & { readonly mark: "continue" };

/** A connection has ended. `closed`: by us. */
export interface DisconnectMark {
  readonly mark: "disconnect";
  readonly id: string;
  readonly reason: string;
  readonly code: number | null;
  /** Local time in microseconds of its last sign of life. */
  readonly last_heard: Timestamp;
}

/**
 * Another recorder goes on with the recording, and need not have a connection here: what the one before it had open has ended. In strands
 * other than the first, which has a connection with every recorder.
 */
export interface RestartMark {
  readonly mark: "restart";
}

/**
 * The local clock, which stamps the frames, was set on the connection that is open: it had gone on by so many microseconds more than the
 * monotonic one since the last such note, or less where it was set back. What was learned of delays before says nothing of times behind.
 */
export interface ClockMark {
  readonly mark: "clock";
  readonly set_by: Timestamp;
}

/** Frames could not be written and were lost; times are local, in microseconds. */
export interface HoleMark {
  readonly mark: "hole";
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly frames: number;
  readonly bytes: number;
  readonly reason: string;
}

/** An unfinished batch was cut off a segment, as a crash leaves it. What was lost with it stands in the hole mark behind this one. */
export interface RepairedMark {
  readonly mark: "repaired";
  readonly segment: number;
  readonly bytes: number;
  /** Frames that had been begun in it, as far as it could be read. */
  readonly frames?: number;
}

/** One level that REST has otherwise than the book rebuilt from the channel; a count is 0 where there is no level. NO levels are in NO prices. */
export interface LevelDifference {
  readonly side: "yes" | "no";
  readonly price: Price;
  readonly ours: Count;
  readonly rest: Count;
}

/**
 * Books were asked by REST, and compared with those rebuilt from the channel; each that differed has a {@link RestDifferenceMark} behind
 * this one. Times are local, in microseconds.
 */
export interface RestCheckMark {
  readonly mark: "rest_check";
  readonly asked: Timestamp;
  readonly answered: Timestamp;
  /** Markets whose books were compared, those that differed included. */
  readonly tickers: readonly string[];
  /** Markets whose books could not be: a gap, a lost connection, or no answer about them. */
  readonly skipped: readonly string[];
}

/** A book was twice, one time after the other, like no state of ours between `from` and `to` (local time, microseconds). */
export interface RestDifferenceMark {
  readonly mark: "rest_difference";
  readonly ticker: string;
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly asked: Timestamp;
  readonly answered: Timestamp;
  /** Against the state of ours that was nearest. */
  readonly levels: readonly LevelDifference[];
}

/** The recorder's own notes among the frames: what has to be known to read them. */
export type Mark =
  | ConnectMark
  | ContinueMark
  | DisconnectMark
  | RestartMark
  | ClockMark
  | HoleMark
  | RepairedMark
  | RestCheckMark
  | RestDifferenceMark;

export function writeMark(mark: Mark): Buffer {
  return Buffer.from(JSON.stringify(mark));
}

/** Reads a note; null for one of a kind this version does not know. */
export function readMark(body: Buffer): Mark | null {
  try {
    const raw: unknown = JSON.parse(body.toString("utf8"));
    if (typeof raw !== "object" || raw === null) return null;
    const kind: unknown = Reflect.get(raw, "mark");
    // Its batch's check sum was right, so it is what this project's recorder wrote.
    return typeof kind === "string" && known.has(kind) ? (raw as Mark) : null;
  } catch {
    return null;
  }
}

/** Whether an object that stood outside a recording is a note as a recorder writes it, and so means the same. */
export function isMark(raw: unknown): raw is Mark {
  if (typeof raw !== "object" || raw === null) return false;
  const has = (type: string, ...names: readonly string[]) =>
    names.every((name) => typeof Reflect.get(raw, name) === type);
  const lists = (...names: readonly string[]) => names.every((name) => Array.isArray(Reflect.get(raw, name)));
  switch (Reflect.get(raw, "mark")) {
    case "connect":
    case "continue":
      return has("string", "id") && has("boolean", "use_yes_price") && lists("tickers", "channels");
    case "disconnect":
      return has("string", "id", "reason") && has("number", "last_heard");
    case "restart":
      return true;
    case "clock":
      return has("number", "set_by");
    case "hole":
      return has("number", "from", "to", "frames", "bytes") && has("string", "reason");
    case "repaired":
      return has("number", "segment", "bytes");
    case "rest_check":
      return has("number", "asked", "answered") && lists("tickers", "skipped");
    case "rest_difference":
      return has("string", "ticker") && has("number", "from", "to", "asked", "answered") && lists("levels");
    default:
      return false;
  }
}

const known: ReadonlySet<string> = new Set([
  "connect",
  "continue",
  "disconnect",
  "restart",
  "clock",
  "hole",
  "repaired",
  "rest_check",
  "rest_difference",
]);
