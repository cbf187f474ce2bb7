import { libraryKind } from "../../datasets/library/kinds.js";
import type { Subject } from "../../datasets/library/library-file.js";
import { KalshiError } from "../../errors.js";
import { formatTime, readTime, type Timestamp } from "../../units/time.js";
import type { SyncAsk } from "./ask-and-report.js";

const USUAL = ["markets", "trades", "candlesticks"] as const;

/**
 * What a sync is asked to keep; null when nothing is named.
 *
 * @throws KalshiError `BAD_ARGUMENT`, `BAD_TIME`
 */
export function subjectsOf(
  { series: given, kinds, period: minutes, from }: SyncAsk,
  seriesOf: (given: string | readonly string[]) => readonly string[],
  now: Timestamp,
): readonly Subject[] | null {
  const period = minutes ?? 60;
  if (period !== 1 && period !== 60 && period !== 1440) {
    throw new KalshiError("BAD_ARGUMENT", `no candles of ${String(period)} minutes`, {
      hint: "period is 1, 60 or 1440 minutes",
    });
  }
  if (given === undefined && kinds === undefined) {
    if (minutes === undefined && from === undefined) return null;
    throw new KalshiError("BAD_ARGUMENT", `${from === undefined ? "period" : "from"} of what?`, {
      hint: "it is kept with the series or kinds that it is given with: name them too, such as `--series KXHIGHNY`",
    });
  }
  const series = given === undefined ? [] : seriesOf(given);
  const named = [...new Set(kinds ?? USUAL)];
  const start = from === undefined ? null : formatTime(readTime(from, now));
  const bySeries = named.filter((kind) => libraryKind(kind).bySeries);
  if (bySeries.length > 0 && series.length === 0) {
    throw new KalshiError("BAD_ARGUMENT", `${bySeries.join(", ")} of what?`, {
      hint: "name series: `--series KXHIGHNY`",
      context: { kinds: bySeries },
    });
  }
  // What of a series is to be asked for goes by its markets.
  const all = bySeries.length > 0 ? [...new Set(["markets", ...named])] : named;
  return all.flatMap((kind): Subject[] => {
    const shape = { kind, period: kind === "candlesticks" ? period : null, from: kind === "markets" ? null : start };
    return libraryKind(kind).bySeries ? series.map((one) => ({ ...shape, series: one })) : [{ ...shape, series: null }];
  });
}

export function keyOf({ kind, series, period }: Subject): string {
  return JSON.stringify([kind, series, period]);
}

/** `NORCPI candlesticks of 60 min`. */
export function nameOf({ kind, series, period }: Subject): string {
  return [series, kind, ...(period === null ? [] : [`of ${period} min`])].filter((word) => word !== null).join(" ");
}

export function has(subjects: readonly Subject[], one: Subject): boolean {
  return subjects.some((other) => keyOf(other) === keyOf(one));
}

/** A subject as wanted now; one that is known keeps its start when none is given. */
export function merged(wanted: Subject, known: readonly Subject[]): Subject {
  const was = known.find((other) => keyOf(other) === keyOf(wanted));
  if (was === undefined || was.from === null) return was ?? wanted;
  return wanted.from === null || wanted.from > was.from ? was : wanted;
}

/** By series, markets first: the others go by what these tell. */
export function inOrder(subjects: readonly Subject[]): readonly Subject[] {
  const series = [...new Set(subjects.map((one) => one.series))];
  const rank = (one: Subject): number => 2 * series.indexOf(one.series) + (one.kind === "markets" ? 0 : 1);
  return [...subjects].sort((a, b) => rank(a) - rank(b));
}
