import { type Clock, formatTime, type Timestamp } from "../../units/time.js";
import type { JsonObject } from "../types.js";
import { Random } from "../world/random.js";
import { type FaultRule, type FaultRules, type RestRule, readFaults, readRule, type SocketRule } from "./fault.js";
import { FaultLog, type Strike } from "./fault-log.js";
import { Strikes } from "./schedule.js";

/** A rule at work. */
export class Running<Rule extends FaultRule = FaultRule> {
  readonly id: number;
  readonly rule: Rule;
  readonly strikes: Strikes;
  isOn: boolean;
  readonly #delays: Random;

  constructor(id: number, rule: Rule, seed: string) {
    const name = `${seed}/faults/${id}`;
    this.id = id;
    this.rule = rule;
    this.isOn = rule.given.off !== true;
    this.strikes = new Strikes(rule.schedule, name);
    this.#delays = new Random(`${name}/delays`);
  }

  delay({ from, to }: { readonly from: number; readonly to: number }): number {
    return from + this.#delays.next() * (to - from);
  }
}

/**
 * What goes wrong and when, by rules of which each counts what fits it. The same plan and the same order of requests and frames give the
 * same faults. A rule that is switched off neither counts nor draws.
 */
export class FaultPlan {
  readonly log = new FaultLog();
  readonly #clock: Clock;
  #seed = "";
  #next = 0;
  #rest: readonly Running<RestRule>[] = [];
  #socket: readonly Running<SocketRule>[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Replaces the plan; its counts begin anew. @throws KalshiError `BAD_ARGUMENT`, `BAD_TIME`, and then nothing has changed */
  replace(plan: unknown): void {
    this.use(readFaults(plan));
  }

  use({ seed, rules }: FaultRules): void {
    this.#seed = seed;
    this.#next = 0;
    this.#rest = [];
    this.#socket = [];
    for (const rule of rules) this.#add(rule);
  }

  /** Adds one rule behind the others and gives its number. @throws KalshiError `BAD_ARGUMENT`, `BAD_TIME` */
  add(rule: unknown): number {
    return this.#add(readRule("the rule", rule));
  }

  #add(rule: FaultRule): number {
    const id = this.#next;
    this.#next += 1;
    if (rule.on === "rest") this.#rest = [...this.#rest, new Running(id, rule, this.#seed)];
    else this.#socket = [...this.#socket, new Running(id, rule, this.#seed)];
    return id;
  }

  /** False where there is no such rule. */
  remove(id: number): boolean {
    if (this.#find(id) === undefined) return false;
    this.#rest = this.#rest.filter((running) => running.id !== id);
    this.#socket = this.#socket.filter((running) => running.id !== id);
    return true;
  }

  /** False where there is no such rule. */
  switch(id: number, isOn: boolean): boolean {
    const found = this.#find(id);
    if (found !== undefined) found.isOn = isOn;
    return found !== undefined;
  }

  get now(): Timestamp {
    return this.#clock.now();
  }

  get rest(): readonly Running<RestRule>[] {
    return this.#rest;
  }

  get socket(): readonly Running<SocketRule>[] {
    return this.#socket;
  }

  /** Counts a strike and writes it down; gives what takes both back. */
  strike(running: Running, about: Partial<Strike>): () => void {
    running.strikes.injected += 1;
    const { fault } = running.rule.fault;
    const unnote = this.log.note({ ...about, rule: running.id, fault, time: formatTime(this.now) });
    return () => {
      running.strikes.injected -= 1;
      unnote();
    };
  }

  /** For each rule how much fitted it and how often it struck. */
  describe(): readonly JsonObject[] {
    return this.#all().map(({ rule, strikes: { matched, injected } }) => ({
      fault: rule.fault.fault,
      injected,
      matched,
      ...(rule.on === "rest" ? { path: rule.path } : { channel: rule.channel }),
    }));
  }

  /** The same with each rule's number, whether it is on, and the rule as it was written. */
  list(): readonly JsonObject[] {
    return this.#all().map(({ id, isOn, rule, strikes: { matched, injected } }) => ({
      id,
      injected,
      matched,
      on: isOn,
      rule: rule.given,
    }));
  }

  #all(): readonly Running[] {
    return [...this.#rest, ...this.#socket].sort((a, b) => a.id - b.id);
  }

  #find(id: number): Running | undefined {
    return this.#all().find((running) => running.id === id);
  }
}
