import type { Timestamp } from "../../units/time.js";
import type { Engine } from "../engine/engine.js";
import type { Reply } from "../types.js";
import type { MemoryWorld } from "../world/world.js";
import { HTML, isLost, refusedWith } from "./deliver.js";
import type { RestRule } from "./fault.js";
import { type Ask, type Asked, PageFaults, readAsked, type Spoiled } from "./fault-pages.js";
import { FaultPlan, type Running } from "./fault-plan.js";
import { FrameInjector } from "./frame-injector.js";
import type { RestFault } from "./rest-fault.js";
import { StaleReads } from "./stale-reads.js";

/** A request as it arrives. */
export interface Arriving {
  readonly method: string;
  /** Below the prefix. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Who signed; null for nobody. */
  readonly userId: string | null;
}

/** What goes wrong with one request. */
export interface Injected {
  readonly delayMs: number;
  readonly fault: RestFault | null;
  /** A 429 on purpose takes no tokens; everything else that arrives does. */
  readonly isFree: boolean;
  /** Takes it back, where the request was refused before. */
  undo(): void;
  /** The answer with its fault. `ask` carries the request out, with the query it is given. */
  reply(ask: Ask, isSigned: boolean): Promise<Reply>;
}

export interface InjectorOptions {
  readonly world: MemoryWorld;
  readonly engine: Engine;
}

/** The fault plan of a running sandbox, beside what its faults need to know: ends of pages, orders as they were, connections. */
export class FaultInjector {
  readonly plan: FaultPlan;
  /** The half of it that strikes sockets. */
  readonly frames: FrameInjector;
  readonly #world: MemoryWorld;
  readonly #engine: Engine;
  readonly #pages = new PageFaults();
  readonly #stale = new StaleReads();

  constructor({ world, engine }: InjectorOptions) {
    this.plan = new FaultPlan(world.clock);
    this.frames = new FrameInjector(this.plan);
    this.#world = world;
    this.#engine = engine;
  }

  /** To be called once for each request as it arrives. The first rule that hits decides; delays and moves of the cutoff come on top. */
  arrive(request: Arriving): Injected {
    const { method, path, query, userId } = request;
    const asked = readAsked(path, query);
    const fitting = this.plan.rest.filter((running) => running.isOn && matches(running.rule, method, path));
    if (fitting.length === 0 && !this.#remembersMembers()) return untouched(asked);
    const about = { request: `${method} ${path}`, user_id: userId };
    let delayMs = 0;
    let fault: RestFault | null = null;
    let unstrike = () => {};
    for (const running of fitting) {
      if (!running.strikes.isHit(this.plan.now)) continue;
      const found = running.rule.fault;
      if (found.fault === "delay") delayMs += running.delay(found);
      else if (found.fault === "cutoff") this.#moveCutoff(found);
      else if (fault !== null || !this.#fits(found, asked, method)) continue;
      else {
        fault = found;
        unstrike = this.plan.strike(running, about);
        continue;
      }
      this.plan.strike(running, about);
    }
    const remembers = fitting.some(({ rule }) => rule.fault.fault === "duplicate_rows");
    const injected = {
      delayMs,
      fault,
      isFree: fault?.fault === "status" && fault.status === 429,
      undo() {
        unstrike();
        unstrike = () => {};
        injected.fault = null;
      },
      reply: async (ask: Ask, isSigned: boolean) => {
        if (method !== "GET" && userId !== null && this.#remembersMembers()) {
          const at = { wallMs: this.#nowMs(), time: this.#world.clock.now() };
          this.#stale.remember(userId, this.#engine.member(userId).accounts, at);
        }
        const { reply, isSpoiled } = await this.#reply(fault, { ...asked, userId }, ask, isSigned);
        if (!isSpoiled) injected.undo();
        if (remembers) this.#pages.remember(path, reply);
        return reply;
      },
    };
    return injected;
  }

  async #reply(
    fault: RestFault | null,
    asked: Asked & { readonly userId: string | null },
    ask: Ask,
    isSigned: boolean,
  ): Promise<Spoiled> {
    if (fault?.fault === "status") {
      if (fault.applied) await ask(asked.query);
      return { reply: refusedWith(fault, isSigned), isSpoiled: true };
    }
    if (fault?.fault === "html") {
      await ask(asked.query);
      return { reply: HTML, isSpoiled: true };
    }
    if (fault?.fault === "stale") {
      const stale =
        asked.userId === null
          ? null
          : this.#stale.read(this.#engine.member(asked.userId).accounts, fault.ms, this.#nowMs(), () =>
              ask(asked.query),
            );
      return { reply: await (stale ?? ask(asked.query)), isSpoiled: stale !== null };
    }
    // What is lost on the way is carried out all the same.
    if (fault === null || isLost(fault)) return { reply: await ask(asked.query), isSpoiled: fault !== null };
    return this.#pages.spoil(fault, asked, ask);
  }

  /** How far what members read has caught up with the engine: less than the present where a rule may show one of them, or this one, as before. */
  dataAsOf(userId: string | null): Timestamp {
    let time = this.#world.clock.now();
    for (const { isOn, rule } of this.plan.rest) {
      if (!isOn || rule.fault.fault !== "stale") continue;
      time = Math.min(time, this.#stale.shownAt(userId, rule.fault.ms, this.#nowMs()) ?? time);
    }
    return time;
  }

  #moveCutoff({ date, days }: Extract<RestFault, { fault: "cutoff" }>): void {
    if (date === null) this.#world.moveCutoffForward(days);
    else this.#world.moveCutoffTo(date);
  }

  /** Some faults need a page that was asked with a cursor; what writes is never carried out on what was. */
  #fits({ fault }: RestFault, asked: Asked, method: string): boolean {
    if (fault === "stale") return method === "GET";
    if (fault === "restart" || fault === "repeat_cursor") return asked.cursor !== "";
    return fault !== "duplicate_rows" || this.#pages.knows(asked);
  }

  #remembersMembers(): boolean {
    return this.plan.rest.some(({ isOn, rule }) => isOn && rule.fault.fault === "stale");
  }

  /** Lag is a matter of the wire: by wall time, at whatever speed the sandbox's clock runs. */
  #nowMs(): number {
    return performance.now();
  }
}

function matches(rule: Running<RestRule>["rule"], method: string, path: string): boolean {
  if (rule.method !== null && rule.method !== method) return false;
  return rule.fits(path);
}

function untouched({ query }: Asked): Injected {
  return { delayMs: 0, fault: null, isFree: false, undo: () => undefined, reply: (ask) => ask(query) };
}
