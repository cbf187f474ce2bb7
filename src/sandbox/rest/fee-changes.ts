import { formatTime } from "../../units/time.js";
import type { EventFeeChange, EventRecord, JsonObject, Reply, SandboxRequest, SeriesRecord, World } from "../types.js";
import { ok } from "../wire/replies.js";
import { eventFees, seriesFees } from "../world/fee-schedule.js";
import { cutPage, decodeCursor, latestFirst } from "./cursor.js";
import { QueryReader } from "./query.js";

/** Scheduled changes of series' fees, in the order of their times; those in force already only with `show_historical`. */
export function seriesFeeChanges(world: World, request: SandboxRequest): Reply {
  const query = new QueryReader(request.query, "GetSeriesFeeChanges");
  const ticker = query.text("series_ticker");
  const all = query.flag("show_historical") === true;
  const now = world.clock.now();
  const rows = world.feeChanges.series.filter(
    ({ seriesTicker, time }) => (all || time > now) && (ticker === undefined || seriesTicker === ticker),
  );
  return ok({
    series_fee_change_arr: rows.map(({ id, seriesTicker, feeType, feeMultiplier, time }) => ({
      fee_multiplier: feeMultiplier,
      fee_type: feeType,
      id,
      scheduled_ts: formatTime(time),
      series_ticker: seriesTicker,
    })),
  });
}

/** Changes of events' own fees, past and to come, latest first. */
export function eventFeeChanges(world: World, request: SandboxRequest): Reply {
  const query = new QueryReader(request.query, "GetEventFeeChanges");
  const limit = query.limit(1, 1000, 100);
  const ticker = query.text("event_ticker");
  const all = world.feeChanges.events.filter(({ eventTicker }) => ticker === undefined || eventTicker === ticker);
  const positionOf = ({ time, id }: EventFeeChange) => ({ time, id });
  const after = latestFirst(all, positionOf, decodeCursor(request.query.get("cursor")));
  const { rows, cursor } = cutPage(after, limit, positionOf);
  return ok({ cursor, event_fee_changes: rows.map(eventFeeChange) });
}

function eventFeeChange({ id, eventTicker, seriesTicker, feeType, feeMultiplier, time }: EventFeeChange): JsonObject {
  return {
    event_ticker: eventTicker,
    fee_multiplier_override: feeMultiplier,
    fee_type_override: feeType,
    id,
    scheduled_ts: formatTime(time),
    series_ticker: seriesTicker,
  };
}

/** A series as sent, with the fees in force now. */
export function withFees(world: World, { ticker, wire }: SeriesRecord): JsonObject {
  if (!world.feeChanges.series.some(({ seriesTicker }) => seriesTicker === ticker)) return wire;
  const { feeType, feeMultiplier } = seriesFees(world, ticker, world.clock.now());
  return { ...wire, fee_multiplier: feeMultiplier, fee_type: feeType };
}

/** An event as sent, with the override of its fees that is in force now. */
export function eventWire(world: World, { ticker, wire }: EventRecord): JsonObject {
  if (!world.feeChanges.events.some(({ eventTicker }) => eventTicker === ticker)) return wire;
  const { feeType, feeMultiplier } = eventFees(world, ticker, world.clock.now());
  return { ...wire, fee_multiplier_override: feeMultiplier ?? undefined, fee_type_override: feeType ?? undefined };
}
