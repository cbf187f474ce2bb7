import type { JsonObject } from "../types.js";
import { Random } from "../world/random.js";
import { type Fault, type FaultRule, type FaultRules, readFaults } from "./fault.js";

/** What is to happen to one request beside or instead of what it asks. */
export interface Struck {
  /** Milliseconds to be added to the latency. */
  readonly delayMs: number;
  readonly fault: Fault | null;
  /** Whether the page before this cursor has to be remembered, for rows of it may come again. */
  readonly remembers: boolean;
  /** Takes the fault back: it did not fit the answer. */
  undo(): void;
}

const NOTHING: Struck = { delayMs: 0, fault: null, remembers: false, undo: () => undefined };

/** A rule with its own chance and its own count of the requests that matched it. */
class Running {
  readonly rule: FaultRule;
  readonly #chance: Random;
  readonly #delays: Random;
  matched = 0;
  injected = 0;

  constructor(rule: FaultRule, name: string) {
    this.rule = rule;
    this.#chance = new Random(name);
    this.#delays = new Random(`${name}/delays`);
  }

  matches(method: string, path: string): boolean {
    const { path: wanted } = this.rule;
    if (this.rule.method !== null && this.rule.method !== method) return false;
    return wanted.endsWith("*") ? path.startsWith(wanted.slice(0, -1)) : path === wanted;
  }

  /** Whether the next matching request is hit. Draws for every one, so that the n-th depends on nothing but the seed and n. */
  isHit(): boolean {
    this.matched += 1;
    const drawn = this.#chance.next() < this.rule.rate;
    return drawn && this.matched > this.rule.after && this.injected < this.rule.count;
  }

  delay(from: number, to: number): number {
    return from + this.#delays.next() * (to - from);
  }
}

/**
 * What goes wrong and when, by rules of which each counts its own requests. The first rule that hits a request decides; delays and
 * moves of the cutoff come on top. The same plan and the same order of requests give the same faults.
 */
export class FaultPlan {
  readonly #moveCutoff: (fault: Extract<Fault, { fault: "cutoff" }>) => void;
  #running: readonly Running[] = [];

  constructor(moveCutoff: (fault: Extract<Fault, { fault: "cutoff" }>) => void) {
    this.#moveCutoff = moveCutoff;
  }

  /** Replaces the plan; its counts begin anew. @throws KalshiError `BAD_ARGUMENT`, `BAD_TIME`, and then nothing has changed */
  replace(plan: unknown): void {
    this.use(readFaults(plan));
  }

  use({ seed, rules }: FaultRules): void {
    this.#running = rules.map((rule, i) => new Running(rule, `${seed}/faults/${i}`));
  }

  /** To be called once for each request, as it arrives. `cursor` as asked with, `remembered` whether rows before it are known. */
  arrive(method: string, path: string, cursor: string, remembered: boolean): Struck {
    if (this.#running.length === 0) return NOTHING;
    let delayMs = 0;
    let chosen: Running | null = null;
    let remembers = false;
    for (const running of this.#running) {
      if (!running.matches(method, path)) continue;
      const { fault } = running.rule;
      remembers ||= fault.fault === "duplicate_rows";
      if (!running.isHit()) continue;
      if (fault.fault === "delay") delayMs += running.delay(fault.from, fault.to);
      else if (fault.fault === "cutoff") this.#moveCutoff(fault);
      else if (chosen !== null || !fits(fault, cursor, remembered)) continue;
      else chosen = running;
      running.injected += 1;
    }
    const found = chosen;
    const undo = () => {
      if (found !== null) found.injected -= 1;
    };
    return { delayMs, fault: found?.rule.fault ?? null, remembers, undo };
  }

  /** For each rule how many requests matched it and how often it struck. */
  describe(): readonly JsonObject[] {
    return this.#running.map(({ rule, matched, injected }) => ({
      fault: rule.fault.fault,
      injected,
      matched,
      path: rule.path,
    }));
  }
}

/** Some faults need a page that was asked with a cursor. */
function fits({ fault }: Fault, cursor: string, remembered: boolean): boolean {
  if (fault === "restart" || fault === "repeat_cursor") return cursor !== "";
  return fault !== "duplicate_rows" || remembered;
}
