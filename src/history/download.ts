import { readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "../client/http.js";
import { KalshiError } from "../errors.js";
import { writeFileAtomic } from "../store/atomic-file.js";
import { CheckpointedRows, isMissing } from "../store/checkpoint.js";
import { type Lock, lockFolder } from "../store/lock.js";
import type { Cutoffs } from "./cutoff.js";
import { asksLive, concurrencyOf, cutoffsBehind, type FollowOptions } from "./follow.js";
import { Legs, type LegsProgress, nothingFollowed } from "./legs.js";
import { routeMoved } from "./moved.js";
import type { Plan } from "./plan.js";
import { type Followed, type Source, Tally } from "./tally.js";

/** Pages that arrive within this many milliseconds share one sync of the disk. */
const COMMIT_EVERY_MS = 100;

interface DownloadState {
  /** The question, so that a folder is never gone on with for another one. */
  readonly question: string;
  readonly cutoffs: Cutoffs | null;
  /** Legs of the saved plan, grown when the cutoff moved. */
  readonly legs: number;
  readonly progress: LegsProgress;
  readonly sources: readonly Source[];
  readonly lacking: readonly string[];
  readonly finished: boolean;
}

export interface Download {
  /** Every row, in chunks, page by page as they were committed; a record may stand twice. */
  rows(): Iterable<readonly unknown[]>;
  /** The same ascending, in chunks, of rows that compare equal only the last that came; null without an order. Reads anew with each call. */
  readonly sorted: (() => Iterable<readonly unknown[]>) | null;
  /** Rows that came, duplicates included. */
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
 * @throws KalshiError `CHECKPOINT_MISMATCH`, `CHECKPOINT_DAMAGED`, `FOLDER_LOCKED` while another process downloads into it, `DISK_FULL`,
 * `INTERRUPTED` (progress is saved), and what requests throw
 */
export async function download(
  client: Client,
  dir: string,
  question: string,
  makePlan: () => Promise<Plan>,
  options: FollowOptions = {},
): Promise<Download> {
  const lock = lockFolder(dir);
  try {
    return await downloadAlone(client, dir, question, makePlan, options, lock);
  } catch (error) {
    lock.release();
    // What could not be begun leaves nothing behind; a folder that has something in it stays.
    await rmdir(dir).catch(() => undefined);
    throw error;
  }
}

async function downloadAlone(
  client: Client,
  dir: string,
  question: string,
  makePlan: () => Promise<Plan>,
  options: FollowOptions,
  lock: Lock,
): Promise<Download> {
  let plan: Plan | null = null;
  let resumed = true;
  const fresh = async (): Promise<DownloadState> => {
    resumed = false;
    plan = await makePlan();
    await savePlan(dir, plan);
    return {
      question,
      cutoffs: plan.cutoffs,
      legs: plan.legs.length,
      progress: nothingFollowed,
      sources: [],
      lacking: [],
      finished: false,
    };
  };
  const store = await CheckpointedRows.open(dir, fresh, options.order);
  try {
    if (store.state.question !== question) throw mismatch(dir, store.state.question, question);
    // Without a checkpoint a plan that stands there, of whatever sort, is that of a run which came to nothing.
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
    sorted: options.order === undefined ? null : () => store.merged(),
    count: store.rows,
    followed: {
      sources: state.sources,
      lacking: state.lacking,
      cutoffs: state.cutoffs,
      from: plan.from,
      to: plan.to,
      asOf: plan.asOf ?? null,
      live: asksLive(plan.legs),
    },
    resumed,
    discard: () => store.discard(),
    close: async () => {
      await store.close();
      lock.release();
    },
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
    const now = await cutoffsBehind(client, plan.legs, before, options.signal);
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
  const legs = plan.legs.slice(0, start.legs);
  const following = new Legs(client, legs, {
    concurrency: concurrencyOf(plan),
    progress: start.progress,
    cutoffs: start.cutoffs,
    cache: options.cache,
    signal: options.signal,
  });
  const legsDone = start.progress.done.length;
  const tally = new Tally(client, plan, options.onProgress, { ...start, legsDone });
  const state = (): DownloadState => ({
    ...start,
    progress: following.progress,
    sources: tally.sources(),
    lacking: tally.lacking(),
  });
  let committed = performance.now();
  try {
    for await (const page of following.pages()) {
      options.check?.(page.items);
      store.append(page.items);
      tally.count(legs[page.leg]!, page);
      page.accept();
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
