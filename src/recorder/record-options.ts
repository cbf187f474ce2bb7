import type { Client } from "../client/http.js";
import type { Timestamp } from "../units/time.js";
import type { LinkOptions } from "./link-options.js";
import type { RecorderStatus } from "./recorder-status.js";
import type { Patience } from "./wanted.js";

/** What to record, where to, and how. */
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
  /** How much of each connection is held in memory while the disk takes nothing. Default 16 MiB. */
  readonly maxPendingBytes?: number | undefined;
  /** Whether closed segments are compressed where they are, to about a fifteenth. Default true. */
  readonly compress?: boolean | undefined;
}
