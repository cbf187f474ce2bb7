import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { KalshiError } from "../../errors.js";
import { connect } from "../../lab/connect.js";
import type { Lab } from "../../lab/lab.js";
import { writeError } from "../../store/atomic-file.js";
import { CENT, formatPrice, parsePrice } from "../../units/price.js";
import { Board } from "./board.js";
import { downloadHistory, historySeries, LIVE_SERIES } from "./history.js";
import { recordAWhile } from "./live.js";
import { type NotebookReport, runNotebooks } from "./notebooks.js";
import { type AccountProfit, saveAccount, tradeAWhile } from "./orders.js";
import { type PageFile, writePage } from "./page.js";

export interface TourOptions {
  /** A folder of real records for the sandbox to serve. */
  readonly data?: string | undefined;
  /** Further flags of the sandbox. */
  readonly sandbox: readonly string[];
  readonly out: string;
  readonly signal: AbortSignal;
}

/** What a tour made. */
export interface TourSummary {
  readonly page: string;
  readonly rows: number;
  readonly gaps: number;
  readonly profit: AccountProfit;
  readonly charts: number;
  readonly notebooks: readonly NotebookReport[];
  readonly files: readonly PageFile[];
  readonly seconds: number;
}

/** Everything runs on one account at the same time: the tour itself, and two notebooks side by side. */
const TOKEN_SHARE = { tour: 0.5, notebook: 0.25 } as const;

/** What they ask about is the series that the tour downloads. */
const HISTORY_NOTEBOOKS = [
  "01-first-look",
  "02-prices-across-the-cutoff",
  "06-calibration",
  "07-coherence-and-distributions",
  "08-datasets",
] as const;

const RECORD_SECONDS = 30;
const LIVE_MARKETS = 5;

/**
 * The main job from end to end on a sandbox of its own: history, live recording, orders and fills, the notebooks, files, and a page that
 * shows them. Interrupted, it leaves downloads and recordings so that they can be gone on with, and throws `INTERRUPTED`.
 */
export async function tour(options: TourOptions): Promise<TourSummary> {
  const started = performance.now();
  const board = new Board();
  board.tell("sandbox", "starting …");
  let lab: Lab | null = null;
  try {
    await makeFolder(options.out);
    const flags = [...(options.data === undefined ? [] : ["--data", options.data]), ...options.sandbox];
    lab = await connect({ env: "sandbox", sandbox: flags, tokenShare: TOKEN_SHARE.tour, signal: options.signal });
    const clock = (await lab.now()).toISOString().replace("T", " ").slice(0, 16);
    board.end("sandbox", `ready at ${new URL(lab.client.baseUrl).host} · its clock ${clock} UTC`);
    await prepareFolder(options.out);
    return await walk(lab, options, board, started);
  } catch (error) {
    // Whatever gave way first when everything was told to stop, it was the user who stopped it; unless nothing can be saved.
    throw options.signal.aborted && !unsaved(error) ? interrupted(options.out) : error;
  } finally {
    board.close();
    await lab?.close();
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw writeError(path, error);
  }
}

/** Makes room for this run: a recording is of one run, while downloads are gone on with where an earlier run was stopped. */
async function prepareFolder(out: string): Promise<void> {
  try {
    await rm(join(out, "recording"), { recursive: true, force: true });
    await rm(join(out, "notebooks"), { recursive: true, force: true });
    await mkdir(join(out, "notebooks"), { recursive: true });
  } catch (error) {
    throw writeError(out, error);
  }
}

function unsaved(error: unknown): boolean {
  return error instanceof KalshiError && (error.code === "DISK_FULL" || error.code === "WRITE_FAILED");
}

