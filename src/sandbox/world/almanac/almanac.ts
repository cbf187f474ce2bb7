import type { Timestamp } from "../../../units/time.js";
import type { EventRecord, SeriesRecord } from "../../types.js";
import type { Growing } from "../generate.js";
import type { EstimatePath } from "../past/path.js";
import { buildEvent, type EventPlan, type SeriesPlan } from "../plan.js";
import { QUICK_SPAN, quickEvent, SANDBOX_SERIES } from "../series/series-sandbox.js";
import type { MemoryWorld } from "../world.js";

/** An event of a generated series with the path that its prices follow. */
export interface Planned {
  readonly event: EventRecord;
  readonly plan: EventPlan;
  readonly path: EstimatePath;
}

/** A market is created within this time after its event. */
const CREATION = 1_000;

/** What a generated world knows about its own events beyond their records. Real records have no plan: of them nothing is made up. */
export class Almanac {
  readonly world: MemoryWorld;
  readonly #plans: ReadonlyMap<string, SeriesPlan>;
  readonly #planned = new Map<string, Planned | null>();

  constructor({ world, plans }: Growing) {
    this.world = world;
    this.#plans = new Map(plans.map((plan) => [plan.record.ticker, plan]));
  }

  get seed(): string {
    return this.world.seed;
  }

  /** A generated series with what it brings forth. */
  series(ticker: string): SeriesPlan | undefined {
    return this.#plans.get(ticker);
  }

  /** The plan behind an event of the world; null where there is none. */
  planned(ticker: string): Planned | null {
    const known = this.#planned.get(ticker);
    if (known !== undefined) return known;
    const event = this.world.events.get(ticker);
    if (event === undefined) return null;
    const found = this.#find(event);
    this.#planned.set(ticker, found);
    return found;
  }

  /** Events of a series that exist by now, in no order. */
  eventsOf(category: string): readonly EventRecord[] {
    const now = this.world.clock.now();
    return [...this.world.events.values()].filter(
      (event) =>
        event.wire.category === category &&
        this.#plans.has(event.seriesTicker) &&
        (this.world.marketsOf(event.ticker)[0]?.createdTime ?? Number.POSITIVE_INFINITY) <= now,
    );
  }

  #find(event: EventRecord): Planned | null {
    const series = this.#plans.get(event.seriesTicker);
    const created = this.world.marketsOf(event.ticker)[0]?.createdTime;
    if (series === undefined || created === undefined) return null;
    const candidates = [
      ...series.events(created - CREATION, created + 1),
      ...quickOnes(this.seed, series.record, created),
    ];
    const plan = candidates.find(({ ticker }) => ticker === event.ticker);
    if (plan === undefined) return null;
    return { event, plan, path: buildEvent(this.seed, series.record, plan, Number.POSITIVE_INFINITY).path };
  }
}

/** The quick event that was created about then; it is in no calendar. */
function quickOnes(seed: string, { ticker }: SeriesRecord, created: Timestamp): readonly EventPlan[] {
  if (ticker !== SANDBOX_SERIES) return [];
  return [quickEvent(seed, Math.ceil(created / QUICK_SPAN) * QUICK_SPAN)];
}
