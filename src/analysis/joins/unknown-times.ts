import type { Provenance } from "../../frames/provenance.js";
import { parseTime, type Timestamp } from "../../units/time.js";

/** Whether rows of a market may be missing from `start` on to `end`, not included. */
export type Missing = (ticker: string, start: Timestamp, end: Timestamp) => boolean;

/**
 * Where rows may be missing by what a table says of its origin: outside the span asked for (after its last row where no end was asked for), and in
 * its unknown times; everywhere when it is not complete and does not say where. Nowhere for a table of unknown origin.
 */
export function missingIn(origin: Provenance | null): Missing {
  if (origin === null) return () => false;
  const unknown = (origin.unknown ?? []).map(({ tickers, from, to }) => ({
    tickers: new Set(tickers),
    from: from === null ? Number.NEGATIVE_INFINITY : parseTime(from),
    to: to === null ? Number.POSITIVE_INFINITY : parseTime(to),
  }));
  if (!origin.complete && unknown.length === 0) return () => true;
  const first = origin.from === null ? Number.NEGATIVE_INFINITY : parseTime(origin.from);
  const end = origin.to ?? origin.covered?.to ?? null;
  const last = end === null ? Number.POSITIVE_INFINITY : parseTime(end);
  return (ticker, start, until) =>
    start < first ||
    until > last ||
    unknown.some(({ tickers, from, to }) => start < to && until > from && (tickers.size === 0 || tickers.has(ticker)));
}
