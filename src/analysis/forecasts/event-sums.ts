import { KalshiError } from "../../errors.js";
import type { Bin } from "./bins.js";
import type { EventSums } from "./bootstrap.js";
import type { Sample } from "./samples.js";

/**
 * What each event adds to each bin.
 *
 * @throws KalshiError `COLUMN_MISSING` where the forecasts do not say to which event they belong
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
      let one = sums.get(events[at]!);
      if (one === undefined) {
        one = { top: new Float64Array(bins.length), bottom: new Float64Array(bins.length) };
        sums.set(events[at]!, one);
      }
      one.top[bin]! += top(at);
      one.bottom[bin]! += bottom(at);
    }
  }
  return [...sums.values()];
}

/** To how many events some forecasts belong; null where they do not say. */
export function eventCount({ events }: Sample, members: readonly number[]): number | null {
  return events === null ? null : new Set(members.map((at) => events[at])).size;
}

function noEvents(): KalshiError {
  return new KalshiError("COLUMN_MISSING", "resampling by event: the table has no column `event_ticker`", {
    hint: "forecastsAt() and withOutcomes() add it from a table of markets; or leave { bootstrap } out",
    context: { column: "event_ticker" },
  });
}
