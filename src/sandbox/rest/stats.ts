import { type Clock, MILLISECOND } from "../../units/time.js";
import type { JsonObject } from "../types.js";

/** What a sandbox was asked since it started or since it was reset. Tokens are counted where they are taken, in the limits. */
export class Stats {
  readonly #wall: Clock;
  #paths = new Map<string, number>();
  #statuses = new Map<string, number>();
  #requests = 0;
  #lost = 0;
  #mostInFlight = 0;
  #first: number | null = null;
  #last: number | null = null;
  #inFlight = 0;

  constructor(wall: Clock) {
    this.#wall = wall;
  }

  /** A request for an operation, `pattern` as the route has it, has arrived. */
  arrive(pattern: string): void {
    this.#requests += 1;
    this.#paths.set(pattern, (this.#paths.get(pattern) ?? 0) + 1);
    this.#inFlight += 1;
    this.#mostInFlight = Math.max(this.#mostInFlight, this.#inFlight);
    this.#last = this.#wall.now() / MILLISECOND;
    this.#first ??= this.#last;
  }

  /** It was answered, or, as a fault, not or in part. */
  answer(status: number, lost: boolean): void {
    this.#inFlight -= 1;
    if (lost) this.#lost += 1;
    else this.#statuses.set(String(status), (this.#statuses.get(String(status)) ?? 0) + 1);
  }

  reset(): void {
    this.#paths = new Map();
    this.#statuses = new Map();
    this.#requests = 0;
    this.#lost = 0;
    this.#mostInFlight = this.#inFlight;
    this.#first = null;
    this.#last = null;
  }

  describe(): JsonObject {
    return {
      answered_429: this.#statuses.get("429") ?? 0,
      by_path: Object.fromEntries(this.#paths),
      by_status: Object.fromEntries(this.#statuses),
      first_request_ms: this.#first,
      in_flight: this.#inFlight,
      last_request_ms: this.#last,
      lost: this.#lost,
      most_in_flight: this.#mostInFlight,
      requests: this.#requests,
    };
  }
}
