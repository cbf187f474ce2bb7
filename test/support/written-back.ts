import { isDeepStrictEqual } from "node:util";
import { formatCount } from "../../src/units/count.js";
import { formatPrice } from "../../src/units/price.js";
import { formatTime } from "../../src/units/time.js";

// How this library's records stand to the exchange's own answers, written apart from the tables by which the library reads them: a
// mistake in one does not hide one in the other.

type Loose = Readonly<Record<string, unknown>>;

/** Where a parsed answer is not what the exchange sent; empty when nothing is missing, added or changed. */
export function differences(sent: unknown, parsed: unknown, key = "", at = "$"): readonly string[] {
  if (Array.isArray(sent) && Array.isArray(parsed)) {
    if (sent.length !== parsed.length) return [`${at}: ${sent.length} items, ${parsed.length} here`];
    return sent.flatMap((one: unknown, index) => differences(one, parsed[index], key, `${at}[${index}]`));
  }
  if (isLevel(sent, key)) return levelDifferences(sent, parsed as Loose, at);
  if (isObject(sent) && isObject(parsed)) return objectDifferences(sent, parsed, at);
  const back = writtenBack(key, sent, parsed);
  return isDeepStrictEqual(sent, back)
    ? []
    : [`${at}: ${JSON.stringify(sent)} was sent, ${JSON.stringify(parsed)} is here`];
}

function objectDifferences(sent: Loose, parsed: Loose, at: string): readonly string[] {
  const left = new Set(Object.keys(parsed));
  const found = Object.entries(sent).flatMap(([key, value]) => {
    const name = namesOf(key, value).find((one) => left.delete(one));
    return name === undefined
      ? [`${at}.${key} is missing here`]
      : differences(value, parsed[name], key, `${at}.${key}`);
  });
  // What was not sent is null here, and nothing is left over.
  const added = [...left].filter((name) => parsed[name] !== null).map((name) => `${at}.${name} was not sent`);
  return [...found, ...added];
}

/** A price with its count, which is a pair on the wire. */
function isLevel(sent: unknown, key: string): sent is readonly [string, string] {
  return /^(yes|no)_dollars$/.test(key) && Array.isArray(sent) && sent.length === 2 && typeof sent[0] === "string";
}

function levelDifferences([price, count]: readonly [string, string], level: Loose, at: string): readonly string[] {
  return [
    ...differences(price, level.price, "price_dollars", `${at}.price`),
    ...differences(count, level.count, "count_fp", `${at}.count`),
  ];
}

const renamed: Readonly<Record<string, string>> = {
  end_date: "end_time",
  end_period_ts: "end_time",
  occurrence_datetime: "occurrence_time",
  orderbook_fp: "orderbook",
  series_fee_change_arr: "series_fee_changes",
  settlement_ts: "settlement_time",
  start_date: "start_time",
  start_datetime: "start_time",
  end_datetime: "end_time",
  strike_date: "strike_time",
};

/** The names under which a key may be here, the likeliest first. */
function namesOf(key: string, value: unknown): readonly string[] {
  // The balance in cents stands beside the exact one, which has the shorter name here.
  if (key === "balance" && typeof value === "number") return ["balance_cents"];
  return [
    renamed[key] ?? key,
    key.replace(/_dollars$|_fp$/, ""),
    key.replace(/_ts$/, "_time"),
    key.replace(/_ts_ms$/, "_time"),
  ];
}

const amounts = /_dollars$|^(fee_cost|start|end|step|open|high|low|close|mean|previous|balance)$/;
const counts = /_fp$|^(volume|open_interest)$/;
const cents = /^(portfolio_value|balance|revenue|value)$/;
const centicents = /^(period_reward|max_reward_per_account)$/;

/** What is here, as the exchange would write it. */
function writtenBack(key: string, sent: unknown, parsed: unknown): unknown {
  if (typeof parsed !== "number") return parsed;
  if (typeof sent === "string") {
    if (amounts.test(key)) return withDecimals(formatPrice(parsed), sent);
    if (counts.test(key)) return formatCount(parsed);
    return formatTime(parsed);
  }
  if (cents.test(key)) return parsed / 10_000;
  if (centicents.test(key)) return parsed / 100;
  if (/_ts_ms$/.test(key)) return parsed / 1_000;
  return /(^|_)ts$/.test(key) ? parsed / 1_000_000 : parsed;
}

/** Portfolio money has six decimals on the wire and prices four; a zero more or less is the same amount. */
function withDecimals(text: string, sent: string): string {
  const decimals = sent.split(".")[1]?.length ?? 0;
  const [whole = "", fraction = ""] = text.split(".");
  return `${whole}.${fraction.padEnd(6, "0").replace(/0+$/, "").padEnd(decimals, "0")}`;
}

function isObject(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
