import { readFile } from "node:fs/promises";
import { KalshiError, messageOf, systemCode } from "../../errors.js";
import type { JsonObject } from "../types.js";
import { type Fields, objectAt, oneOf, refuseUnknown, textAt, wrong } from "./fault-fields.js";
import { type FaultKind, type RestFault, restFaults } from "./rest-fault.js";
import { readSchedule, type Schedule, scheduleFields } from "./schedule.js";
import { type SocketFault, socketFaults } from "./socket-fault.js";

/** A fault of requests, which of them may meet it, and when. */
export interface RestRule {
  readonly on: "rest";
  /** Below the prefix: exact, or the beginning of one with `*` behind; within it `*` is any one segment. */
  readonly path: string;
  /** Whether a path is one of those. */
  readonly fits: (path: string) => boolean;
  readonly method: string | null;
  readonly fault: RestFault;
  readonly schedule: Schedule;
  /** As it was written. */
  readonly given: JsonObject;
}

/** A fault of the socket, and which frames may meet it. */
export interface SocketRule {
  readonly on: "socket";
  /** One, or `*` for any. */
  readonly channel: string;
  /** Exact, or the beginning of one with `*` behind; null for frames of no market as well. */
  readonly ticker: string | null;
  /** Of frame; null for all that carry data: answers to commands are then left alone. */
  readonly type: string | null;
  readonly fault: SocketFault;
  readonly schedule: Schedule;
  readonly given: JsonObject;
}

export type FaultRule = RestRule | SocketRule;

export interface FaultRules {
  readonly seed: string;
  readonly rules: readonly FaultRule[];
}

/**
 * Reads a fault plan: `{"seed"?: text, "rules": […]}`. A rule has a `fault`, says what may meet it by `path` (and `method`) of requests or by
 * `channel` (and `ticker`, `type`) of frames, and when: `rate`, `count`, `after`, `every` n-th, `every_ms`, `burst`, `from_time`, `until`; see
 * {@link Schedule}. `"off": true` leaves it switched off at first. `*` at the end of a path is any end, and as a segment within it any one
 * segment, as for the order book of any market.
 *
 * | fault of a request | what happens | fields |
 * | --- | --- | --- |
 * | `status` | answered instead of carried out, or, when `applied`, after it was | `status` 429, 500, 502, 503 or 504; `body` `json`, `html` or `empty`; `applied` |
 * | `disconnect` | carried out, then the socket ends before the headers | |
 * | `cut` | carried out, then the JSON breaks off | `how`: `destroy` the socket or `end` the body; `at`, share of it |
 * | `html` | carried out, then 200 with a page of HTML | |
 * | `timeout` | carried out, then never answered | |
 * | `delay` | answered later; may come together with another | `ms`, or `from` and `to` |
 * | `stale` | orders, fills, positions and balance read as they were before their owner's requests of the last `ms` | `ms`, 400 when absent |
 * | `duplicate_rows` | the last rows of the page before come again at the head | `rows`, 3 when absent |
 * | `empty_page` | no rows, and another cursor that leads to them | |
 * | `short_page` | fewer rows than asked for, with a cursor | `share` of them, a half when absent |
 * | `repeat_cursor` | the page, with the cursor it was asked with | |
 * | `restart` | the cursor is not understood: the first page again | |
 * | `cutoff` | on arrival the cutoffs move; once unless `count` says more; may come together with another | `date`, or `days` forward |
 *
 * | fault of the socket | what happens | fields |
 * | --- | --- | --- |
 * | `drop` | the frame is not sent; its `seq` is used up | |
 * | `duplicate` | it is sent twice, with the same `seq` | |
 * | `delay` | it is sent later | `ms`, or `from` and `to` |
 * | `reorder` | it is sent behind those of its connection that come next | `frames`, how many; 1 when absent |
 * | `disconnect` | the connection ends before it, without a close frame | |
 * | `error` | the subscription ends instead | `code` 10 or 25, 25 when absent |
 * | `stall` | nothing of this connection is sent for so long, then all of it | `ms`; `pings` false sends and answers none of these either |
 * | `handshake` | a connection is refused; no frame is needed for it | `status`, 502 when absent; `body`; `reconnect` false refuses first ones too |
 *
 * @throws KalshiError `BAD_ARGUMENT`, `BAD_TIME`
 */
