import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { Keeper } from "../../src/recorder/keeper.js";

const folder = mkdtempSync(join(tmpdir(), "kalshi-keeper-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a keeper", () => {
  it("begins no thread behind its end, which would keep the process: it is resumed and closed in one breath", async () => {
    const before = threads();
    const keeper = new Keeper({ dir: folder, compress: true });
    keeper.pause();
    keeper.pack(1, 0);
    keeper.resume();
    await keeper.close(1, 0);
    await setImmediate();
    expect(threads()).toBe(before);
  });

  it("ends its thread when it is closed while that works", async () => {
    const before = threads();
    const keeper = new Keeper({ dir: folder, compress: true });
    keeper.pack(1, 0);
    expect(threads()).toBe(before + 1);
    await keeper.close(1, 0);
    await setImmediate();
    expect(threads()).toBe(before);
  });
});

/** Ports of threads that keep this process. */
function threads(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "MessagePort").length;
}
