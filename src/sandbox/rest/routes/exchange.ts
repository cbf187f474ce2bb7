import { formatTime, SECOND, type Timestamp } from "../../../units/time.js";
import type { Halt } from "../../engine/halts.js";
import type { JsonObject, Route } from "../../types.js";
import { ok } from "../../wire/replies.js";
import { ANNOUNCED, comingWindows, maintenanceAt } from "../../world/maintenance.js";
import { type PublicSide, publicGet } from "./routes.js";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
/** Maintenance windows that are told of ahead. */
const TOLD_WINDOWS = 4;

/** Status, schedule and how current user data is. Trading pauses on Thursdays from 03:00 to 05:00 in New York. */
export function exchangeRoutes({ world, halted, dataAsOf }: PublicSide): Route[] {
  return [
    publicGet("/exchange/status", () => ok(status(world.name, world.clock.now(), halted()))),
    publicGet("/exchange/schedule", () => ok({ schedule: schedule(world.clock.now()) })),
    publicGet("/exchange/user_data_timestamp", ({ account }) =>
      ok({ as_of_time: formatTime(dataAsOf?.(account?.userId ?? null) ?? world.clock.now()) }),
    ),
  ];
}

function status(world: string, now: Timestamp, halt: Halt): JsonObject {
  const state = {
    exchange_active: halt !== "exchange",
    intra_exchange_transfers_active: halt !== "exchange",
    trading_active: halt === "none",
  };
  const window = maintenanceAt(now);
  return {
    ...state,
    // Of a pause that nobody announced no end is known.
    exchange_estimated_resume_time: window === null || halt === "none" ? undefined : formatTime(window.end),
    exchange_index_statuses: [{ ...state, description: `Sandbox world ${world}`, exchange_index: 0 }],
  };
}

/** Hours are told in the time of New York; a day's end is the next one's `00:00`. */
function schedule(now: Timestamp): JsonObject {
  const session = (open_time: string, close_time: string): JsonObject => ({ close_time, open_time });
  const week = Object.fromEntries(DAYS.map((day) => [day, [session("00:00", "00:00")]]));
  const thursday = [session("00:00", "03:00"), session("05:00", "00:00")];
  const span = { end_time: formatTime(whole(now + ANNOUNCED)), start_time: formatTime(whole(now - ANNOUNCED)) };
  return {
    maintenance_windows: comingWindows(now, TOLD_WINDOWS).map(({ start, end }) => ({
      end_datetime: formatTime(end),
      start_datetime: formatTime(start),
    })),
    standard_hours: [{ ...span, ...week, thursday }],
  };
}

function whole(time: number): number {
  return Math.floor(time / SECOND) * SECOND;
}
