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

/** The recorder's own notes among the frames: what has to be known to read them. */
export type Mark = ConnectMark | ContinueMark | DisconnectMark | HoleMark | RepairedMark;

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

const known: ReadonlySet<string> = new Set(["connect", "continue", "disconnect", "hole", "repaired"]);
