import { KalshiError } from "../errors.js";

/** The names of options: all of a type's, so that one that is added is not refused. */
export type Names<T> = Readonly<Record<keyof T, true>>;

/** What a number may be. */
export interface Bounds {
  /** Included. Default: more than 0. */
  readonly least?: number;
  /** Included. Default: any that is finite. */
  readonly most?: number;
  readonly isWhole?: boolean;
}

/**
 * Refuses options that are no object, and those that nobody would read: a word misspelt would otherwise ask for something else.
 *
 * @throws KalshiError `BAD_ARGUMENT`
 */
export function refuseUnknown<T extends object>(what: string, given: T, names: Names<T>): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new KalshiError("BAD_ARGUMENT", `${what} takes its options as an object, not ${shown(given)}`, {
      hint: `give { … } with some of ${Object.keys(names).join(", ")}`,
      context: { found: shown(given) },
    });
  }
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(names, name));
  if (unknown === undefined) return;
  throw new KalshiError("BAD_ARGUMENT", `${what} has no option ${JSON.stringify(unknown)}`, {
    hint: `it takes ${Object.keys(names).join(", ")}`,
    context: { found: unknown },
  });
}

/**
 * A number that a caller gave, if it is one and within its bounds.
 *
 * @param hint what to give instead
 * @throws KalshiError `BAD_ARGUMENT`
 */
export function readNumber(name: string, value: number, bounds: Bounds, hint: string): number {
  const { least, most = Number.MAX_VALUE, isWhole = false } = bounds;
  const isEnough = least === undefined ? value > 0 : value >= least;
  const isOne = typeof value === "number" && isEnough && value <= most && (!isWhole || Number.isInteger(value));
  if (isOne) return value;
  throw new KalshiError("BAD_ARGUMENT", `${name}: ${shown(value)}`, { hint, context: { [name]: value } });
}

/** One of several words that a caller gave. @throws KalshiError `BAD_ARGUMENT` */
export function readWord<W extends string>(name: string, value: W, words: readonly W[]): W {
  if (words.includes(value)) return value;
  throw new KalshiError("BAD_ARGUMENT", `${name}: ${shown(value)}`, {
    hint: `give ${words.map((word) => JSON.stringify(word)).join(" or ")}`,
    context: { [name]: value },
  });
}

/** A value as an error names it. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  const isOpaque = (typeof value === "object" && value !== null) || typeof value === "function";
  return isOpaque ? Object.prototype.toString.call(value) : String(value);
}
