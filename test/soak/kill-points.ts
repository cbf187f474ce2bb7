import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ColumnTable } from "arquero";
import { readTable } from "../../src/datasets/read.js";
import { type SandboxProcess, startSandboxProcess } from "../../src/lab/sandbox-process.js";
import { idChecksum } from "../../src/sandbox/world/past/checksum.js";
import { Random } from "../../src/sandbox/world/random.js";
import { type CliRun, startCli } from "../support/cli.js";
import { connectionFlags } from "../support/variables.js";

/** What one walk of {@link walkKillPoints} came to. */
export interface Walk {
  readonly seed: string;
  /** Where the download was killed: requests answered since its start, or in the middle of writing the file. */
  readonly kills: readonly string[];
  readonly rows: number;
  /** How often each fault struck. */
  readonly faults: Readonly<Record<string, number>>;
}

const EVENT = "BULK-STRADDLING";
const TRADES = 40_000;

/**
 * Downloads the trades of a market that lies across the cutoff, kills the download at random places again and again, lets it end, and holds
 * the file against what the exchange has: the same ids, each once, and the same in every column as an undisturbed download. Meanwhile the
 * exchange refuses, breaks off, repeats rows, loses cursors and moves its cutoff. At last the same question is asked once more, of what the
 * killed runs have left in the cache.
 *
 * @param seed - the same one walks the same way as far as processes can
 * @throws Error naming the seed when a row is wrong
 */
export async function walkKillPoints(seed: string, kills: number): Promise<Walk> {
  const random = new Random(`kill points ${seed}`);
  const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-kills-"));
  const flags = ["--bulk-trades", String(TRADES), "--latency", "3", "--tier", "prestige", "--seed", seed];
  const sandbox = await startSandboxProcess(flags);
  try {
    const exchange = await control<Summary>(sandbox, "GET", `/trades?ticker=${EVENT}-T50`);
    const plain = join(dir, "plain.parquet");
    await finish(download(sandbox, plain, { KALSHI_CACHE: "off" }), seed);
    await control(sandbox, "POST", "/faults", faultPlan(seed, random));
    const path = join(dir, "killed.parquet");
    const cache = { KALSHI_CACHE_DIR: join(dir, "cache") };
    const places: string[] = [];
    for (let kill = 0; kill < kills; kill += 1) places.push(await killSomewhere(sandbox, path, cache, random));
    await finish(download(sandbox, path, cache), seed);
    const { faults } = await control<{ faults: readonly Injected[] }>(sandbox, "GET", "/stats");
    const again = join(dir, "again.parquet");
    await finish(download(sandbox, again, cache), seed);
    const expected = await readTable(plain);
    const about = `seed ${seed}, killed at ${places.join(", ")}`;
    for (const file of [path, again]) compare(await readTable(file), expected, exchange, `${file}, ${about}`);
    return { seed, kills: places, rows: expected.numRows(), faults: countFaults(faults) };
  } finally {
    await sandbox.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Summary {
  readonly count: number;
  readonly checksum: string;
}

interface Injected {
  readonly fault: string;
  readonly injected: number;
}

function faultPlan(seed: string, random: Random): unknown {
  const path = "*";
  const rate = (most: number): number => random.next() * most;
  const trades = ["/markets/trades", "/historical/trades"];
  return {
    seed,
    rules: [
      { path, fault: "cutoff", days: 1, after: 5 + Math.floor(random.next() * 30), count: 1 },
      { path, fault: "cutoff", days: 2, after: 40 + Math.floor(random.next() * 60), count: 1 },
      { path, fault: "status", status: 429, rate: rate(0.06) },
      { path, fault: "status", status: 503, body: "html", rate: rate(0.06) },
      { path, fault: "disconnect", rate: rate(0.05) },
      { path, fault: "cut", how: "destroy", at: random.next(), rate: rate(0.03) },
      { path, fault: "html", rate: rate(0.02) },
      ...trades.flatMap((list) => [
        { path: list, fault: "duplicate_rows", rows: 1 + Math.floor(random.next() * 20), rate: rate(0.3) },
        { path: list, fault: "short_page", share: 0.1 + 0.8 * random.next(), rate: rate(0.1) },
        { path: list, fault: "empty_page", rate: rate(0.05) },
        { path: list, fault: "restart", rate: rate(0.04) },
        { path: list, fault: "repeat_cursor", rate: rate(0.02) },
      ]),
    ],
  };
}

function download(sandbox: SandboxProcess, path: string, env: Readonly<Record<string, string>>): CliRun {
  return startCli(["download", "trades", "--event", EVENT, "--out", path, "--json", ...connectionFlags(sandbox)], env);
}

async function finish(run: CliRun, seed: string): Promise<void> {
  const { code, stderr } = await run.ended;
  if (code !== 0) throw new Error(`seed ${seed}: the download ended with ${code}: ${stderr}`);
}

/** Starts the download and ends it with SIGKILL: after so many requests, or so long after its last one, while it writes the file. */
async function killSomewhere(
  sandbox: SandboxProcess,
  path: string,
  env: Readonly<Record<string, string>>,
  random: Random,
): Promise<string> {
  const requests = Math.floor(random.next() * 75);
  const laterMs = Math.floor(random.next() * 400);
  const before = await requestsOf(sandbox);
  const run = download(sandbox, path, env);
  let ended = false;
  const over = run.ended.then(() => {
    ended = true;
  });
  let finishedAt: number | null = null;
  let answered = 0;
  while (!ended && answered < requests && (finishedAt === null || performance.now() - finishedAt < laterMs)) {
    answered = (await requestsOf(sandbox)) - before;
    if (finishedAt === null && isFinished(path)) finishedAt = performance.now();
  }
  run.child.kill("SIGKILL");
  await over;
  return finishedAt === null ? `request ${answered}` : `${laterMs} ms into the file`;
}

/** Everything is downloaded: what is left is the writing of the file. */
function isFinished(path: string): boolean {
  try {
    const saved = readFileSync(join(`${path}.partial`, "checkpoint.json"), "utf8");
    return (JSON.parse(saved) as { state: { finished: boolean } }).state.finished;
  } catch {
    // Not there yet, or no more.
    return false;
  }
}

async function requestsOf(sandbox: SandboxProcess): Promise<number> {
  return (await control<{ requests: number }>(sandbox, "GET", "/stats")).requests;
}

async function control<T>({ control_url }: SandboxProcess, method: string, path: string, body?: unknown): Promise<T> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(`${control_url}${path}`, { method, ...sent });
  if (!answer.ok) throw new Error(`control ${method} ${path}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

function compare(found: ColumnTable, expected: ColumnTable, exchange: Summary, about: string): void {
  const ids = found.array("trade_id") as string[];
  const rows = `${ids.length} rows where the exchange has ${exchange.count}`;
  if (ids.length !== exchange.count || new Set(ids).size !== ids.length) throw new Error(`${about}: ${rows}`);
  if (idChecksum(ids) !== exchange.checksum) throw new Error(`${about}: other ids than the exchange has`);
  for (const name of expected.columnNames()) {
    const [ours, theirs] = [found.array(name), expected.array(name)];
    const at = ids.findIndex((_, row) => ours[row] !== theirs[row]);
    if (at >= 0) throw new Error(`${about}: row ${at}, ${name} is ${ours[at]} and should be ${theirs[at]}`);
  }
}

function countFaults(rules: readonly Injected[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { fault, injected } of rules) counts[fault] = (counts[fault] ?? 0) + injected;
  return counts;
}
