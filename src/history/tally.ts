import type { Client } from "../client/http.js";
import type { Timestamp } from "../units/time.js";
import type { Cutoffs } from "./cutoff.js";
import type { LegPage } from "./legs.js";
import { endpointOf, type Leg, type Plan, type Tier } from "./plan.js";

/** What came from one endpoint of one tier. */
export interface Source {
  readonly tier: Tier;
  readonly endpoint: string;
  readonly pages: number;
  /** Before duplicates are dropped. */
  readonly rows: number;
  /** How many of them were kept on disk; left out when none were. */
  readonly cached?: number | undefined;
  /** When the oldest of those was fetched. */
  readonly fetched?: Timestamp | undefined;
}

/** Where the rows of a followed plan came from, and whether they are all. */
export interface Followed {
  readonly sources: readonly Source[];
  /** Markets that were asked for and not answered. */
  readonly lacking: readonly string[];
  readonly cutoffs: Cutoffs | null;
  readonly from: Timestamp | null;
  readonly to: Timestamp | null;
  /** The exchange's present when the plan was made, where it was asked. */
  readonly asOf: Timestamp | null;
  /** Some of it was asked of the tier in which things still change. */
  readonly live: boolean;
}

/** What is told while a plan is followed. */
export interface Progress {
  readonly noun: string;
  readonly rows: number;
  readonly pages: number;
  /** Of the page just read. */
  readonly tier: Tier;
  /** Tokens that may be spent at once now. */
  readonly tokens: number;
  /** Since this run began. */
  readonly rowsPerSecond: number;
  readonly legsDone: number;
  readonly legs: number;
  /** Answers 429 since this run began: others spend from the same tokens. */
  readonly limited: number;
  /** Tries since then that failed otherwise and were made again. */
  readonly failed: number;
}

const noneBefore = { sources: [], lacking: [], legsDone: 0 } as const;

/** Counts what came from where, and tells it. */
export class Tally {
  readonly #sources = new Map<string, Source>();
  readonly #started = performance.now();
  #newRows = 0;
  #legsDone: number;
  readonly #lacking: Set<string>;
  readonly #troubles: { readonly limited: number; readonly failed: number };

  constructor(
    private readonly client: Client,
    private readonly plan: Plan,
    private readonly onProgress: ((progress: Progress) => void) | undefined,
    before: { sources: readonly Source[]; lacking: readonly string[]; legsDone: number } = noneBefore,
  ) {
    for (const source of before.sources) this.#sources.set(`${source.tier} ${source.endpoint}`, { ...source });
    this.#lacking = new Set(before.lacking);
    this.#legsDone = before.legsDone;
    this.#troubles = { ...client.usage };
  }

  count(leg: Leg, page: LegPage): void {
    const rows = page.items.length;
    for (const ticker of page.lacking) this.#lacking.add(ticker);
    const endpoint = endpointOf(leg);
    const key = `${leg.tier} ${endpoint}`;
    const source = this.#sources.get(key) ?? { tier: leg.tier, endpoint, pages: 0, rows: 0 };
    const sum = { ...source, pages: source.pages + page.answers, rows: source.rows + rows };
    this.#sources.set(key, page.fetched === undefined ? sum : withKept(sum, rows, page.fetched));
    this.#newRows += rows;
    if (page.ends) this.#legsDone += 1;
    this.onProgress?.({
      noun: this.plan.noun,
      rows: this.sources().reduce((sum, one) => sum + one.rows, 0),
      pages: this.sources().reduce((sum, one) => sum + one.pages, 0),
      tier: leg.tier,
      tokens: this.client.read.available,
      rowsPerSecond: this.#newRows / Math.max(0.001, (performance.now() - this.#started) / 1000),
      legsDone: this.#legsDone,
      legs: Math.max(this.plan.legs.length, this.#legsDone),
      limited: this.client.usage.limited - this.#troubles.limited,
      failed: this.client.usage.failed - this.#troubles.failed,
    });
  }

  /** By tier, the older first, then endpoint. */
  sources(): readonly Source[] {
    const order = ({ tier, endpoint }: Source): string => `${tier} ${endpoint}`;
    return [...this.#sources.values()].map((source) => ({ ...source })).sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }

  lacking(): readonly string[] {
    return [...this.#lacking].sort();
  }
}

function withKept(source: Source, rows: number, fetched: Timestamp): Source {
  return {
    ...source,
    cached: (source.cached ?? 0) + rows,
    fetched: Math.min(source.fetched ?? fetched, fetched),
  };
}
