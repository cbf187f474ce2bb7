import { DAY, parseTime, startOfDay, type Timestamp } from "../../units/time.js";
import type { EventFeeChange, FeeChanges, MarketRecord, SeriesFeeChange, World } from "../types.js";
import type { MemoryWorld } from "./world.js";

/** What decides the fee of a fill besides the fill itself. */
export interface FeeTerms {
  readonly feeType: string;
  readonly feeMultiplier: number;
}

/** Fees of a series at a moment: what the last change before it says, else what the series began with. */
export function seriesFees(world: World, seriesTicker: string, time: Timestamp): FeeTerms {
  const change = lastBefore(world.feeChanges.series, time, (one) => one.seriesTicker === seriesTicker);
  if (change !== undefined) return { feeType: change.feeType, feeMultiplier: change.feeMultiplier };
  const series = world.series.get(seriesTicker);
  return { feeType: series?.feeType ?? "quadratic", feeMultiplier: series?.feeMultiplier ?? 1 };
}

/** An event's override at a moment; both null where it has none. */
export function eventFees(
  world: World,
  eventTicker: string,
  time: Timestamp,
): { readonly feeType: string | null; readonly feeMultiplier: number | null } {
  const change = lastBefore(world.feeChanges.events, time, (one) => one.eventTicker === eventTicker);
  if (change !== undefined) return { feeType: change.feeType, feeMultiplier: change.feeMultiplier };
  const wire = world.events.get(eventTicker)?.wire;
  const type = wire?.fee_type_override;
  const multiplier = wire?.fee_multiplier_override;
  return {
    feeType: typeof type === "string" ? type : null,
    feeMultiplier: typeof multiplier === "number" ? multiplier : null,
  };
}

/** The fees of a market at a moment: none during its waiver, else the event's override where there is one, else its series'. */
export function termsOf(world: World, market: MarketRecord, time: Timestamp): FeeTerms {
  const series = seriesFees(world, market.seriesTicker, time);
  const event = eventFees(world, market.eventTicker, time);
  const type = event.feeType ?? series.feeType;
  const terms = {
    // A type without a published rate, such as "flat", is charged as most are.
    feeType: CHARGED.includes(type) ? type : "quadratic",
    feeMultiplier: event.feeMultiplier ?? series.feeMultiplier,
  };
  const waived = waivedUntil(market);
  return waived !== null && time < waived ? { ...terms, feeMultiplier: 0 } : terms;
}

const CHARGED = ["quadratic", "quadratic_with_maker_fees", "quadratic_with_combo_maker_fees"];

/** The next moment after `time` at which a market's fees may be others; infinity when none is known. */
export function termsChangeAfter(world: World, market: MarketRecord, time: Timestamp): Timestamp {
  const times: Timestamp[] = [waivedUntil(market) ?? Number.POSITIVE_INFINITY];
  for (const one of world.feeChanges.series) if (one.seriesTicker === market.seriesTicker) times.push(one.time);
  for (const one of world.feeChanges.events) if (one.eventTicker === market.eventTicker) times.push(one.time);
  return times.reduce((next, one) => (one > time && one < next ? one : next), Number.POSITIVE_INFINITY);
}

/** Until when a market's fills are free; null where they never were. */
function waivedUntil({ wire }: MarketRecord): Timestamp | null {
  const text = wire.fee_waiver_expiration_time;
  return typeof text === "string" ? parseTime(text) : null;
}

function lastBefore<Change extends { readonly time: Timestamp }>(
  changes: readonly Change[],
  time: Timestamp,
  concerns: (change: Change) => boolean,
): Change | undefined {
  return changes.findLast((change) => change.time <= time && concerns(change));
}

/** A list of changes that stays in the order of its times. */
export class FeeChangeList implements FeeChanges {
  readonly series: SeriesFeeChange[] = [];
  readonly events: EventFeeChange[] = [];

  addSeries(change: SeriesFeeChange): void {
    insert(this.series, change);
  }

  addEvent(change: EventFeeChange): void {
    insert(this.events, change);
  }
}

function insert<Change extends { readonly time: Timestamp }>(list: Change[], change: Change): void {
  const at = list.findLastIndex((one) => one.time <= change.time) + 1;
  list.splice(at, 0, change);
}

/** Fee changes of a generated world's series: the index series got its half rate 40 days before the start and loses it a fortnight after. */
export function addSeriesFeeChanges(world: MemoryWorld, start: Timestamp): void {
  const day = startOfDay(start);
  const add = (number: number, time: Timestamp, feeMultiplier: number) =>
    world.feeChanges.addSeries({ id: idOf(number), seriesTicker: "NORIDX", feeType: "quadratic", feeMultiplier, time });
  add(1, day - 40 * DAY, 0.5);
  add(2, day + 14 * DAY, 1);
}

/** Those of the lasting event that is in every world: it was free for a day, and will be at half rate for one. */
export function addSandboxFeeChanges(world: MemoryWorld, start: Timestamp): void {
  const day = startOfDay(start);
  const at = (feeMultiplier: number) => ({ feeType: "quadratic_with_maker_fees", feeMultiplier });
  const none = { feeType: null, feeMultiplier: null };
  const add = (number: number, time: Timestamp, terms: Pick<EventFeeChange, "feeType" | "feeMultiplier">) => {
    const id = idOf(number);
    world.feeChanges.addEvent({ id, eventTicker: "SANDBOX-LIVE", seriesTicker: "SANDBOX", ...terms, time });
  };
  add(3, day - 2 * DAY, at(0));
  add(4, day - DAY, none);
  add(5, day + 2 * DAY, at(0.5));
  add(6, day + 3 * DAY, none);
}

function idOf(number: number): string {
  return `fee0c4a6-0000-4000-8000-${String(number).padStart(12, "0")}`;
}
