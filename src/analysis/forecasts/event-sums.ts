import { KalshiError } from "../../errors.js";
import { found } from "../profit/found.js";
import type { Bin } from "./bins.js";
import type { EventSums } from "./bootstrap.js";
import type { Sample } from "./samples.js";

/**
 * What each event adds to each bin.
 *
 * @throws KalshiError `COLUMN_MISSING` where the forecasts do not say to which event they belong; `BAD_RECORD` where one of them does not
 */
export function eventSums(
  sample: Sample,
  bins: readonly Bin[],
  top: (at: number) => number,
  bottom: (at: number) => number,
): EventSums[] {
  const { events } = sample;
  if (events === null) throw noEvents();
  const sums = new Map<string, EventSums>();
  for (const [bin, { members }] of bins.entries()) {
    for (const at of members) {
      const event = events[at] ?? noEvent(sample.rows[at]!);
      const one = found(sums, event, () => ({
        top: new Float64Array(bins.length),
        bottom: new Float64Array(bins.length),
      }));
      one.top[bin]! += top(at);
      one.bottom[bin]! += bottom(at);
    }
  }
  return [...sums.values()];
}

/** To how many events some forecasts belong; null where they, or one of them, do not say. */
export function eventCount({ events }: Sample, members: readonly number[]): number | null {
  if (events === null || members.some((at) => events[at] === null)) return null;
  return new Set(members.map((at) => events[at])).size;
}

function noEvent(row: number): never {
  throw new KalshiError("BAD_RECORD", `resampling by event: row ${row} has no \`event_ticker\``, {
    hint: "forecasts of no event cannot be drawn with it; leave them out before, on purpose, or leave { bootstrap } out",
    context: { row },
  });
}

function noEvents(): KalshiError {
  return new KalshiError("COLUMN_MISSING", "resampling by event: the table has no column `event_ticker`", {
    hint: "forecastsAt() and withOutcomes() add it from a table of markets; or leave { bootstrap } out",
    context: { column: "event_ticker" },
  });
}
