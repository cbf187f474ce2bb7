import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBConnection } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Findings } from "../../../src/datasets/verify/fault.js";
import { verifyLibrary } from "../../../src/datasets/verify/verify-library.js";
import { rawTrade } from "../../frames/records.js";
import { expectRejection } from "../../support/errors.js";
import { SmallLibrary } from "../../support/small-library.js";

let root: string;
let library: SmallLibrary;
let folder: string;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "stopped-check-"));
  folder = join(root, "spill");
  mkdirSync(folder);
  library = await SmallLibrary.make(join(root, "datasets"));
  const days = ["2026-11-01", "2026-11-02", "2026-11-03"];
  await library.merge(
    "trades",
    "S",
    days.map((day, number) => rawTrade(number, { created_time: `${day}T08:00:00Z` })),
  );
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

/** Findings that set off a signal at the file of a number. */
function stoppingAt(number: number): { findings: Findings; signal: AbortSignal; seen: () => number } {
  const controller = new AbortController();
  const findings = new Findings();
  let files = 0;
  Object.defineProperty(findings, "files", {
    get: () => files,
    set: (value: number) => {
      files = value;
      if (value === number) controller.abort();
    },
  });
  return { findings, signal: controller.signal, seen: () => files };
}

describe("a check of a library that is stopped", () => {
  it("ends before the next file, and calls no file damaged for it", async () => {
    const { findings, signal, seen } = stoppingAt(2);
    await expectRejection(verifyLibrary(library.dir, folder, findings, signal), "INTERRUPTED", /run it again/);
    expect(seen()).toBe(2);
    expect(findings.faults).toEqual([]);
  });

  it("reads nothing when it was stopped before it began", async () => {
    const findings = new Findings();
    const check = verifyLibrary(library.dir, folder, findings, AbortSignal.abort());
    await expectRejection(check, "INTERRUPTED", /run it again/);
    expect(findings.files).toBe(0);
  });

  it("ends the engine while it looks for records that stand twice", async () => {
    const controller = new AbortController();
    const interrupted = vi.spyOn(DuckDBConnection.prototype, "interrupt");
    const { runAndReadAll } = DuckDBConnection.prototype;
    vi.spyOn(DuckDBConnection.prototype, "runAndReadAll").mockImplementation(function (
      this: DuckDBConnection,
      ...given: Parameters<typeof runAndReadAll>
    ) {
      const answer = runAndReadAll.apply(this, given);
      if (/HAVING count/.test(given[0])) controller.abort();
      return answer;
    });
    const findings = new Findings();
    const check = verifyLibrary(library.dir, folder, findings, controller.signal);
    await expectRejection(check, "INTERRUPTED", /run it again/);
    expect(findings.files).toBe(3);
    expect(interrupted).toHaveBeenCalledOnce();
  });
});
