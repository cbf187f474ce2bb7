import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockLibrary } from "../../../src/datasets/library/lock-library.js";
import { verifyFolder } from "../../../src/datasets/verify/verify-folder.js";
import { lockFolder } from "../../../src/store/lock.js";
import { rawTrade } from "../../frames/records.js";
import { expectRejection } from "../../support/errors.js";
import { SmallLibrary } from "../../support/small-library.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lock-library-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const since = "2026-11-01T10:00:00.000Z";
const leave = (text: string): void => writeFileSync(join(dir, "in-use.lock"), text);
const elsewhere = JSON.stringify({ pid: 4711, host: "another-machine", started: "1", since });

describe("a library that is in use", () => {
  it("by a process of another machine is not waited for without end: whose it is and since when is told, and what to do", async () => {
    leave(elsewhere);
    const told: string[] = [];
    const waiting = lockLibrary(dir, { otherMachineMs: 250, onWait: ({ message }) => told.push(message) });
    const error = await expectRejection(waiting, "FOLDER_LOCKED", /on that machine .* remove in-use\.lock/);
    expect(error.message).toBe(
      `process 4711 on another-machine writes into ${dir}, since ${since}; it was waited for 0 s`,
    );
    expect(told).toEqual([`process 4711 on another-machine writes into ${dir}, since ${since}`]);
  });

  it("by a lock that cannot be read, likewise", async () => {
    leave("?");
    await expectRejection(lockLibrary(dir, { otherMachineMs: 0 }), "FOLDER_LOCKED", /remove/);
  });

  it("by a process of another machine is taken as soon as that is done", async () => {
    leave(elsewhere);
    const waiting = lockLibrary(dir, { onWait: () => rmSync(join(dir, "in-use.lock")) });
    (await waiting).release();
  });

  it("by a living process of this machine is waited for, however short the other's patience", async () => {
    const first = lockFolder(dir);
    const waiting = lockLibrary(dir, { otherMachineMs: 0, onWait: () => first.release() });
    (await waiting).release();
    leave(JSON.stringify({ pid: process.pid, host: hostname(), started: null, since }));
    await expectRejection(lockLibrary(dir, { wait: false }), "FOLDER_LOCKED", /./);
  });

  it("by another machine is told by verify too", async () => {
    const library = await SmallLibrary.make(join(dir, "datasets"));
    await library.merge("trades", "S", [rawTrade(1)]);
    writeFileSync(join(library.dir, "in-use.lock"), elsewhere);
    await expectRejection(verifyFolder(library.dir, { otherMachineMs: 0 }), "FOLDER_LOCKED", /another|that machine/);
  });
});
