import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CheckpointedRows } from "../../src/store/checkpoint.js";
import { lockFolder } from "../../src/store/lock.js";
import { expectRejection } from "../support/errors.js";

/** Removals that are still done before the process is as good as killed. */
const alive = vi.hoisted(() => ({ removals: Number.POSITIVE_INFINITY }));

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const mortal =
    <A extends unknown[], R>(remove: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (alive.removals <= 0) throw Object.assign(new Error("killed"), { code: "EIO" });
      alive.removals -= 1;
      return remove(...args);
    };
  return { ...real, rm: mortal(real.rm), rmdir: mortal(real.rmdir), unlink: mortal(real.unlink) };
});

describe("rows that have found their final place", () => {
  let dir: string;

  beforeEach(() => {
    dir = join(mkdtempSync(join(tmpdir(), "kalshi-lab-discard-")), "trades.csv.partial");
  });

  afterEach(() => {
    alive.removals = Number.POSITIVE_INFINITY;
    rmSync(join(dir, ".."), { recursive: true });
  });

  async function made(): Promise<CheckpointedRows<string>> {
    lockFolder(dir);
    const store = await CheckpointedRows.open(dir, () => "begun");
    for (const name of ["plan.json", "a.tmp", "z.tmp"]) writeFileSync(join(dir, name), "{}");
    store.append([{ id: 1 }]);
    await store.commit("finished");
    return store;
  }

  const there = (): string[] => (existsSync(dir) ? readdirSync(dir).sort() : []);

  it("are removed with all that is beside them, and with their folder", async () => {
    await (await made()).discard();
    expect(existsSync(dir)).toBe(false);
  });

  it("are begun anew by a later run, wherever the removal was killed, and never refused; the lock stays to the last", async () => {
    const whole = ["a.tmp", "checkpoint.json", "in-use.lock", "plan.json", "rows.ndjson", "z.tmp"];
    const sizes: number[] = [];
    // The last that is killed is the removal of the empty folder.
    for (let removals = 0; removals <= whole.length; removals += 1) {
      rmSync(dir, { recursive: true, force: true });
      const store = await made();
      expect(there()).toEqual(whole);
      alive.removals = removals;
      await expectRejection(store.discard(), "WRITE_FAILED", /may be written to/);
      alive.removals = Number.POSITIVE_INFINITY;
      const left = there();
      sizes.push(left.length);
      if (left.length === 0) break;
      expect(left).toContain("in-use.lock");
      const again = await CheckpointedRows.open(dir, () => "begun");
      expect([again.state, again.rows]).toEqual(removals === 0 ? ["finished", 1] : ["begun", 0]);
      again.append([{ id: 2 }]);
      await again.commit("goes on");
      expect([...again.read()].flat()).toEqual(removals === 0 ? [{ id: 1 }, { id: 2 }] : [{ id: 2 }]);
      await again.close();
    }
    expect(sizes).toEqual([6, 5, 4, 3, 2, 1, 0]);
  });
});
