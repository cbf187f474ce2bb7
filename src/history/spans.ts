import type { QueryValues } from "../client/http.js";
import { DAY, type Duration, HOUR, MINUTE, type Timestamp, toSeconds } from "../units/time.js";
import type { CandlestickLeg, ListLeg } from "./plan.js";

/** A half-open span; unbounded is an infinity. */
export interface Span {
  readonly from: Timestamp;
  readonly to: Timestamp;
}

export const ALWAYS: Span = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/** A span from bounds of which null is unbounded. */
export function spanFrom({ from, to }: { readonly from: Timestamp | null; readonly to: Timestamp | null }): Span {
  return { from: from ?? ALWAYS.from, to: to ?? ALWAYS.to };
}

/** The same with null for unbounded, as plans and files have it. */
export function boundsOf({ from, to }: Span): { from: Timestamp | null; to: Timestamp | null } {
  return { from: Number.isFinite(from) ? from : null, to: Number.isFinite(to) ? to : null };
}

/** A span cut into what is in one of the known spans and what is not, ascending; neighbours of the same sort are one. */
export function cutByKnown(span: Span, known: readonly Span[]): readonly (Span & { readonly known: boolean })[] {
  const parts: (Span & { known: boolean })[] = [];
  let at = span.from;
  const add = (to: Timestamp, isKnown: boolean): void => {
    if (to <= at) return;
    const last = parts.at(-1);
    if (last?.known === isKnown) parts[parts.length - 1] = { ...last, to };
    else parts.push({ from: at, to, known: isKnown });
    at = to;
  };
  for (const one of [...known].sort((a, b) => a.from - b.from)) {
    add(Math.min(one.from, span.to), false);
    add(Math.min(one.to, span.to), true);
  }
  add(span.to, false);
  return parts;
}

/** Query bounds for a list over a span. Whether the exchange's bounds are included is not documented: a second more is asked. */
export function secondsAround(span: Span): QueryValues {
  return {
    min_ts: Number.isFinite(span.from) ? toSeconds(span.from) - 1 : undefined,
    max_ts: Number.isFinite(span.to) ? toSeconds(span.to) + 2 : undefined,
  };
}

/**
 * The span that a leg is about: by the candle's start, by creation for lists that can be asked for a part of it. Others are asked whole,
 * whatever is kept of their rows: lists of markets know no `min_ts` and `max_ts`.
 */
export function spanOf(leg: ListLeg | CandlestickLeg): Span {
  if (leg.kind === "candlesticks") return leg;
  return leg.keep?.field === "created_time" ? spanFrom(leg.keep) : ALWAYS;
}

/** The same leg for a part of its span; a leg that is asked whole stays as it is. */
export function narrowed<L extends ListLeg | CandlestickLeg>(leg: L, span: Span): L {
  const whole = spanOf(leg);
  if (span.from === whole.from && span.to === whole.to) return leg;
  if (leg.kind === "candlesticks") return { ...leg, ...candleBounds(span, leg.interval) };
  if (leg.keep?.field !== "created_time") return leg;
  return { ...leg, query: { ...leg.query, ...secondsAround(span) }, keep: { ...leg.keep, ...boundsOf(span) } };
}

/** A span of candles by their start, and the exchange's bounds for it, which hold for their end. */
export function candleBounds({ from, to }: Span, interval: CandlestickLeg["interval"]): CandleBounds {
  return { from, to, startTs: toSeconds(from), endTs: toSeconds(to + reachOf(interval)) + 1 };
}

type CandleBounds = Pick<CandlestickLeg, "from" | "to" | "startTs" | "endTs">;

/** How far the end of a candle lies behind its start at most. */
export function reachOf(interval: CandlestickLeg["interval"]): Duration {
  return interval === 1440 ? DAY + HOUR : interval * MINUTE;
}
