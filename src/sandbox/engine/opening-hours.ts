import type { Clock } from "../../units/time.js";
import { maintenanceAt } from "../world/maintenance.js";
import type { ExchangeOperations } from "./halts.js";

const TICK_MS = 200;

/** Pauses the exchange while a maintenance window lasts, unless it is paused already, and ends its own pause after. */
export class OpeningHours {
  readonly #exchange: ExchangeOperations;
  readonly #clock: Clock;
  #isOurs = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(exchange: ExchangeOperations, clock: Clock) {
    this.#exchange = exchange;
    this.#clock = clock;
  }

  /** Looks at the clock now, and goes on by a timer of wall time that does not keep the process alive. */
  start(): void {
    this.step();
    this.#timer ??= setInterval(() => this.step(), TICK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  step(): void {
    const isResting = maintenanceAt(this.#clock.now()) !== null;
    if (isResting && this.#exchange.halted() === "none") {
      this.#exchange.pauseExchange();
      this.#isOurs = true;
    } else if (!isResting && this.#isOurs) {
      // Somebody may have ended it before its time.
      if (this.#exchange.halted() === "exchange") this.#exchange.resumeExchange();
      this.#isOurs = false;
    }
  }
}
