import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "../client/http.js";
import { KalshiError } from "../errors.js";
import { writeFileAtomic } from "../store/atomic-file.js";
import { CheckpointedRows, isMissing } from "../store/checkpoint.js";
import type { Timestamp } from "../units/time.js";
import { type Cutoffs, readCutoffs } from "./cutoff.js";
import { followLegs, type LegProgress } from "./legs.js";
import { endpointOf, type Leg, type Plan, type Tier } from "./plan.js";
import { routeMoved } from "./route.js";

/** What came from one endpoint of one tier. */
export interface Source {
  readonly tier: Tier;
  readonly endpoint: string;
  readonly pages: number;
  /** Before duplicates are dropped. */
  readonly rows: number;
}

/** Where the rows of a followed plan came from, and whether they are all. */
export interface Followed {
  readonly sources: readonly Source[];
  readonly cutoffs: Cutoffs | null;
  readonly from: Timestamp | null;
  readonly to: Timestamp | null;
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
}

export interface FollowOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Refuses a bad record before it is kept. */
  readonly check?: ((item: unknown) => unknown) | undefined;
}

const SIDE_BY_SIDE = 24;
/** Pages that arrive within this many milliseconds share one sync of the disk. */
const COMMIT_EVERY_MS = 100;

/**
 * Follows a plan in memory: pages of raw records as they arrive. When the cutoff moved meanwhile, the rows that changed tier are read again
 * from the historical one, so a row may come twice; whoever makes a table or a file of it merges by key.
 *
 * @returns where the rows came from, as the generator's last value
 */
export async function* follow(
  client: Client,
  plan: Plan,
  options: FollowOptions = {},
): AsyncGenerator<readonly unknown[], Followed> {
  const tally = new Tally(client, plan, options.onProgress);
  let legs = plan.legs;
  let cutoffs = plan.cutoffs;
  while (legs.length > 0) {
    const following = followLegs(client, legs, {
      concurrency: concurrencyOf(plan),
      resume: () => undefined,
      signal: options.signal,
    });
    for await (const page of following) {
      for (const item of options.check === undefined ? [] : page.items) options.check?.(item);
      tally.count(legs[page.leg]!, page.items.length, page.next === null);
      yield page.items;
    }
    const now: Cutoffs | null = cutoffs === null ? null : await readCutoffs(client, options.signal);
    legs = cutoffs === null || now === null ? [] : routeMoved({ ...plan, cutoffs }, now);
    cutoffs = now;
  }
  return { sources: tally.sources(), cutoffs, from: plan.from, to: plan.to };
}

interface DownloadState {
  /** The question, so that a folder is never gone on with for another one. */
  readonly question: string;
  readonly cutoffs: Cutoffs | null;
  /** Legs of the saved plan, grown when the cutoff moved. */
  readonly legs: number;
  readonly done: readonly number[];
  readonly open: Readonly<Record<number, LegProgress>>;
  readonly sources: readonly Source[];
  readonly finished: boolean;
}

