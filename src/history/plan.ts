import type { QueryValues } from "../client/http.js";
import type { ListEndpoint } from "../client/pages.js";
import type { WireObject } from "../exchange/field.js";
import type { Timestamp } from "../units/time.js";
import type { Cutoffs } from "./cutoff.js";

export type Tier = "live" | "historical";

/** Keeps the items of [from, to) by one of their time fields, and of the named markets; null keeps all. */
export interface Keep {
  readonly field: string;
  readonly from: Timestamp | null;
  readonly to: Timestamp | null;
  readonly tickers: readonly string[] | null;
}

/** One cursor chain of a list. */
export interface ListLeg {
  readonly kind: "list";
  readonly tier: Tier;
  readonly endpoint: ListEndpoint;
  readonly query: QueryValues;
  readonly keep: Keep | null;
  /** Fields that its rows get on their way: what was asked for and is not in the answer. */
  readonly stamp?: WireObject | undefined;
  /** When its rows should lie, and about how many; only a hint for cutting it into time slices. */
  readonly expected?:
    | { readonly from: Timestamp; readonly to: Timestamp; readonly rows?: number | undefined }
    | undefined;
  /** On the historical side: no row of it can come or go any more, whatever the time; its market was over long before the cutoff. */
  readonly closed?: boolean | undefined;
}

/** One request for candles: several markets on the live side, one on the historical. */
export interface CandlestickLeg {
  readonly kind: "candlesticks";
  readonly tier: Tier;
  readonly tickers: readonly string[];
  /** Minutes. */
  readonly interval: 1 | 60 | 1440;
  readonly startTs: number;
  readonly endTs: number;
  /** By the candle's start. */
  readonly from: Timestamp;
  readonly to: Timestamp;
  /** A market that is not there has no candles on this side, which is no error. */
  readonly mayBeMissing: boolean;
  /** On the historical side: the market was settled long before the cutoff. */
  readonly closed?: boolean | undefined;
}

/** One answer that is no list: a catalogue, or a single object. */
export interface SingleLeg {
  readonly kind: "single";
  readonly tier: Tier;
  readonly path: string;
  readonly access: "public" | "signed";
  readonly query: QueryValues;
  /** Key of the items in the answer; null when the answer itself is the one item. */
  readonly list: string | null;
  /** The list is a whole catalogue, to be read while it arrives: the field that tells its items apart. */
  readonly streamed?: { readonly key: string } | undefined;
}

/** A part that is kept on disk. What is read of it depends on what is kept by then; the rest is asked. */
export interface CachedLeg {
  readonly kind: "cached";
  readonly tier: "historical";
  /** As the provenance names it: `GET /historical/trades`. */
  readonly endpoint: string;
  /** Null for a list that is not of one market. */
  readonly ticker: string | null;
  /** Null is unbounded. */
  readonly from: Timestamp | null;
  readonly to: Timestamp | null;
  /** The cutoff by which it was found to be kept; null where that did not matter. */
  readonly cutoff: Timestamp | null;
  /** The same part, to be asked where it turns out not to be readable. Its `keep` sifts what is read, too. */
  readonly instead: ListLeg | CandlestickLeg;
}

/** One part of a question that one endpoint answers. Plain data: a plan is saved with the download that follows it. */
export type Leg = ListLeg | CandlestickLeg | SingleLeg | CachedLeg;

/** Which endpoint serves which part, by which cutoffs. */
export interface Plan {
  readonly noun: string;
  readonly legs: readonly Leg[];
  readonly cutoffs: Cutoffs | null;
  readonly from: Timestamp | null;
  readonly to: Timestamp | null;
  /** The exchange's present when the plan was made, where the span has an end that might lie ahead of it. */
  readonly asOf?: Timestamp | undefined;
  /** Legs run one after the other when a later answer must win over an earlier one of the same key. */
  readonly inOrder: boolean;
}

/** The endpoint of a leg, as the provenance names it. */
export function endpointOf(leg: Leg): string {
  if (leg.kind === "list") return `GET ${leg.endpoint.path}`;
  if (leg.kind === "single") return `GET ${leg.path}`;
  if (leg.kind === "cached") return leg.endpoint;
  return leg.tier === "live" ? "GET /markets/candlesticks" : "GET /historical/markets/{ticker}/candlesticks";
}
