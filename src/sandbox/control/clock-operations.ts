import { KalshiError } from "../../errors.js";
import { type Clock, type Duration, formatTime, MINUTE, parseTime, SECOND, type Timestamp } from "../../units/time.js";
import type { Engine } from "../engine/engine.js";
import type { Json } from "../types.js";
import type { SandboxClock } from "../world/clock.js";
import type { Rolling } from "../world/rolling.js";

/** Within this span every moment is lived through; what is further off is leapt to. */
const LIVED: Duration = MINUTE;
const STEP: Duration = SECOND;

/** As far as the clock goes: the years of tickers have two digits. */
const LAST: Timestamp = Date.UTC(2099, 11, 31) * 1000;
const FASTEST = 1_000_000;

export interface TimeParts {
  readonly clock: SandboxClock;
  readonly wall: Clock;
  readonly rolling: Rolling;
  readonly engine: Engine;
}

/** Moves the sandbox's own clock, and everything with it. */
export class Timekeeper {
  readonly #parts: TimeParts;

  constructor(parts: TimeParts) {
    this.#parts = parts;
  }

  /**
   * Puts the clock forward to a moment. Within a minute everything happens as if it had run there. Further on it leaps: what was to
   * close, expire and settle in between does so in its order and at its time, new events appear with the trades they have had by then,
   * and only the makers of the markets that were open stood still.
   *
   * @throws KalshiError `BAD_TIME` for a moment that is past, or too far ahead
   */
  moveTo(time: Timestamp): void {
    const { clock, rolling, engine } = this.#parts;
    const now = clock.now();
    if (!(time >= now && time <= LAST)) {
      throw new KalshiError("BAD_TIME", `the clock cannot be put from ${formatTime(now)} to ${shown(time)}`, {
        hint: `give a moment after its present and not after ${formatTime(LAST)}`,
        context: { now: formatTime(now), time: shown(time) },
      });
    }
    let at = time - now > LIVED ? time : now;
    do {
      at = Math.min(time, at + STEP);
      clock.putForward(at);
      rolling.step();
      engine.step(at);
    } while (at < time);
  }

  /** The same for a span from now on. */
  moveBy(span: Duration): void {
    this.moveTo(this.#parts.clock.now() + span);
  }

  /** Lets the clock run so many times as fast as the wall; at 0 it stands until it is moved. @throws KalshiError `BAD_ARGUMENT` */
  setSpeed(speed: number): void {
    if (!(speed >= 0 && speed <= FASTEST)) {
      throw new KalshiError("BAD_ARGUMENT", `the clock cannot run at ${speed} times the wall's speed`, {
        hint: `give a number from 0 to ${FASTEST}`,
        context: { speed },
      });
    }
    this.#parts.clock.go(speed, this.#parts.wall);
  }

  /** What `POST /clock` does: `to`, `by` and `speed`, each if it is there; tells what the clock shows then. */
  operate(query: URLSearchParams): Json {
    const { clock } = this.#parts;
    const [to, by, speed] = [query.get("to"), query.get("by"), query.get("speed")];
    if (to !== null && by !== null) {
      throw new KalshiError("BAD_ARGUMENT", "`to` and `by` exclude each other", { hint: "give one of them" });
    }
    const factor = speed === null ? null : numberOf("speed", speed);
    const span = by === null ? null : Math.round(numberOf("by", by) * SECOND);
    if (to !== null) this.moveTo(parseTime(to));
    if (span !== null) this.moveBy(span);
    if (factor !== null) this.setSpeed(factor);
    return { now: formatTime(clock.now()), speed: clock.speed };
  }
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new KalshiError("BAD_ARGUMENT", `${name} is ${JSON.stringify(text)}, which is no number`, {
    hint: name === "by" ? "give seconds" : "give how many times as fast as the wall",
    context: { [name]: text },
  });
}

function shown(time: Timestamp): string {
  const last = 8.64e18;
  return Number.isFinite(time) && Math.abs(time) < last ? formatTime(Math.round(time)) : String(time);
}
