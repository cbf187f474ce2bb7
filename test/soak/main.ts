import { randomBytes } from "node:crypto";
import { Command } from "commander";
import { startSandbox } from "../../src/sandbox/sandbox.js";
import { JupyterClient } from "../support/jupyter-client.js";
import { walk } from "../support/walk.js";
import { accountSession } from "./account-session.js";
import type { FaultStep } from "./fault-plan.js";
import { walkKernel } from "./kernel-walk.js";
import { walkKillPoints } from "./kill-points.js";
import { reportMemory } from "./memory.js";
import { walkFaults } from "./recorder-faults.js";
import { type RolloverOptions, recordRollover } from "./rollover.js";
import { reportStatistics } from "./statistics.js";
import { walkSyncKills } from "./sync-kills.js";

/** `npm run soak`: the long walks, of which the tests take a tenth. Each prints its seed, and what it came to. */
const program = new Command("soak").description("long walks over random faults");

program
  .command("kill-points", { isDefault: true })
  .description("downloads that are killed at random places under a random fault plan")
  .option("--seed <text>", "walks of this seed", randomBytes(4).toString("hex"))
  .option("--walks <n>", "downloads", Number, 50)
  .option("--kills <n>", "kills of each", Number, 4)
  .action(async ({ seed, walks, kills }: { seed: string; walks: number; kills: number }) => {
    for (let walk = 0; walk < walks; walk += 1) {
      const started = performance.now();
      // A single walk has the seed that is named, so that one that failed can be walked again.
      const name = walks === 1 ? seed : `${seed}-${walk}`;
      const { rows, kills: places, faults } = await walkKillPoints(name, kills);
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      const struck = Object.entries(faults).flatMap(([fault, count]) => (count > 0 ? [`${count} ${fault}`] : []));
      console.log(`${name}  ${rows} rows in ${seconds} s; killed at ${places.join(", ")}; ${struck.join(", ")}`);
    }
    console.log(`${walks * kills} kill points, every download whole`);
  });

program
  .command("sync")
  .description(
    "syncs and compactions of one library that are killed at random moments; it verifies after each and ends complete",
  )
  .option("--seed <text>", "a walk of this seed", randomBytes(4).toString("hex"))
  .option("--kills <n>", "kills", Number, 100)
  .action(async ({ seed, kills }: { seed: string; kills: number }) => {
    const started = performance.now();
    const { rows, kills: places } = await walkSyncKills(seed, kills);
    for (const place of places) console.log(`  ${place}`);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(
      `${seed}  ${places.length} kills, the library verified after each; complete, ${rows} rows as a fresh download and an unkilled library have them, ${seconds} s`,
    );
  });

program
  .command("recorder")
  .description(
    "a recorder on a sandbox, both in processes of their own, through every fault; held against what was sent",
  )
  .option("--seed <text>", "walks of this seed", randomBytes(4).toString("hex"))
  .option("--walks <n>", "walks", Number, 20)
  .option("--steps <n>", "only the first steps of each", Number)
  .action(async ({ seed, walks, steps }: { seed: string; walks: number; steps?: number }) => {
    for (let walk = 0; walk < walks; walk += 1) {
      const name = walks === 1 ? seed : `${seed}-${walk}`;
      const onStep = ({ kind }: FaultStep, seconds: number) => console.log(`  ${kind}, ${seconds.toFixed(1)} s`);
      const { steps: taken, met, wire, ...figures } = await walkFaults(name, { steps, onStep });
      console.log(`${name}  ${taken.length} steps; ${tellOf({ ...wire, ...figures, ...met })}`);
    }
    console.log(`${walks} walks, every recording what was sent`);
  });

program
  .command("kernel")
  .description("a kernel through cells, questions, failures and interrupts; every message held to the protocol")
  .option("--seed <n>", "of the first walk", Number, 1)
  .option("--walks <n>", "walks", Number, 50)
  .option("--bursts <n>", "bursts of requests of each", Number, 40)
  .action(async ({ seed, walks, bursts }: { seed: number; walks: number; bursts: number }) => {
    const kernel = await JupyterClient.start();
    for (let walk = 0; walk < walks; walk += 1) {
      console.log(`${seed + walk}  ${tellOf({ ...(await walkKernel(kernel, seed + walk, bursts)) })}`);
    }
    await kernel.close();
    console.log(`${walks} walks, nothing unanswered, lost or out of order`);
  });

program
  .command("rollover")
  .description("a series of markets of fifteen minutes, recorded through its rollovers, without a gap")
  .option("--seed <text>", "of this world", randomBytes(4).toString("hex"))
  .option("--hours <n>", "of the sandbox's clock", Number, 24)
  .option("--speed <x>", "times as fast as the wall", Number, 20)
  .action(async (options: RolloverOptions) => {
    console.log(tellOf({ ...(await recordRollover(options)) }));
  });

program
  .command("accounts")
  .description("random sessions of an account on the sandbox: our figures from its fills beside the exchange's own")
  .option("--seed <text>", "sessions of this seed", randomBytes(4).toString("hex"))
  .option("--sessions <n>", "sessions", Number, 200)
  .action(async ({ seed, sessions }: { seed: string; sessions: number }) => {
    let [figures, fees] = [0, 0];
    for (let session = 0; session < sessions; session += 1) {
      const told = await accountSession(sessions === 1 ? seed : `${seed}-${session}`);
      figures += told.figures;
      fees += told.fees;
      console.log(`${told.seed}  ${tellOf({ ...told })}`);
    }
    console.log(`${sessions} sessions, ${figures} figures and the fees of ${fees} fills, all of them equal`);
  });

program
  .command("memory")
  .description("what a download takes above the start, without and with the cache")
  .argument("[trades]", "trades to download", Number, 5_000_000)
  .action(reportMemory);

program
  .command("statistics")
  .description("the generated world beside the exchange's captures: theirs, ours, bounds")
  .argument("[seeds...]", "worlds of these seeds", ["kalshi-lab"])
  .action(reportStatistics);

program
  .command("walk")
  .description(
    "all operations of the sandbox with good and bad parameters, every answer held against the specification",
  )
  .option("--seed <text>", "a walk of this seed", randomBytes(4).toString("hex"))
  .option("--steps <n>", "requests", Number, 7_000)
  .action(async ({ seed, steps }: { seed: string; steps: number }) => {
    const sandbox = await startSandbox({ seed, tier: "prestige", unsignedPerSecond: 1_000, keyType: "ed25519" });
    const { wrong, statuses } = await walk(sandbox, { seed, steps });
    await sandbox.close();
    console.log(`${seed}  ${[...statuses].map(([status, count]) => `${count} × ${status}`).join(", ")}`);
    for (const one of wrong) console.log(one);
    if (wrong.length > 0) process.exitCode = 1;
  });

function tellOf(figures: Readonly<Record<string, unknown>>): string {
  return Object.entries(figures)
    .filter(([name]) => name !== "seed")
    .map(([name, figure]) => `${name} ${figure}`)
    .join(", ");
}

await program.parseAsync();
