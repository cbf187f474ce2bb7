import type { Subject } from "../../datasets/library/library-file.js";
import type { LockOptions } from "../../datasets/library/lock-library.js";
import type { Amendment } from "../../datasets/library/merge-rows.js";
import type { Vanished } from "../../datasets/library/vanished.js";
import type { TimeInput, Timestamp } from "../../units/time.js";
import type { Lab } from "../lab.js";
import type { QueryOptions } from "../query.js";

/** What to keep up to date. Without `series` and `kinds` it is what the library has been asked to keep before. */
export interface SyncAsk extends LockOptions, Pick<QueryOptions, "onProgress"> {
  /** Folder of the library. Default: `KALSHI_LIBRARY_DIR`, else `datasets` in the working folder. */
  readonly library?: string | undefined;
  /** Series (ids or links) to keep from now on. */
  readonly series?: string | readonly string[] | undefined;
  /** Default: markets, trades and candlesticks of the series. Others: fills, settlements, of the account. */
  readonly kinds?: readonly string[] | undefined;
  /** Minutes of candlesticks: 1, 60 (default) or 1440. */
  readonly period?: number | undefined;
  /** Nothing older is kept. Default: all there is. */
  readonly from?: TimeInput | undefined;
  /** States that fills and settlements which were synced with another key are of this account. Default: found out by the fills. */
  readonly sameAccount?: boolean | undefined;
  /** Told of each subject that is done. */
  readonly onSubject?: ((subject: SyncedSubject) => void) | undefined;
}

/** What a sync has done for one subject. */
export interface SyncedSubject extends Subject {
  /** Rows that are new. */
  readonly added: number;
  /** Rows that are not what they were: markets that went on, candles that were still open. */
  readonly updated: number;
  /** Rows that should not have changed any more. */
  readonly amended: number;
  /** Rows that are in the library, and that the exchange does not tell any more: found by this sync or an earlier one. */
  readonly vanished: number;
  /** Everything before is in the library, RFC 3339. */
  readonly through: string | null;
  readonly complete: boolean;
  /** Why it is not complete; null when it is. */
  readonly why: string | null;
  /** What of that no later sync can bring, since the exchange has it no more itself; null when nothing. */
  readonly lost: string | null;
}

export interface SyncReport {
  readonly library: string;
  readonly exchange: string;
  readonly subjects: readonly SyncedSubject[];
  /** What the exchange tells otherwise than it did, by record; at most a thousand of each subject. */
  readonly amendments: readonly Amendment[];
  /** What this sync has found to be gone at the exchange, by record; at most a thousand of each subject. It stays in the library. */
  readonly vanished: readonly (Vanished & Pick<Subject, "kind" | "series">)[];
  /** What was asked for and is not done, in words: such as a later start of what is kept from an earlier one on. */
  readonly notes: readonly string[];
  /** Requests to the exchange, and data files written. */
  readonly requests: number;
  readonly files: number;
  /** True when it began with what a stopped sync had left. */
  readonly resumed: boolean;
}

/** What a sync knows of the exchange besides its questions. */
export interface SyncHost {
  readonly lab: Lab;
  readonly now: () => Promise<Timestamp>;
  readonly identity: () => Promise<{ readonly exchange: string; readonly account: string | null }>;
  /** The ids of what was named by id or link. */
  readonly seriesOf: (given: string | readonly string[]) => readonly string[];
}
