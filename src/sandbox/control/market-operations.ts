import { KalshiError } from "../../errors.js";
import { DOLLAR, parsePrice } from "../../units/price.js";
import { parseTime } from "../../units/time.js";
import type { Engine } from "../engine/engine.js";
import type { Json, JsonObject, Outcome } from "../types.js";

type Act = (engine: Engine, ticker: string, body: JsonObject) => void;

const ACTS: Readonly<Record<string, Act>> = {
  pause: (engine, ticker) => engine.pause(ticker),
  resume: (engine, ticker) => engine.resume(ticker),
  "close-early": (engine, ticker) => engine.closeEarly(ticker),
  "close-date": (engine, ticker, body) => engine.moveClose(ticker, parseTime(textOf(body, "close_time"))),
  determine: (engine, ticker, body) =>
    engine.determine(ticker, body.result === undefined ? undefined : outcomeOf(body)),
  dispute: (engine, ticker) => engine.dispute(ticker),
  uphold: (engine, ticker) => engine.uphold(ticker),
  amend: (engine, ticker, body) => engine.amendResult(ticker, outcomeOf(body)),
  "price-structure": (engine, ticker, body) => engine.setPriceStructure(ticker, textOf(body, "price_level_structure")),
  metadata: (engine, ticker, body) => engine.updateMetadata(ticker, body),
};

const HALTS: Readonly<Record<string, (engine: Engine) => void>> = {
  "pause-trading": (engine) => engine.pauseTrading(),
  pause: (engine) => engine.pauseExchange(),
  resume: (engine) => engine.resumeExchange(),
};

/**
 * What the control server lets a caller do to markets and to the exchange; undefined for what is none of it.
 *
 * | operation | body | what it does |
 * | --- | --- | --- |
 * | `POST /markets/T/pause`, `/resume` | | takes a market out of trading, and lets it go on |
 * | `POST /markets/T/close-early` | | closes it now |
 * | `POST /markets/T/close-date` | `close_time` RFC 3339 | closes it at another time, or opens it again until then |
 * | `POST /markets/T/determine` | `result`, `settlement_value` where scalar; or nothing for the planned one | makes a result public |
 * | `POST /markets/T/dispute`, `/uphold` | | challenges a result, and ends that without a change |
 * | `POST /markets/T/amend` | as of `determine` | ends a dispute with another result |
 * | `POST /markets/T/price-structure` | `price_level_structure` | gives it another price grid |
 * | `POST /markets/T/metadata` | the changed fields | changes its strike or its YES title |
 * | `POST /exchange/pause-trading`, `/pause`, `/resume` | | halts trading, or everything, and ends that |
 *
 * `operated` is told the ticker of a market that something was done to.
 *
 * @throws KalshiError `MARKET_NOT_FOUND`, `BAD_ARGUMENT`, `BAD_TIME`, `BAD_PRICE`
 */
export function marketOperation(
  engine: Engine,
  operation: string,
  sent: string,
  operated: (ticker: string) => void = () => undefined,
): Json | undefined {
  const halt = /^POST \/exchange\/([a-z-]+)$/.exec(operation)?.[1];
  if (halt !== undefined && Object.hasOwn(HALTS, halt)) {
    HALTS[halt]?.(engine);
    return { halted: engine.halted() };
  }
  const [, ticker, name] = /^POST \/markets\/([^/]+)\/([a-z-]+)$/.exec(operation) ?? [];
  if (ticker === undefined || name === undefined || !Object.hasOwn(ACTS, name)) return undefined;
  const market = decodeURIComponent(ticker);
  ACTS[name]?.(engine, market, bodyOf(sent));
  operated(market);
  return {};
}

function bodyOf(sent: string): JsonObject {
  const body: unknown = sent.trim() === "" ? {} : JSON.parse(sent);
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as JsonObject;
  throw wrong("the body should be an object", "send the fields of the operation as JSON");
}

function textOf(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value === "string") return value;
  throw wrong(`${name} is missing`, `send {"${name}": "…"}`);
}

function outcomeOf(body: JsonObject): Outcome {
  const { result } = body;
  if (result === "yes" || result === "no") {
    return { result, value: result === "yes" ? DOLLAR : 0, observed: observedOf(body) };
  }
  if (result !== "scalar") throw wrong("result is missing", "give yes, no, or scalar with a settlement_value");
  const value = parsePrice(textOf(body, "settlement_value"));
  if (value < 0 || value > DOLLAR) throw wrong(`no settlement value: ${value / DOLLAR}`, "give dollars from 0 to 1");
  return { result, value, observed: observedOf(body) };
}

function observedOf({ expiration_value: value }: JsonObject): string {
  return typeof value === "string" ? value : "";
}

function wrong(message: string, hint: string): KalshiError {
  return new KalshiError("BAD_ARGUMENT", message, { hint, context: {} });
}
