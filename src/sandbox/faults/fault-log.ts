import type { JsonObject } from "../types.js";

const KEPT_STRIKES = 10_000;

/** One strike: what was done, by which rule, and to whom. Fields that do not apply are null. */
export interface Strike {
  /** Number of the rule. */
  readonly rule: number;
  readonly fault: string;
  /** On the sandbox's clock, RFC 3339. */
  readonly time: string;
  readonly user_id: string | null;
  /** `GET /markets`, below the prefix. */
  readonly request: string | null;
  /** Number of the connection, counted from 1. */
  readonly session: number | null;
  readonly channel: string | null;
  readonly type: string | null;
  readonly ticker: string | null;
  readonly sid: number | null;
  readonly seq: number | null;
}

/** What faults have done, newest kept: ten thousand strikes. */
export class FaultLog {
  #strikes: Strike[] = [];
  #total = 0;

  /** Writes a strike down, and gives what takes it back. */
  note(about: Pick<Strike, "rule" | "fault" | "time"> & Partial<Strike>): () => void {
    const strike: Strike = {
      user_id: null,
      request: null,
      session: null,
      channel: null,
      type: null,
      ticker: null,
      sid: null,
      seq: null,
      ...about,
    };
    this.#strikes.push(strike);
    this.#total += 1;
    if (this.#strikes.length >= 2 * KEPT_STRIKES) this.#strikes = this.#strikes.slice(-KEPT_STRIKES);
    return () => {
      const at = this.#strikes.lastIndexOf(strike);
      if (at < 0) return;
      this.#strikes.splice(at, 1);
      this.#total -= 1;
    };
  }

  /** Oldest first, the newest `most`, and how many there have been in all. */
  describe(most = KEPT_STRIKES): JsonObject {
    const kept = Math.min(most, KEPT_STRIKES, this.#strikes.length);
    const strikes = this.#strikes.slice(this.#strikes.length - kept).map((strike) => ({ ...strike }));
    return { strikes, total: this.#total };
  }
}
