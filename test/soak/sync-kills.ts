import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { partitionPath, partitionsIn } from "../../src/datasets/library/partition.js";
import { readPartition } from "../../src/datasets/library/partition-manifest.js";
import { kindsIn } from "../../src/datasets/library/place.js";
import { unfinishedIn } from "../../src/datasets/library/unfinished.js";
import { verifyFolder } from "../../src/datasets/verify/verify-folder.js";
import { connect } from "../../src/lab/connect.js";
import { type SandboxProcess, startSandboxProcess } from "../../src/lab/sandbox-process.js";
import { SqlQuery } from "../../src/lab/sql.js";
import { Random } from "../../src/sandbox/world/random.js";
import { type CliRun, startCli } from "../support/cli.js";
import { expectFresh } from "../support/library-rows.js";
import { connectionFlags } from "../support/variables.js";

/** What one walk of {@link walkSyncKills} came to. */
export interface SyncWalk {
  readonly seed: string;
  /** What was killed, how long after it had the library, and in the middle of what. */
  readonly kills: readonly string[];
  /** Rows of the library in the end. */
  readonly rows: number;
}

const SERIES = "NORCPI";
/** A whole sync takes about so long on a machine with something else to do. */
const LONGEST_MS = 4_000;

/**
 * Kills syncs and compactions of one library at random moments, also two at once, while the exchange's time goes on. After each kill the
 * library verifies; in the end two more syncs at once make it complete: what a fresh download gives, and a library whose one sync nobody killed,
 * row by row and day by day.
 *
 * @throws Error naming the seed and the kills so far
 */
