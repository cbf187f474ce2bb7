import { KalshiError } from "../errors.js";

/**
 * An option as it is given, which TypeScript has checked for some callers and nobody for the others.
 *
 * @throws KalshiError `BAD_ARGUMENT` naming what may be given
 */
export function oneOf<Value extends string>(name: string, value: unknown, known: readonly Value[]): Value {
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  throw new KalshiError("BAD_ARGUMENT", `no ${name}: ${JSON.stringify(value) ?? "nothing"}`, {
    hint: `give ${known.map((one) => JSON.stringify(one)).join(" or ")}`,
    context: { name, found: value },
  });
}

/**
 * Options, or the parts of an input, as an object.
 *
 * @throws KalshiError `BAD_ARGUMENT`
 */
export function objectGiven<Given extends object>(name: string, given: Given): Given {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return given;
  throw new KalshiError(
    "BAD_ARGUMENT",
    `${name}: ${JSON.stringify(given) ?? "nothing"} was given, and an object is needed`,
    {
      hint: "give them by name, such as `{ fills }`; options that are not needed are left out",
      context: { argument: name },
    },
  );
}

/** `bid` gets longer YES, `ask` longer NO. @throws KalshiError `BAD_ARGUMENT` */
export function orderSide(side: unknown): "bid" | "ask" {
  return oneOf("side of an order, of which a bid gets longer YES and an ask longer NO", side, ["bid", "ask"]);
}

/** Fees without terms would be made up. @throws KalshiError `BAD_ARGUMENT` */
export function termsGiven<Terms>(terms: Terms | undefined | null): Terms {
  if (typeof terms === "object" && terms !== null) return terms;
  throw new KalshiError("BAD_ARGUMENT", "no fee terms are given", {
    hint: 'give `terms: { feeType: "quadratic", multiplier: 1 }`, or a calendar: `terms: await lab.fees.calendar({ ticker })`',
    context: {},
  });
}
