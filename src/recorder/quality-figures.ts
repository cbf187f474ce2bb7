import type { Latency } from "./latency.js";

/** What a recording holds and lacks. Times are RFC 3339 with six decimals, of the exchange's clock as far as it is known. */
export interface Quality {
  /** Each hole once; one from a lost connection has null sequences, and one still open a null `to`. */
  readonly gaps: readonly {
    readonly connection: number;
    readonly reason: string;
    readonly sid: number | null;
    readonly from_seq: number | null;
    readonly to_seq: number | null;
    readonly tickers: readonly string[];
    readonly from: string;
    readonly to: string | null;
    readonly recovered_by: string | null;
  }[];
  /** Times here are local. `end` is null while it goes on, or when nothing says how it ended. */
  readonly connections: readonly {
    readonly connection: number;
    readonly from: string;
    readonly to: string;
    readonly frames: number;
    readonly bytes: number;
    readonly end: string | null;
  }[];
  readonly markets: readonly {
    readonly ticker: string;
    readonly from: string;
    readonly to: string;
    readonly deltas: number;
    readonly snapshots: number;
    readonly covered_seconds: number;
    readonly unknown_seconds: number;
    readonly crossed_seconds: number;
    readonly unparsed: number;
  }[];
  readonly hours: readonly MarketHour[];
  /** Books that were not as REST had them. Times are local. */
  readonly rest_differences: readonly {
    readonly ticker: string;
    readonly from: string;
    readonly to: string;
    readonly levels: readonly {
      readonly side: "yes" | "no";
      readonly price: string;
      readonly ours: string;
      readonly rest: string;
    }[];
  }[];
  /** Messages that could not be read, of whatever market; they are kept. */
  readonly unparsed: number;
}

/** A market in one hour of the exchange's clock, from its first message to its last; hours without any part of it are left out. */
export interface MarketHour {
  readonly ticker: string;
  /** Start of the hour. */
  readonly hour: string;
  readonly deltas: number;
  readonly snapshots: number;
  readonly trades: number;
  readonly covered_seconds: number;
  readonly unknown_seconds: number;
  readonly crossed_seconds: number;
  /** In which nothing of it came, though the connection stood. */
  readonly stalled_seconds: number;
  /** Gaps and stalls that began in it. */
  readonly gaps: number;
  readonly stalls: number;
  readonly unparsed: number;
  /** Books compared with those of REST, and those among them that differed. */
  readonly rest_checks: number;
  readonly rest_differences: number;
  /** Receive time minus exchange time of deltas and trades; null without any. */
  readonly latency_ms: Latency | null;
}