async function walk(lab: Lab, options: TourOptions, board: Board, started: number): Promise<TourSummary> {
  const dir = join(options.out, "data");
  const series = await historySeries(lab);
  const markets = await liveMarkets(lab);
  // One failure ends the others too, and what they saved stays.
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const setting = {
    outDir: join(options.out, "notebooks"),
    env: environmentOf(lab),
    parameters: Object.fromEntries(HISTORY_NOTEBOOKS.map((name) => [name, { series }])),
    signal,
  };
  for (const task of ["history", "live", "orders", "notebooks"]) board.tell(task, "starting …");
  const [history, recording, , notebooks] = await allOrNone(failed, [
    downloadHistory(lab, series, dir, board, signal),
    recordAWhile(lab, markets, RECORD_SECONDS, join(options.out, "recording"), board, signal),
    tradeAWhile(lab, markets[0]!, board, signal),
    runNotebooks(setting, board),
  ]);
  const { kept, profit } = await saveAccount(lab, dir, signal);
  const all = [...history, ...kept];
  const rows = all.reduce((sum, one) => sum + one.rows, 0);
  const files = [
    ...all.flatMap((one) => one.files),
    {
      path: join(options.out, "recording"),
      about: `${recording.frames.toLocaleString("en-US")} frames of ${markets.length} markets`,
    },
  ];
  const page = join(options.out, "index.html");
  const seconds = (performance.now() - started) / 1000;
  const { charts } = await writePage({
    path: page,
    title: `Kalshi Lab · ${series}`,
    figures: [
      ["Rows downloaded", rows.toLocaleString("en-US")],
      ["Frames recorded", recording.frames.toLocaleString("en-US")],
      ["Gaps", String(recording.gaps)],
      ["Fills", profit.fills.toLocaleString("en-US")],
      ["Fees", shortMoney(profit.fees)],
      ["Net profit", shortMoney(profit.net)],
    ],
    notebooks,
    files,
  });
  return { page, rows, gaps: recording.gaps, profit, charts, notebooks, files, seconds };
}

/** The lasting markets of the live series: those that close last. */
async function liveMarkets(lab: Lab): Promise<readonly string[]> {
  const open = (await lab.markets({ series: LIVE_SERIES })).filter(
    (market: { status: string }) => market.status === "active",
  );
  const tickers = open.array("ticker") as string[];
  const closing = open.array("close_time") as number[];
  const order = [...tickers.keys()].sort((a, b) => closing[b]! - closing[a]! || (tickers[a]! < tickers[b]! ? -1 : 1));
  return order.slice(0, LIVE_MARKETS).map((row) => tickers[row]!);
}

/** What notebooks need to reach the same sandbox as the same account. */
function environmentOf(lab: Lab): Record<string, string> {
  const { sandbox } = lab;
  if (sandbox === null) return {};
  return {
    KALSHI_ENV: "sandbox",
    KALSHI_REST_URL: sandbox.rest_url,
    KALSHI_WS_URL: sandbox.ws_url,
    KALSHI_API_KEY_ID: sandbox.key_id,
    KALSHI_PRIVATE_KEY_PATH: sandbox.private_key_path,
    KALSHI_PRIVATE_KEY: "",
    KALSHI_TOKEN_SHARE: String(TOKEN_SHARE.notebook),
  };
}

/** Waits for all; when one fails the others are told to stop, waited for, and the first failure is thrown. */
async function allOrNone<T extends readonly Promise<unknown>[]>(
  failed: AbortController,
  tasks: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  let first: { error: unknown } | null = null;
  for (const task of tasks) {
    task.catch((error: unknown) => {
      first ??= { error };
      failed.abort(error);
    });
  }
  const results = await Promise.allSettled(tasks);
  if (first !== null) throw (first as { error: unknown }).error;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as {
    -readonly [K in keyof T]: Awaited<T[K]>;
  };
}

/** Exact money, shown to the cent where it stands alone in large type; the summary and the files have all six decimals. */
function shortMoney(exact: string): string {
  const cents = formatPrice(Math.round(parsePrice(exact) / CENT) * CENT, 2);
  return cents.startsWith("-") ? `−$${cents.slice(1)}` : `$${cents}`;
}

/** `-$12.500000` for the exact amount `-12.500000`. */
export function dollars(amount: string): string {
  return amount.startsWith("-") ? `-$${amount.slice(1)}` : `$${amount}`;
}

function interrupted(out: string): KalshiError {
  return new KalshiError("INTERRUPTED", "stopped", {
    hint: `what was downloaded and recorded so far is in ${out}; run it again to go on`,
  });
}
