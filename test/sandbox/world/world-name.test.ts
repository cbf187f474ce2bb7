import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../../src/sandbox/sandbox.js";
import { DEFAULT_START, generateWorld } from "../../../src/sandbox/world/generate.js";
import { addBulkSeries } from "../../../src/sandbox/world/series/bulk-series.js";
import { addPastCombos } from "../../../src/sandbox/world/series/generated-combos.js";
import { GENERATION } from "../../../src/sandbox/world/world-name.js";
import { writeDataFolder } from "../../support/data-folder.js";
import { get, getSigned } from "../../support/sandbox-call.js";

interface Status {
  readonly exchange_index_statuses: readonly { readonly description: string }[];
}

async function nameOf(sandbox: Sandbox): Promise<string> {
  return (await get<Status>(sandbox, "/exchange/status")).body.exchange_index_statuses[0]!.description;
}

async function withSandbox<Result>(
  options: SandboxOptions,
  use: (sandbox: Sandbox) => Promise<Result>,
): Promise<Result> {
  const sandbox = await startSandbox({ keyType: "ed25519", unsignedPerSecond: 1_000, ...options });
  try {
    return await use(sandbox);
  } finally {
    await sandbox.close();
  }
}

const startedName = (options: SandboxOptions) => withSandbox(options, nameOf);

describe("what a world is called", () => {
  it("is the same after every start with the same options, however they are written", async () => {
    const name = await startedName({ seed: "one" });
    expect(name).toMatch(/^Sandbox world [0-9a-f]{12}$/);
    expect(await startedName({ seed: "one", speed: 50, tier: "basic", latencyMs: 1 })).toBe(name);
    expect(await startedName({ seed: "one", clock: "2026-10-15T17:00:00+02:00" })).toBe(name);
  });

  it("is another with another seed, start, or number of bulk trades", async () => {
    const names = [
      await startedName({ seed: "one" }),
      await startedName({ seed: "two" }),
      await startedName({ seed: "one", clock: "2026-10-16T15:00:00Z" }),
      await startedName({ seed: "one", bulkTrades: 100 }),
      await startedName({ seed: "one", bulkTrades: 101 }),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  it("follows what a data folder holds, not where it is, and the cutoff given with it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "kalshi-name-"));
    try {
      const [first, second] = [join(folder, "a"), join(folder, "b")];
      writeDataFolder(first);
      cpSync(first, second, { recursive: true });
      const name = await startedName({ data: first });
      expect(await startedName({ data: second })).toBe(name);
      const cut = await startedName({ data: first, cutoff: "2026-01-01T00:00:00Z" });
      expect(cut).not.toBe(name);
      expect(await startedName({ data: first, cutoff: "2026-01-01T09:00:00Z" })).toBe(cut);
      writeFileSync(join(second, "trades.ndjson"), "");
      expect(await startedName({ data: second })).not.toBe(name);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("stays while the cutoff moves within the past, and is this process's alone once it has passed the start", async () => {
    const move = (sandbox: Sandbox, date: string) =>
      fetch(`${sandbox.ready.control_url}/cutoff?date=${date}`, { method: "POST" });
    const passed = () =>
      withSandbox({ seed: "one" }, async (sandbox) => {
        const name = await nameOf(sandbox);
        await move(sandbox, "2026-10-15T23:00:00Z");
        expect(await nameOf(sandbox)).toBe(name);
        await move(sandbox, "2026-10-16T00:00:00Z");
        const own = await nameOf(sandbox);
        expect(own.startsWith(`${name}-`)).toBe(true);
        await move(sandbox, "2026-09-01T00:00:00Z");
        expect(await nameOf(sandbox)).toBe(own);
        return own;
      });
    expect(await passed()).not.toBe(await passed());
  });

  it("is this process's alone too when a fault or the clock moved the cutoff past the start", async () => {
    const rule = { path: "/historical/cutoff", fault: "cutoff", days: 60 };
    await withSandbox({ seed: "one", faults: { rules: [rule] } }, async (sandbox) => {
      const name = await nameOf(sandbox);
      await get(sandbox, "/historical/cutoff");
      expect(await nameOf(sandbox)).toMatch(new RegExp(`^${name}-`));
    });
    let now = Date.now() * 1000;
    await withSandbox({ seed: "one", wall: { now: () => now } }, async (sandbox) => {
      const name = await nameOf(sandbox);
      now += 44 * 86_400e6;
      expect(await nameOf(sandbox)).toBe(name);
      now += 2 * 86_400e6;
      expect(await nameOf(sandbox)).toMatch(new RegExp(`^${name}-`));
    });
  });
});

describe("the number of the generator", () => {
  it("is that of what is generated: when this fails, raise GENERATION and put both in here", async () => {
    const { world } = generateWorld("generation", { now: () => DEFAULT_START });
    addPastCombos(world);
    addBulkSeries(world, 2_000);
    const hash = createHash("sha256");
    for (const record of [...world.series.values(), ...world.events.values()]) hash.update(JSON.stringify(record));
    // Every market adds up all of its trades; of some they are looked at one by one.
    for (const [place, market] of [...world.markets.values()].entries()) {
      hash.update(JSON.stringify(market));
      if (place % 7 === 0) hash.update(JSON.stringify(world.trades.between(market.ticker, 0, DEFAULT_START)));
      hash.update(JSON.stringify(world.trades.bulk(market.ticker)?.page({ limit: 2_000 }) ?? []));
    }
    await withSandbox({ seed: "generation" }, async (sandbox) => {
      for (const path of ["/historical/fills", "/historical/orders"])
        hash.update((await getSigned(sandbox, path)).text);
    });
    expect({ GENERATION, made: hash.digest("hex").slice(0, 16) }).toEqual({ GENERATION: 6, made: "bc1565da09501f0f" });
  });
});
