import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Subject, writeLibrary } from "../../../src/datasets/library/library-file.js";
import { verifyFolder } from "../../../src/datasets/verify/verify-folder.js";
import { provenance } from "../../../src/frames/provenance.js";
import { SqlQuery } from "../../../src/lab/sql.js";
import { rawTrade } from "../../frames/records.js";
import { runCli } from "../../support/cli.js";
import { SmallLibrary } from "../../support/small-library.js";

let root: string;
let library: SmallLibrary;
const subject: Subject = { kind: "trades", series: "S", period: null, from: null };
const asOf = "2026-12-01T00:00:00Z";
const path = join("kind=trades", "series=S");

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "unfinished-"));
  library = await SmallLibrary.make(join(root, "datasets"));
  await library.merge("trades", "S", [rawTrade(1), rawTrade(2)]);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Asserts what is told of the library: by a check of it, by the command, and beside an answer in SQL. */
async function expectTold(why: RegExp | null): Promise<void> {
  const { faults, incomplete } = await verifyFolder(library.dir);
  expect(faults).toEqual([]);
  expect(incomplete).toEqual(why === null ? [] : [{ path, why: expect.stringMatching(why) as string }]);
  const origin = provenance(await new SqlQuery("SELECT * FROM trades", { library: library.dir }))!;
  expect(origin.complete).toBe(why === null);
  if (why === null) expect(origin.why).toBeNull();
  else expect(origin.why).toMatch(why);
  const { code, stdout } = await runCli(["verify", library.dir, "--complete"]);
  expect(code, stdout).toBe(why === null ? 0 : 1);
  expect(stdout).toMatch(why ?? /^$/);
}

describe("a subject of a library", () => {
  it("that has come to its end is complete", () => expectTold(null), 60_000);

  it("whose first sync was aborted when some days were merged is not complete, though each of these is", async () => {
    await library.keep(subject, { through: null, odd: {} });
    await expectTold(/no sync has come to its end/);
  }, 60_000);

  it("that has no state at all is not complete", async () => {
    rmSync(join(library.dir, "_state"), { recursive: true });
    await expectTold(/no sync has come to its end/);
  }, 60_000);

  it("that the exchange did not answer for is not complete, and says what it lacks", async () => {
    await library.keep(subject, { through: asOf, odd: {}, why: "the exchange did not answer for S-1" });
    await expectTold(/did not answer for S-1/);
  }, 60_000);

  it("that the exchange has lost something of is not complete, and says what", async () => {
    await library.keep(subject, { through: asOf, odd: {}, lost: "the exchange has no trades between noon and one" });
    await expectTold(/has no trades between noon and one/);
  }, 60_000);

  it("whose question was left by a stopped sync is not complete, as far as it had come before", async () => {
    mkdirSync(join(library.dir, "_staging"), { recursive: true });
    writeFileSync(join(library.dir, "_staging", "ask.json"), JSON.stringify({ subject, ask: {}, begun: asOf }));
    await expectTold(/a sync was stopped in its midst/);
  }, 60_000);

  it("that the library does not know, with rows of it, is not complete", async () => {
    await writeLibrary(library.dir, { exchange: "test", account: null, subjects: [] });
    await expectTold(/no sync keeps it up to date/);
  }, 60_000);

  it("is not complete for one period of candlesticks when it is for another", async () => {
    const candles = (period: number): Subject => ({ kind: "candlesticks", series: "S", period, from: null });
    await library.keep(candles(60), { through: asOf, odd: {} });
    await library.keep(candles(1), { through: null, odd: {} });
    const { incomplete } = await verifyFolder(library.dir);
    expect(incomplete).toMatchObject([{ why: expect.stringMatching(/^of 1 minutes: no sync/) as string }]);
    // What another kind lacks is not that of the trades.
    expect(provenance(await new SqlQuery("SELECT * FROM trades", { library: library.dir }))!.complete).toBe(true);
  });

  it("whose state cannot be read is not complete, and the file is named", async () => {
    writeFileSync(join(library.dir, "_state", `${encodeURIComponent("trades S")}.json`), "{");
    await expectTold(/cannot read .*_state/);
  }, 60_000);
});
