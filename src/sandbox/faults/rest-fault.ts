import type { Timestamp } from "../../units/time.js";
import { type Fields, numberIn, oneOf, timeAt, wholeFrom, wrong } from "./fault-fields.js";

/** What a refusal by fault may say. */
export const statuses = [429, 500, 502, 503, 504] as const;
/** In what shape it says so; gateways answer HTML or nothing. */
export const bodies = ["json", "html", "empty"] as const;

export interface StatusFault {
  readonly fault: "status";
  readonly status: (typeof statuses)[number];
  readonly body: (typeof bodies)[number];
  /** Carried out all the same: an order may have been placed. */
  readonly applied: boolean;
}

/** What goes wrong with one request. See `readFaults` for what each means. */
export type RestFault =
  | StatusFault
  | { readonly fault: "disconnect" | "html" | "timeout" | "empty_page" | "repeat_cursor" | "restart" }
  | { readonly fault: "cut"; readonly how: "destroy" | "end"; readonly at: number }
  | { readonly fault: "delay"; readonly from: number; readonly to: number }
  | { readonly fault: "duplicate_rows"; readonly rows: number }
  | { readonly fault: "short_page"; readonly share: number }
  | { readonly fault: "stale"; readonly ms: number }
  | { readonly fault: "cutoff"; readonly date: Timestamp | null; readonly days: number };

/** The fields of one kind of fault, and how it is read from them. */
export interface FaultKind<Fault> {
  readonly fields: readonly string[];
  readonly read: (at: string, fields: Fields) => Fault;
}

/** The fields of each fault of a request. */
export const restFaults: Readonly<Record<RestFault["fault"], FaultKind<RestFault>>> = {
  status: { fields: ["status", "body", "applied"], read: readStatus },
  disconnect: { fields: [], read: () => ({ fault: "disconnect" }) },
  cut: {
    fields: ["how", "at"],
    read: (at, fields) => ({
      fault: "cut",
      how: oneOf(`${at}.how`, fields.how ?? "destroy", ["destroy", "end"]),
      at: numberIn(`${at}.at`, fields.at ?? 0.5, 0, 1),
    }),
  },
  html: { fields: [], read: () => ({ fault: "html" }) },
  timeout: { fields: [], read: () => ({ fault: "timeout" }) },
  delay: { fields: ["ms", "from", "to"], read: readDelay },
  duplicate_rows: {
    fields: ["rows"],
    read: (at, { rows }) => ({ fault: "duplicate_rows", rows: wholeFrom(`${at}.rows`, rows ?? 3, 1) }),
  },
  empty_page: { fields: [], read: () => ({ fault: "empty_page" }) },
  short_page: {
    fields: ["share"],
    read: (at, { share }) => ({ fault: "short_page", share: numberIn(`${at}.share`, share ?? 0.5, 0, 1) }),
  },
  repeat_cursor: { fields: [], read: () => ({ fault: "repeat_cursor" }) },
  restart: { fields: [], read: () => ({ fault: "restart" }) },
  stale: {
    fields: ["ms"],
    read: (at, { ms }) => ({ fault: "stale", ms: numberIn(`${at}.ms`, ms ?? READ_LAG_MS, 1, 3_600_000) }),
  },
  cutoff: { fields: ["date", "days"], read: readCutoff },
};

/** A cancelled order was seen `resting` 360 ms later on the exchange. See WIRE 25. */
const READ_LAG_MS = 400;

export function readStatus(at: string, fields: Fields): StatusFault {
  const status = oneOf(`${at}.status`, fields.status, statuses);
  const body = oneOf(`${at}.body`, fields.body ?? (status > 500 ? "html" : "json"), bodies);
  return { fault: "status", status, body, applied: oneOf(`${at}.applied`, fields.applied ?? false, [false, true]) };
}

/** A span of milliseconds: `ms`, or `from` and `to`. */
export function readDelay(
  at: string,
  { ms, from, to }: Fields,
): { readonly fault: "delay"; readonly from: number; readonly to: number } {
  const least = numberIn(`${at}.${ms === undefined ? "from" : "ms"}`, ms ?? from, 0, 3_600_000);
  return { fault: "delay", from: least, to: numberIn(`${at}.to`, to ?? least, least, 3_600_000) };
}

function readCutoff(at: string, { date, days }: Fields): RestFault {
  if ((date === undefined) === (days === undefined)) {
    throw wrong(`${at}.date`, date, "give either `date`, RFC 3339, or `days` to move forward by");
  }
  if (date === undefined) return { fault: "cutoff", date: null, days: wholeFrom(`${at}.days`, days, 1) };
  return { fault: "cutoff", date: timeAt(`${at}.date`, date), days: 0 };
}
