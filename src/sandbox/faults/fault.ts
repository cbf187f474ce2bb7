import { readFile } from "node:fs/promises";
import { KalshiError, messageOf, systemCode } from "../../errors.js";
import { parseTime, type Timestamp } from "../../units/time.js";

/** What a refusal by fault may say. */
const statuses = [429, 500, 502, 503, 504] as const;
/** In what shape it says so; gateways answer HTML or nothing. */
const bodies = ["json", "html", "empty"] as const;

/** What goes wrong with one request. See {@link readFaults} for what each means. */
export type Fault =
  | { readonly fault: "status"; readonly status: (typeof statuses)[number]; readonly body: (typeof bodies)[number] }
  | { readonly fault: "disconnect" | "html" | "timeout" | "empty_page" | "repeat_cursor" | "restart" }
  | { readonly fault: "cut"; readonly how: "destroy" | "end"; readonly at: number }
  | { readonly fault: "delay"; readonly from: number; readonly to: number }
  | { readonly fault: "duplicate_rows"; readonly rows: number }
  | { readonly fault: "short_page"; readonly share: number }
  | { readonly fault: "cutoff"; readonly date: Timestamp | null; readonly days: number };

/** A fault, and which requests meet it. */
export interface FaultRule {
  /** Below the prefix: exact, or the beginning of one with `*` behind. */
  readonly path: string;
  readonly method: string | null;
  readonly fault: Fault;
  /** Share of the matching requests. */
  readonly rate: number;
  /** So many times at most. */
  readonly count: number;
  /** The first so many matching requests are left alone. */
  readonly after: number;
}

export interface FaultRules {
  readonly seed: string;
  readonly rules: readonly FaultRule[];
}

/**
 * Reads a fault plan: `{"seed"?: text, "rules": [{"path", "fault", "method"?, "rate"?, "count"?, "after"?, …}]}`.
 *
 * | fault | what happens | fields |
 * | --- | --- | --- |
 * | `status` | answered instead of carried out | `status` 429, 500, 502, 503 or 504; `body` `json`, `html` or `empty` |
 * | `disconnect` | carried out, then the socket ends before the headers | |
 * | `cut` | carried out, then the JSON breaks off | `how`: `destroy` the socket or `end` the body; `at`, share of it |
 * | `html` | carried out, then 200 with a page of HTML | |
 * | `timeout` | carried out, then never answered | |
 * | `delay` | answered later; may come together with another | `ms`, or `from` and `to` |
 * | `duplicate_rows` | the last rows of the page before come again at the head | `rows`, 3 when absent |
 * | `empty_page` | no rows, and another cursor that leads to them | |
 * | `short_page` | fewer rows than asked for, with a cursor | `share` of them, a half when absent |
 * | `repeat_cursor` | the page, with the cursor it was asked with | |
 * | `restart` | the cursor is not understood: the first page again | |
 * | `cutoff` | on arrival the cutoffs move; once unless `count` says more; may come together with another | `date`, or `days` forward |
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

type Fields = Readonly<Record<string, unknown>>;

const common = ["path", "method", "fault", "rate", "count", "after"] as const;

/** The fields of each fault, and how it is read from them. */
const kinds: Readonly<
  Record<Fault["fault"], { readonly fields: readonly string[]; readonly read: (at: string, fields: Fields) => Fault }>
> = {
  status: { fields: ["status", "body"], read: readStatus },
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
  cutoff: { fields: ["date", "days"], read: readCutoff },
};

function readRule(at: string, value: unknown): FaultRule {
  const fields = objectAt(at, value);
  const name = oneOf(`${at}.fault`, fields.fault, Object.keys(kinds) as Fault["fault"][]);
  const kind = kinds[name];
  refuseUnknown(`${at}.`, fields, [...common, ...kind.fields]);
  const { path, method = null } = fields;
  if (typeof path !== "string" || !/^(\/[^*]*\*?|\*)$/.test(path)) {
    throw wrong(`${at}.path`, path, "give a path below /trade-api/v2, such as /historical/trades or /markets/*");
  }
  return {
    path,
    method: method === null ? null : oneOf(`${at}.method`, method, ["GET", "POST", "PUT", "DELETE"]),
    fault: kind.read(at, fields),
    rate: numberIn(`${at}.rate`, fields.rate ?? 1, 0, 1),
    count: fields.count === undefined ? defaultCount(name) : wholeFrom(`${at}.count`, fields.count, 0),
    after: wholeFrom(`${at}.after`, fields.after ?? 0, 0),
  };
}

function defaultCount(name: Fault["fault"]): number {
  return name === "cutoff" ? 1 : Number.POSITIVE_INFINITY;
}

function readStatus(at: string, fields: Fields): Fault {
  const status = oneOf(`${at}.status`, fields.status, statuses);
  const body = oneOf(`${at}.body`, fields.body ?? (status > 500 ? "html" : "json"), bodies);
  return { fault: "status", status, body };
}

function readDelay(at: string, { ms, from, to }: Fields): Fault {
  const least = numberIn(`${at}.${ms === undefined ? "from" : "ms"}`, ms ?? from, 0, 3_600_000);
  return { fault: "delay", from: least, to: numberIn(`${at}.to`, to ?? least, least, 3_600_000) };
}

function readCutoff(at: string, { date, days }: Fields): Fault {
  if ((date === undefined) === (days === undefined)) {
    throw wrong(`${at}.date`, date, "give either `date`, RFC 3339, or `days` to move forward by");
  }
  if (date === undefined) return { fault: "cutoff", date: null, days: wholeFrom(`${at}.days`, days, 1) };
  if (typeof date !== "string") throw wrong(`${at}.date`, date, "give RFC 3339");
  return { fault: "cutoff", date: parseTime(date), days: 0 };
}

function objectAt(at: string, value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw wrong(at, value, "give a JSON object");
}

function refuseUnknown(at: string, fields: Fields, known: readonly string[]): void {
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown !== undefined) throw wrong(`${at}${unknown}`, fields[unknown], `known here are ${known.join(", ")}`);
}

function oneOf<Value>(at: string, value: unknown, known: readonly Value[]): Value {
  const found = known.find((one) => one === value);
  if (found === undefined) throw wrong(at, value, `give one of ${known.join(", ")}`);
  return found;
}

function numberIn(at: string, value: unknown, least: number, most: number): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw wrong(at, value, `give a number from ${least} to ${most}`);
}

function wholeFrom(at: string, value: unknown, least: number): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw wrong(at, value, `give a whole number from ${least} on`);
}

function wrong(field: string, found: unknown, hint: string): KalshiError {
  const shown = found === undefined ? "missing" : JSON.stringify(found);
  return new KalshiError("BAD_ARGUMENT", `fault plan: ${field} is ${shown}`, { hint, context: { field, found } });
}
