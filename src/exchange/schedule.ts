import { always } from "./field.js";
import { list, object } from "./shape.js";

/** Trading hours of a day, Eastern time. */
const hours = list(
  object({
    open_time: always("text", "open_time", "`HH:MM` Eastern"),
    close_time: always("text", "close_time", "`HH:MM` Eastern"),
  }),
);

/** The exchange's opening hours week by week, and its planned maintenance. @see API: GET /exchange/schedule */
export const schedule = object({
  standard_hours: list(
    object({
      start_time: always("time", "start_time", "first moment these hours hold"),
      end_time: always("time", "end_time", "last moment"),
      monday: hours,
      tuesday: hours,
      wednesday: hours,
      thursday: hours,
      friday: hours,
      saturday: hours,
      sunday: hours,
    }),
  ),
  maintenance_windows: list(
    object({
      start_time: always("time", "start_datetime", "when it closes"),
      end_time: always("time", "end_datetime", "when it opens again"),
    }),
  ),
});

export type Schedule = ReturnType<typeof schedule.parse>;
