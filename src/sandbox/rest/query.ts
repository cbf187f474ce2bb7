import { SECOND, type Timestamp } from "../../units/time.js";
import { invalidParameter, outOfRange, Refused } from "../wire/replies.js";

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
  limit(min: number, max: number, fallback: number): number {
    const value = this.integer("limit");
    if (value === undefined) return fallback;
    if (value > max) throw this.#outOfRange("limit", "lte");
    if (value < min) throw this.#outOfRange("limit", "gte");
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

  /** A moment given in Unix seconds. */
  seconds(name: string): Timestamp | undefined {
    const value = this.integer(name);
    return value === undefined ? undefined : value * SECOND;
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (text === "true" || text === "1") return true;
    if (text === "false" || text === "0") return false;
    throw new Refused(invalidParameter(`${name} should be true or false`));
  }

  /** A comma-separated list; undefined where absent. */
  list(name: string): readonly string[] | undefined {
    return this.text(name)
      ?.split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  }

  /** A repeated parameter: `tickers=A&tickers=B`. A comma belongs to the value. */
  repeated(name: string): readonly string[] {
    return this.#query.getAll(name).filter((item) => item !== "");
  }

  oneOf<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new Refused(invalidParameter(`${name} should be one of ${words.join(", ")}`));
    return word;
  }

  #outOfRange(name: string, tag: "lte" | "gte" | "required" | "number"): Refused {
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
