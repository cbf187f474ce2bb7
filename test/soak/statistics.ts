import { startSandbox } from "../../src/sandbox/sandbox.js";
import { DEFAULT_START, generateWorld } from "../../src/sandbox/world/generate.js";
import { byteFigures } from "../support/byte-statistics.js";
import { expectWithin, type Figure, printFigures } from "../support/statistics.js";
import { tradeFigures } from "../support/trade-statistics.js";
import { universeFigures } from "../support/universe-statistics.js";

/** Prints what the exchange's captures say beside what worlds of these seeds have, and fails where ours lies outside its bounds. */
export async function reportStatistics(seeds: readonly string[]): Promise<void> {
  const all: Figure[] = [];
  const report = (title: string, figures: readonly Figure[]) => {
    printFigures(`${title}\n`, figures);
    console.log();
    all.push(...figures);
  };
  for (const seed of seeds) {
    const { world } = generateWorld(seed, { now: () => DEFAULT_START });
    const { size } = world.trades;
    console.log(`seed ${seed}: ${world.events.size} events, ${world.markets.size} markets, ${size} trades\n`);
    report("Trades of weather markets", tradeFigures(world));
    report("Markets and settlements", universeFigures(world));
    const sandbox = await startSandbox({ seed, speed: 0, unsignedPerSecond: 1_000 });
    try {
      report("Bytes of compact JSON", await byteFigures(sandbox));
    } finally {
      await sandbox.close();
    }
  }
  expectWithin(all);
}