export async function walkSyncKills(seed: string, kills: number): Promise<SyncWalk> {
  const random = new Random(`sync kills ${seed}`);
  const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-sync-kills-"));
  const library = join(dir, "datasets");
  const sandbox = await startSandboxProcess(["--speed", "0", "--seed", seed, "--latency", "2", "--tier", "prestige"]);
  const places: string[] = [];
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      // What was over before its time came was not killed, and is started again with something to do.
      for (let place: string | null = null; place === null; ) {
        place = await killSomewhere(sandbox, library, random);
        if (place === null || random.next() < 0.3) await later(sandbox, 600 + Math.floor(random.next() * 80_000));
        if (place !== null) places.push(place);
      }
      await mustVerify(library, `seed ${seed}: ${places.join("; ")}`);
    }
    const both = [start(sandbox, library, "sync"), start(sandbox, library, "sync")];
    // Exit 3 would say that something is missing.
    for (const { code, stderr } of await Promise.all(both.map((run) => run.ended)))
      if (code !== 0) throw new Error(`seed ${seed}: a sync ended with ${code}: ${stderr}`);
    const rows = await mustBeFresh(sandbox, library);
    const unkilled = join(dir, "unkilled");
    const { code, stderr } = await start(sandbox, unkilled, "sync").ended;
    if (code !== 0) throw new Error(`seed ${seed}: the unkilled sync ended with ${code}: ${stderr}`);
    await expectEqual(library, unkilled);
    const compact = await start(sandbox, library, "compact").ended;
    if (compact.code !== 0) throw new Error(`seed ${seed}: compact ended with ${compact.code}: ${compact.stderr}`);
    await mustVerify(library, `seed ${seed}, in the end`);
    await mustBeFresh(sandbox, library);
    await expectEqual(library, unkilled);
    return { seed, kills: places, rows };
  } catch (error) {
    throw new Error(`seed ${seed}, killed: ${places.join("; ")}`, { cause: error });
  } finally {
    await sandbox.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function start(sandbox: SandboxProcess, library: string, command: "sync" | "compact"): CliRun {
  const args = command === "sync" ? ["sync", "--series", SERIES, ...connectionFlags(sandbox)] : ["compact"];
  return startCli([...args, "--library", library], { KALSHI_CACHE: "off" });
}

/** Starts one or two of the commands, and kills all of them a random while after one has the library; null when they ended before. */
async function killSomewhere(sandbox: SandboxProcess, library: string, random: Random): Promise<string | null> {
  const command = existsSync(join(library, "_library.json")) && random.next() < 0.25 ? "compact" : "sync";
  const runs = [start(sandbox, library, command)];
  if (random.next() < 0.25) runs.push(start(sandbox, library, "sync"));
  let over = false;
  const ended = Promise.all(runs.map((run) => run.ended)).then(() => {
    over = true;
  });
  while (!over && !existsSync(join(library, "in-use.lock"))) await sleep(5);
  // A merge is over soon, a first sync is not, and a later one in between.
  const after = Math.floor(random.next() ** 2 * (command === "compact" ? 400 : LONGEST_MS));
  const until = performance.now() + after;
  while (!over && performance.now() < until) await sleep(2);
  const at = stageOf(library);
  const killed = !over;
  for (const run of runs) run.child.kill("SIGKILL");
  await ended;
  if (!killed) return null;
  return `${runs.length} ${command} after ${after} ms ${at}`;
}

/** In the middle of what a library is. */
function stageOf(library: string): string {
  const staging = join(library, "_staging");
  const names = existsSync(staging) ? readdirSync(staging) : [];
  if (names.includes("swap.json")) return "swapping a folder";
  if (names.some((name) => name.startsWith("compact"))) return "merging small files";
  if (names.includes("rows.parquet")) return "bringing rows in";
  if (names.includes("rows.parquet.partial")) return "downloading";
  return names.includes("ask.json") ? "asking" : "between two questions";
}

async function mustVerify(library: string, about: string): Promise<void> {
  if (!existsSync(library)) return;
  const { faults } = await verifyFolder(library);
  if (faults.length > 0) throw new Error(`${about}: ${faults.map((one) => JSON.stringify(one)).join(", ")}`);
}

/** Rows, and what each day says of itself, of a library that was killed often and of one that was not. */
async function expectEqual(library: string, unkilled: string): Promise<void> {
  expect(await verifiedParts(library)).toEqual(await verifiedParts(unkilled));
  expect(partsOf(library)).toEqual(partsOf(unkilled));
  for (const kind of kindsIn(unkilled)) {
    const rows = (dir: string) =>
      `SELECT * FROM read_parquet('${dir}/kind=${kind}/**/*.parquet', hive_partitioning = true)`;
    const [ours, theirs] = [rows(library), rows(unkilled)];
    for (const differing of [`${ours} EXCEPT ALL ${theirs}`, `${theirs} EXCEPT ALL ${ours}`])
      expect((await new SqlQuery(`FROM (${differing}) LIMIT 3`)).objects(), kind).toEqual([]);
  }
}

/** What a check finds: nothing wrong, nothing gone, and nothing missing but of days that are not over. */
async function verifiedParts(library: string) {
  const { faults, incomplete, vanished, rows } = await verifyFolder(library);
  const missing = incomplete.filter(({ why }) => !why.startsWith("the day was not over"));
  expect({ faults, vanished, missing, unfinished: unfinishedIn(library) }).toEqual({
    ...{ faults: [], vanished: [], missing: [], unfinished: [] },
  });
  return { rows, incomplete };
}

/** Every partition with its rows and whether it is complete. */
function partsOf(library: string) {
  return partitionsIn(library).map((partition) => {
    const { complete, why, files } = readPartition(library, partition)!;
    return { path: partitionPath(partition), complete, why, rows: files.reduce((sum, { rows }) => sum + rows, 0) };
  });
}

async function mustBeFresh(sandbox: SandboxProcess, library: string): Promise<number> {
  const { rest_url: restUrl, ws_url: wsUrl, key_id: keyId, private_key_path: privateKeyPath } = sandbox;
  const lab = await connect({ env: "sandbox", restUrl, wsUrl, keyId, privateKeyPath, cache: false });
  try {
    return await expectFresh(lab, library, SERIES);
  } finally {
    await lab.close();
  }
}

async function later({ control_url }: SandboxProcess, seconds: number): Promise<void> {
  const answer = await fetch(`${control_url}/clock?by=${seconds}`, { method: "POST" });
  if (!answer.ok) throw new Error(`the clock cannot be moved: ${await answer.text()}`);
}
