import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockFolder } from "../../src/store/lock.js";
import { expectError } from "../support/errors.js";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lock-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const leave = (owner: unknown): void => writeFileSync(join(dir, "in-use.lock"), JSON.stringify(owner));

describe("lockFolder", () => {
  it("refuses a second owner while the first lives, and lets the next in after its release", () => {
    const first = lockFolder(dir);
    const error = expectError(() => lockFolder(dir), "FOLDER_LOCKED", /wait for it to end .*remove in-use\.lock/);
    expect(error.message).toContain(dir);
    first.release();
    lockFolder(dir).release();
    expect(readdirSync(dir)).toEqual([]);
  });

  it("says whose it is, and since when", () => {
    const before = Date.now();
    const first = lockFolder(dir);
    const error = expectError(() => lockFolder(dir), "FOLDER_LOCKED", /./);
    expect(error.message).toBe(
      `process ${process.pid} on ${hostname()} writes into ${dir}, since ${error.context.since}`,
    );
    expect(Date.parse(String(error.context.since))).toBeGreaterThanOrEqual(before);
    first.release();
    // As an earlier version left it.
    leave({ pid: 1, host: "elsewhere", started: null });
    expectError(() => lockFolder(dir), "FOLDER_LOCKED", /./);
  });

  it("takes over from a process that is gone", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    const { pid } = child;
    await once(child, "exit");
    leave({ pid, host: hostname(), started: "1" });
    lockFolder(dir).release();
  });

  it("takes over when the number of its owner now belongs to a younger process", () => {
    leave({ pid: process.pid, host: hostname(), started: "1" });
    if (process.platform === "linux") lockFolder(dir).release();
  });

  it("leaves alone what it cannot judge: another machine's lock, and one it cannot read", () => {
    for (const owner of [{ pid: 1, host: "elsewhere", started: null }, "?"]) {
      leave(owner);
      expectError(() => lockFolder(dir), "FOLDER_LOCKED", /name another folder/);
    }
  });
});