export interface Download {
  /** Every row, in chunks, in the order they were committed; a row may stand twice. */
  rows(): AsyncGenerator<readonly unknown[]>;
  readonly count: number;
  readonly followed: Followed;
  /** True when an earlier run was gone on with. */
  readonly resumed: boolean;
  /** Call when the rows have found their final place. */
  discard(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Follows a plan durably: rows and progress are kept in `dir`, so that a killed download goes on where it stopped and ends with exactly
 * the rows of an undisturbed one.
 *
 * @param question - what identifies the download; a folder that answers another question is refused
 * @throws KalshiError `CHECKPOINT_MISMATCH`, `CHECKPOINT_DAMAGED`, `DISK_FULL`, `INTERRUPTED` (progress is saved), and what requests throw
 */
export async function download(
  client: Client,
  dir: string,
  question: string,
  makePlan: () => Promise<Plan>,
  options: FollowOptions = {},
): Promise<Download> {
  let plan = await readPlan(dir);
  const resumed = plan !== null;
  const store = await CheckpointedRows.open<DownloadState>(dir, async () => {
    plan = await makePlan();
    await savePlan(dir, plan);
    return {
      question,
      cutoffs: plan.cutoffs,
      legs: plan.legs.length,
      done: [],
      open: {},
      sources: [],
      finished: false,
    };
  });
  try {
    if (store.state.question !== question) throw mismatch(dir, store.state.question, question);
    plan ??= await readPlan(dir);
    if (plan === null)
      throw new KalshiError("CHECKPOINT_DAMAGED", `no plan in ${dir}`, {
        hint: "remove that folder to start the download anew",
        context: { dir },
      });
    await followDurably(client, dir, plan, store, options);
  } catch (error) {
    await store.close();
    throw error;
  }
  const { state } = store;
  return {
    rows: () => store.read(),
    count: store.rows,
    followed: { sources: state.sources, cutoffs: state.cutoffs, from: plan.from, to: plan.to },
    resumed,
    discard: () => store.discard(),
    close: () => store.close(),
  };
}

async function followDurably(
  client: Client,
  dir: string,
  firstPlan: Plan,
  store: CheckpointedRows<DownloadState>,
  options: FollowOptions,
): Promise<void> {
  let plan = firstPlan;
  while (!store.state.finished) {
    await followOnce(client, plan, store, options);
    const before = store.state.cutoffs;
    const now = before === null ? null : await readCutoffs(client, options.signal);
    const moved = before === null || now === null ? [] : routeMoved({ ...plan, cutoffs: before }, now);
    if (moved.length === 0) {
      await store.commit({ ...store.state, finished: true });
      return;
    }
    plan = { ...plan, legs: [...plan.legs, ...moved] };
    await savePlan(dir, plan);
    await store.commit({ ...store.state, cutoffs: now, legs: plan.legs.length });
  }
}

async function followOnce(
  client: Client,
  plan: Plan,
  store: CheckpointedRows<DownloadState>,
  options: FollowOptions,
): Promise<void> {
  const start = store.state;
  const done = new Set(start.done);
  const open = new Map(Object.entries(start.open).map(([leg, progress]) => [Number(leg), progress]));
  const tally = new Tally(client, plan, options.onProgress, start.sources, done.size);
  const state = (): DownloadState => ({
    ...start,
    done: [...done],
    open: Object.fromEntries(open),
    sources: tally.sources(),
  });
  let committed = performance.now();
  try {
    const resume = (leg: number): LegProgress | null | undefined => (done.has(leg) ? null : open.get(leg));
    const legs = plan.legs.slice(0, start.legs);
    for await (const page of followLegs(client, legs, {
      concurrency: concurrencyOf(plan),
      resume,
      signal: options.signal,
    })) {
      for (const item of options.check === undefined ? [] : page.items) options.check?.(item);
      store.append(page.items);
      if (page.next === null) {
        open.delete(page.leg);
        done.add(page.leg);
      } else {
        open.set(page.leg, page.next);
      }
      tally.count(legs[page.leg]!, page.items.length, page.next === null);
      if (performance.now() - committed > COMMIT_EVERY_MS) {
        await store.commit(state());
        committed = performance.now();
      }
    }
  } finally {
    // Also after a failure or Ctrl-C: what arrived whole is kept.
    await store.commit(state());
  }
}

/** Counts what came from where, and tells it. */
class Tally {
  readonly #sources = new Map<string, { tier: Tier; endpoint: string; pages: number; rows: number }>();
  readonly #started = performance.now();
  #newRows = 0;
  #legsDone: number;

  constructor(
    private readonly client: Client,
    private readonly plan: Plan,
    private readonly onProgress: ((progress: Progress) => void) | undefined,
    sources: readonly Source[] = [],
    legsDone = 0,
  ) {
    for (const source of sources) this.#sources.set(`${source.tier} ${source.endpoint}`, { ...source });
    this.#legsDone = legsDone;
  }

  count(leg: Leg, rows: number, legDone: boolean): void {
    const endpoint = endpointOf(leg);
    const key = `${leg.tier} ${endpoint}`;
    const source = this.#sources.get(key) ?? { tier: leg.tier, endpoint, pages: 0, rows: 0 };
    source.pages += 1;
    source.rows += rows;
    this.#sources.set(key, source);
    this.#newRows += rows;
    if (legDone) this.#legsDone += 1;
    this.onProgress?.({
      noun: this.plan.noun,
      rows: this.sources().reduce((sum, one) => sum + one.rows, 0),
      pages: this.sources().reduce((sum, one) => sum + one.pages, 0),
      tier: leg.tier,
      tokens: this.client.read.available,
      rowsPerSecond: this.#newRows / Math.max(0.001, (performance.now() - this.#started) / 1000),
      legsDone: this.#legsDone,
      legs: this.plan.legs.length,
    });
  }

  sources(): readonly Source[] {
    return [...this.#sources.values()].map((source) => ({ ...source }));
  }
}

function concurrencyOf(plan: Plan): number {
  return plan.inOrder ? 1 : SIDE_BY_SIDE;
}

async function readPlan(dir: string): Promise<Plan | null> {
  try {
    return JSON.parse(await readFile(join(dir, "plan.json"), "utf8")) as Plan;
  } catch (error) {
    if (isMissing(error)) return null;
    throw new KalshiError("CHECKPOINT_DAMAGED", `cannot read the plan in ${dir}`, {
      hint: "remove that folder to start the download anew",
      context: { dir },
      cause: error,
    });
  }
}

async function savePlan(dir: string, plan: Plan): Promise<void> {
  await writeFileAtomic(join(dir, "plan.json"), JSON.stringify(plan));
}

function mismatch(dir: string, saved: string, asked: string): KalshiError {
  return new KalshiError("CHECKPOINT_MISMATCH", `${dir} holds the start of another download`, {
    hint: "finish that one with its own arguments, name another file, or remove that folder",
    context: { dir, saved, asked },
  });
}
