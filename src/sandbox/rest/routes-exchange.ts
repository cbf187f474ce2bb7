import { DAY, formatTime, SECOND } from "../../units/time.js";
import type { Halt } from "../engine/halts.js";
import type { JsonObject, Route } from "../types.js";
import { ok } from "../wire/replies.js";
import { type PublicSide, publicGet } from "./routes.js";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

/** Status, schedule and how current user data is. The sandbox makes no Thursday pause unless told to; its engine can be paused. */
export function exchangeRoutes({ world, halted }: PublicSide): Route[] {
  return [
    publicGet("/exchange/status", () => ok(status(world.name, halted?.() ?? "none"))),
    publicGet("/exchange/schedule", () => {
      const now = world.clock.now();
      const allDay: JsonObject[] = [{ close_time: "00:00", open_time: "00:00" }];
      const week = Object.fromEntries(DAYS.map((day) => [day, allDay]));
      const span = { end_time: formatTime(whole(now + 365 * DAY)), start_time: formatTime(whole(now - 365 * DAY)) };
      return ok({ schedule: { maintenance_windows: [], standard_hours: [{ ...span, ...week }] } });
    }),
    publicGet("/exchange/user_data_timestamp", () => ok({ as_of_time: formatTime(world.clock.now()) })),
  ];
}

function status(world: string, halt: Halt): JsonObject {
  const open = {
    exchange_active: halt !== "exchange",
    intra_exchange_transfers_active: halt !== "exchange",
    trading_active: halt === "none",
  };
  return { ...open, exchange_index_statuses: [{ ...open, description: `Sandbox world ${world}`, exchange_index: 0 }] };
}

function whole(time: number): number {
  return Math.floor(time / SECOND) * SECOND;
}
