import { type Duration, SECOND, type Timestamp } from "../../units/time.js";
import { addPlanned, type Growing } from "./generate.js";
import type { EventPlan, SeriesPlan } from "./plan.js";
import { addCombos, hasCombos } from "./series/generated-combos.js";
import { QUICK_SPAN, quickEvent, SANDBOX_SERIES } from "./series/series-sandbox.js";

const TICK_MS = 200;

/** Quick events missed by a clock that leapt are left out but for the newest. */
const MOST_QUICK_AT_ONCE = 4;

/** Until a quick event is paid; members may hold something in it, from before the clock leapt. */
const UNPAID: Duration = 4 * SECOND;

/** What opened longer ago has been traded in the meantime; the rest is left to the makers of the present. */
const MISSED: Duration = 5 * SECOND;

/** Brings forth what a running world needs next: the quick events of `SANDBOX`, the coming events of every series, and combos. */
export class Rolling {
  readonly #growing: Growing;
  #until: Timestamp;
  #timer: NodeJS.Timeout | undefined;

  constructor(growing: Growing) {
    this.#growing = growing;
    this.#until = growing.world.clock.now();
  }

  /** Goes by a timer of wall time that does not keep the process alive. */
  start(): void {
    this.#timer ??= setInterval(() => this.step(), TICK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Adds every event created since the last step. One whose life a leap of the clock has passed over in part or whole has traded. */
  step(): void {
    const now = this.#growing.world.clock.now();
    if (now <= this.#until) return;
    for (const series of this.#growing.plans) {
      for (const plan of series.events(this.#until, now)) this.#add(series, plan, now);
      if (series.record.ticker === SANDBOX_SERIES) this.#addQuick(series, now);
    }
    if (hasCombos(this.#growing.world)) addCombos(this.#growing.world, this.#until, now);
    this.#until = now;
  }

  #addQuick(series: SeriesPlan, now: Timestamp): void {
    const newest = Math.floor((now + QUICK_SPAN) / QUICK_SPAN);
    for (let back = MOST_QUICK_AT_ONCE - 1; back >= 0; back -= 1) {
      const plan = quickEvent(this.#growing.world.seed, (newest - back) * QUICK_SPAN);
      const isWanted = plan.closeTime > this.#until && plan.closeTime + UNPAID > now;
      if (plan.createdTime < now && isWanted) this.#add(series, plan, now);
    }
  }

  #add(series: SeriesPlan, plan: EventPlan, now: Timestamp): void {
    const { world } = this.#growing;
    if (world.events.has(plan.ticker)) return;
    addPlanned(world, series, plan, now, now - MISSED);
  }
}
