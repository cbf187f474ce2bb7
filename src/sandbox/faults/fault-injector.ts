import type { Reply } from "../types.js";
import type { MemoryWorld } from "../world/world.js";
import { HTML, isLost, refusedWith } from "./deliver.js";
import type { Fault } from "./fault.js";
import { type Ask, type Asked, PageFaults, readAsked, type Spoiled } from "./fault-pages.js";
import { FaultPlan } from "./fault-plan.js";

/** What goes wrong with one request. */
export interface Injected {
  readonly delayMs: number;
  readonly fault: Fault | null;
  /** A 429 on purpose takes no tokens; everything else that arrives does. */
  readonly isFree: boolean;
  /** Takes it back, where the request was refused before. */
  undo(): void;
  /** The answer with its fault. `ask` carries the request out, with the query it is given. */
  reply(ask: Ask, isSigned: boolean): Promise<Reply>;
}

/** The fault plan of a running sandbox, beside what faults of pages need to know. */
export class FaultInjector {
  readonly plan: FaultPlan;
  readonly #pages = new PageFaults();

  constructor(world: MemoryWorld) {
    this.plan = new FaultPlan(({ date, days }) => {
      if (date === null) world.moveCutoffForward(days);
      else world.moveCutoffTo(date);
    });
  }

  /** To be called once for each request as it arrives, `path` below the prefix. */
  arrive(method: string, path: string, query: URLSearchParams): Injected {
    const asked = readAsked(path, query);
    const struck = this.plan.arrive(method, path, asked.cursor, this.#pages.knows(asked));
    const injected = {
      delayMs: struck.delayMs,
      fault: struck.fault,
      isFree: struck.fault?.fault === "status" && struck.fault.status === 429,
      undo() {
        struck.undo();
        injected.fault = null;
      },
      reply: async (ask: Ask, isSigned: boolean) => {
        const { reply, isSpoiled } = await this.#reply(struck.fault, asked, ask, isSigned);
        if (!isSpoiled) injected.undo();
        if (struck.remembers) this.#pages.remember(path, reply);
        return reply;
      },
    };
    return injected;
  }

  async #reply(fault: Fault | null, asked: Asked, ask: Ask, isSigned: boolean): Promise<Spoiled> {
    if (fault?.fault === "status") return { reply: refusedWith(fault, isSigned), isSpoiled: true };
    if (fault?.fault === "html") {
      await ask(asked.query);
      return { reply: HTML, isSpoiled: true };
    }
    // What is lost on the way is carried out all the same.
    if (fault === null || isLost(fault)) return { reply: await ask(asked.query), isSpoiled: fault !== null };
    return this.#pages.spoil(fault, asked, ask);
  }
}
