import { afterAll, beforeAll, describe, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../src/sandbox/sandbox.js";
import { DEFAULT_START, generateWorld } from "../../../src/sandbox/world/generate.js";
import { addPastCombos } from "../../../src/sandbox/world/series/generated-combos.js";
import { byteFigures } from "../../support/byte-statistics.js";
import { expectWithin, printFigures } from "../../support/statistics.js";
import { tradeFigures } from "../../support/trade-statistics.js";
import { comboFigures, universeFigures } from "../../support/universe-statistics.js";

describe.each(["kalshi-lab", "statistics"])("the statistics of the generated world %s", (seed) => {
  const { world } = generateWorld(seed, { now: () => DEFAULT_START });

  it("lie within the bounds set around those of the exchange's daily weather markets", () => {
    const figures = tradeFigures(world);
    printFigures(`Trades of weather markets, seed ${seed}`, figures);
    expectWithin(figures);
  });

  it("lie within the bounds set around those of the exchange's markets, events and settlements", () => {
    const figures = universeFigures(world);
    printFigures(`Markets and settlements, seed ${seed}`, figures);
    expectWithin(figures);
  });

  it("have combos, fewer than the exchange by far, which never traded and mostly settle at nothing", () => {
    const combined = generateWorld(seed, { now: () => DEFAULT_START }).world;
    addPastCombos(combined);
    const figures = comboFigures(combined);
    printFigures(`Combos, seed ${seed}`, figures);
    expectWithin(figures);
  });
});

describe("the answers of a sandbox", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ keyType: "ed25519", speed: 0, unsignedPerSecond: 1_000 });
  });
  afterAll(() => sandbox?.close());

  it("are about as long as the exchange's", async () => {
    const figures = await byteFigures(sandbox);
    printFigures("Bytes of compact JSON", figures);
    expectWithin(figures);
  });
});
