import { SECOND, type Timestamp } from "../../units/time.js";
import { invalidParameter, outOfRange, type RangeTag, Refused } from "../wire/replies.js";

/** Seconds from 1970 that still are a whole number of microseconds. */
const FURTHEST = 9_000_000_000;

/** Reads the query of one operation. Each reader throws {@link Refused} with the exchange's own answer to a bad value. */
export class QueryReader {
  readonly #query: URLSearchParams;
  readonly #operation: string;

  /** `operation` as the exchange's messages call it, `GetMarkets`. */
  constructor(query: URLSearchParams, operation: string) {
    this.#query = query;
    this.#operation = operation;
  }

  /** A text; undefined where absent or empty. */
  text(name: string): string | undefined {
    const value = this.#query.get(name);
    return value === null || value === "" ? undefined : value;
  }

  /** A page size. Over the maximum or under the minimum is refused, not clamped; 0, where allowed, means the default. */
  limit(min: number, max: number, fallback: number, name = "limit"): number {
    const value = this.integer(name);
    if (value === undefined) return fallback;
    if (value > max) throw this.#outOfRange(name, "lte");
    if (value < min) throw this.#outOfRange(name, "gte");
    return value === 0 ? fallback : value;
  }

  integer(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^-?\d{1,15}$/.test(text)) throw this.#outOfRange(name, "number");
    return Number(text);
  }

  required(name: string): string {
    const text = this.text(name);
    if (text === undefined) throw this.#outOfRange(name, "required");
    return text;
  }

  requiredInteger(name: string): number {
    this.required(name);
    return this.integer(name) as number;
  }

  /** A moment given in Unix seconds. What lies beyond all times is as good as the last of them. */
  seconds(name: string): Timestamp | undefined {
    const value = this.integer(name);
    return value === undefined ? undefined : Math.max(-FURTHEST, Math.min(FURTHEST, value)) * SECOND;
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (text === "true" || text === "1") return true;
    if (text === "false" || text === "0") return false;
    throw new Refused(invalidParameter(`${name} should be true or false`));
  }

  /** A comma-separated list; undefined where absent. More than `most` are refused. */
  list(name: string, most = Number.POSITIVE_INFINITY): readonly string[] | undefined {
    const items = this.text(name)
      ?.split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
    if (items !== undefined && items.length > most) throw this.#outOfRange(name, "max");
    return items;
  }

  /** A repeated parameter: `tickers=A&tickers=B`. A comma belongs to the value. More than `most` are refused. */
  repeated(name: string, most: number): readonly string[] {
    const values = this.#query.getAll(name).filter((item) => item !== "");
    if (values.length > most) throw this.#outOfRange(name, "max");
    return values;
  }

  /** A number that must not lie above a maximum; below the minimum nothing is refused. */
  integerUpTo(name: string, most: number): number | undefined {
    const value = this.integer(name);
    if (value !== undefined && value > most) throw this.#outOfRange(name, "lte");
    return value;
  }

  oneOf<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new Refused(invalidParameter(`${name} should be one of ${words.join(", ")}`));
    return word;
  }

  #outOfRange(name: string, tag: RangeTag): Refused {
    return new Refused(outOfRange(this.#operation, fieldName(name), tag));
  }
}

/** `start_ts` as the exchange's own code names it: `StartTs`. */
function fieldName(name: string): string {
  return name
    .split("_")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");
}