export function readFaults(value: unknown): FaultRules {
  const plan = objectAt("the plan", value);
  refuseUnknown("", plan, ["seed", "rules"]);
  const seed = plan.seed ?? "";
  if (typeof seed !== "string") throw wrong("seed", seed, "give a text");
  if (!Array.isArray(plan.rules)) throw wrong("rules", plan.rules, "give a list of rules, such as [] for none");
  return { seed, rules: plan.rules.map((rule: unknown, i) => readRule(`rules[${i}]`, rule)) };
}

/** Reads one rule; `at` names it in what is thrown. @throws KalshiError `BAD_ARGUMENT`, `BAD_TIME` */
export function readRule(at: string, value: unknown): FaultRule {
  const fields = objectAt(at, value);
  return fields.channel === undefined && fields.fault !== "handshake" ? readRest(at, fields) : readSocket(at, fields);
}

function readRest(at: string, fields: Fields): RestRule {
  const { fault, kind } = kindOf(at, fields, restFaults, ["path", "method"]);
  const { method = null } = fields;
  const path = textAt(`${at}.path`, fields.path, PATH_RULE, PATH_HINT);
  const form = new RegExp(`^${path.split(/(\*)/).map(partOf).join("")}$`);
  return {
    on: "rest",
    path,
    fits: (asked) => form.test(asked),
    method: method === null ? null : oneOf(`${at}.method`, method, ["GET", "POST", "PUT", "DELETE"]),
    fault: kind.read(at, fields),
    schedule: readSchedule(at, fields, fault === "cutoff" ? 1 : undefined),
    given: fields as JsonObject,
  };
}

/** Segments without `*`, or `*` alone; at the end `*` may stand behind a beginning. What no request's path can hold is refused. */
const PATH_RULE = /^(\*|(?=\/)(?!\/trade-api\/)(?:\/(?:\*(?=\/)|[^*:?#/]*))+\*?)$/;
const PATH_HINT =
  "give a path below /trade-api/v2, such as /historical/trades or /markets/*, with * for a segment as in /markets/*/orderbook, or the channel of frames";

/** A part of a rule's path, which is text or `*`, as a regular expression. */
function partOf(part: string, i: number, parts: readonly string[]): string {
  if (part !== "*") return part.replace(/[\\^$.+()[\]{}|]/g, "\\$&");
  return parts.slice(i + 1).join("") === "" ? ".*" : "[^/]+";
}

function readSocket(at: string, fields: Fields): SocketRule {
  const { kind } = kindOf(at, fields, socketFaults, ["channel", "ticker", "type"]);
  const { channel = "*", ticker, type } = fields;
  return {
    on: "socket",
    channel: textAt(`${at}.channel`, channel, /^([a-z_0-9]+|\*)$/, "give the name of a channel, or * for any"),
    ticker:
      ticker === undefined
        ? null
        : textAt(`${at}.ticker`, ticker, /^[^*]*\*?$/, "give a ticker, or its beginning and *"),
    type: type === undefined ? null : textAt(`${at}.type`, type, /^[a-z_0-9]+$/, "give a type of frame"),
    fault: kind.read(at, fields),
    schedule: readSchedule(at, fields),
    given: fields as JsonObject,
  };
}

function kindOf<Name extends string, Fault>(
  at: string,
  fields: Fields,
  kinds: Readonly<Record<Name, FaultKind<Fault>>>,
  target: readonly string[],
): { readonly fault: Name; readonly kind: FaultKind<Fault> } {
  const fault = oneOf(`${at}.fault`, fields.fault, Object.keys(kinds) as Name[]);
  const kind = kinds[fault];
  refuseUnknown(`${at}.`, fields, [...target, "fault", ...scheduleFields, "off", ...kind.fields]);
  if (fields.off !== undefined) oneOf(`${at}.off`, fields.off, [true, false]);
  return { fault, kind };
}

/**
 * Reads a fault plan from a file, as JSON; what it says is read by {@link readFaults}.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_FORMAT`
 */
export async function loadFaults(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const code = systemCode(cause) === "ENOENT" ? "FILE_NOT_FOUND" : "FILE_UNREADABLE";
    throw new KalshiError(code, `cannot read the fault plan ${path}: ${messageOf(cause)}`, {
      hint: 'give the path of a JSON file such as {"rules": [{"path": "*", "fault": "status", "status": 503, "rate": 0.02}]}',
      context: { path },
      cause,
    });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new KalshiError("FILE_FORMAT", `the fault plan ${path} is no JSON: ${messageOf(cause)}`, {
      hint: "mend the file; comments and commas at the end are no JSON",
      context: { path },
      cause,
    });
  }
}
