import { KalshiError } from "../../errors.js";
import { candlesticksFrame } from "../../frames/candlesticks.js";
import { fillsFrame } from "../../frames/fills.js";
import type { Frame } from "../../frames/frame.js";
import { marketsFrame } from "../../frames/markets.js";
import { settlementsFrame } from "../../frames/settlements.js";
import { tradesFrame } from "../../frames/trades.js";

/** How a kind of dataset is kept. */
export interface LibraryKind {
  readonly frame: Frame;
  /** What tells two records apart. */
  readonly key: readonly string[];
  /** Column whose day of UTC a record is kept by; null for kinds that are kept whole. */
  readonly time: string | null;
  /** Whether it is kept by series; else it is the account's. */
  readonly bySeries: boolean;
  /** Columns that say how a record was settled: a later change of them is told. Null for kinds whose records do not change at all. */
  readonly settled: readonly string[] | null;
}

/** Every kind that a library keeps. */
export const libraryKinds = {
  markets: {
    frame: marketsFrame,
    key: marketsFrame.key,
    time: null,
    bySeries: true,
    settled: ["result", "settlement_value", "expiration_value"],
  },
  trades: { frame: tradesFrame, key: tradesFrame.key, time: "created_time", bySeries: true, settled: null },
  candlesticks: {
    frame: candlesticksFrame,
    key: candlesticksFrame.key,
    time: "start_time",
    bySeries: true,
    settled: [],
  },
  fills: { frame: fillsFrame, key: fillsFrame.key, time: "created_time", bySeries: false, settled: null },
  settlements: {
    frame: settlementsFrame,
    key: settlementsFrame.key,
    time: "settled_time",
    bySeries: false,
    settled: null,
  },
} as const satisfies Record<string, LibraryKind>;

export type LibraryKindName = keyof typeof libraryKinds;

/** A kind by its name. @throws KalshiError `BAD_ARGUMENT` */
export function libraryKind(name: string): LibraryKind {
  if (Object.hasOwn(libraryKinds, name)) return libraryKinds[name as LibraryKindName];
  throw new KalshiError("BAD_ARGUMENT", `a library keeps no ${JSON.stringify(name)}`, {
    hint: `it keeps ${Object.keys(libraryKinds).join(", ")}`,
    context: { kind: name },
  });
}
