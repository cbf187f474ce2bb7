import { KalshiError } from "../errors.js";
import type { LiveOptions } from "../recorder/live.js";
import type { RecordOptions } from "../recorder/record.js";
import { type Names, refuseUnknown } from "../units/argument.js";

/** Which markets, by any of the four, and which channels. */
export interface LiveAsk {
  readonly ticker?: string | undefined;
  readonly tickers?: readonly string[] | undefined;
  readonly event?: string | readonly string[] | undefined;
  readonly series?: string | readonly string[] | undefined;
  /**
   * Default: `orderbook_delta`, `trade`, `ticker`. Further ones: `fill`, `user_orders`, `market_positions` and `order_group_updates` of one's
   * own account, and the lifecycles of all markets, `market_lifecycle_v2` and `multivariate_market_lifecycle`.
   */
  readonly channels?: LiveOptions["channels"];
  readonly signal?: AbortSignal | undefined;
}

/** What to listen to, and what becomes of events that a slow reader leaves waiting; see {@link OnSlow}. */
export interface LiveReadAsk
  extends LiveAsk,
    Pick<LiveOptions, "onSlow" | "maxWaiting" | "maxWaitingBytes" | "useYesPrice" | "stallMs"> {}

export interface RecordAsk
  extends LiveAsk,
    Pick<
      RecordOptions,
      | "syncMs"
      | "maxSegmentBytes"
      | "maxSegmentMs"
      | "maxPendingBytes"
      | "silenceMs"
      | "compress"
      | "useYesPrice"
      | "lookMs"
      | "patience"
      | "onStatus"
      | "statusMs"
    > {
  /** Folder of the recording. */
  readonly dir: string;
  /** How often books are compared with those of REST, 10 tokens per hundred books. Default five minutes; 0 never. */
  readonly compareMs?: number | undefined;
}

const liveNames: Names<LiveAsk> = {
  ...{ ticker: true, tickers: true, event: true, series: true, channels: true, signal: true },
};
const readNames: Names<LiveReadAsk> = {
  ...{ ...liveNames, onSlow: true, maxWaiting: true, maxWaitingBytes: true, useYesPrice: true, stallMs: true },
};
const recordNames: Names<RecordAsk> = {
  ...{ ...liveNames, dir: true, syncMs: true, maxSegmentBytes: true, maxSegmentMs: true, maxPendingBytes: true },
  ...{ silenceMs: true, compress: true, useYesPrice: true, lookMs: true, patience: true, onStatus: true },
  ...{ statusMs: true, compareMs: true },
};

/** @throws KalshiError `BAD_ARGUMENT` for an option that there is not */
export function checkLiveAsk(ask: LiveReadAsk): void {
  refuseUnknown("live", ask, readNames);
}

/** @throws KalshiError `BAD_ARGUMENT` for an option that there is not, and without a folder */
export function checkRecordAsk(ask: RecordAsk): void {
  refuseUnknown("record", ask, recordNames);
  if (typeof ask.dir === "string" && ask.dir !== "") return;
  throw new KalshiError("BAD_ARGUMENT", "record into which folder?", {
    hint: 'give dir, such as "recordings/today"; one that has a recording is added to',
  });
}

/** Whether no market is asked for. */
export function namesNothing({ ticker, tickers, event, series }: LiveAsk): boolean {
  return [ticker, tickers, event, series].every((one) => one === undefined);
}
