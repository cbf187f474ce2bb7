import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { cacheFiles, cacheFolder, clearCache } from "../../src/history/cache-folder.js";
import { Shelf } from "../../src/history/cache-shelf.js";
import type { KeptKind } from "../../src/history/cache-subject.js";
import { ALWAYS } from "../../src/history/spans.js";
import { expectError, expectRejection } from "../support/errors.js";

describe("the cache's folder", () => {
  it("is the one that KALSHI_CACHE_DIR names, else where the system keeps caches", () => {
    expect(cacheFolder({ KALSHI_CACHE_DIR: "kept", XDG_CACHE_HOME: "/caches" }, "linux")).toBe(resolve("kept"));
    expect(cacheFolder({ XDG_CACHE_HOME: "/caches" }, "linux")).toBe(resolve("/caches/kalshi-lab"));
    expect(cacheFolder({}, "linux")).toBe(join(homedir(), ".cache", "kalshi-lab"));
    expect(cacheFolder({}, "darwin")).toBe(join(homedir(), "Library", "Caches", "kalshi-lab"));
    expect(cacheFolder({ LOCALAPPDATA: "/local" }, "win32")).toBe(join("/local", "kalshi-lab", "cache"));
  });

  it("is none when KALSHI_CACHE is off, and another word than on or off is refused", () => {
    expect(cacheFolder({ KALSHI_CACHE: "off", KALSHI_CACHE_DIR: "kept" })).toBeNull();
    expect(cacheFolder({ KALSHI_CACHE: "on", KALSHI_CACHE_DIR: "kept" })).toBe(resolve("kept"));
    expectError(() => cacheFolder({ KALSHI_CACHE: "/a/folder" }), "BAD_ARGUMENT", /KALSHI_CACHE_DIR/);
  });
});

describe("clearing a folder", () => {
  it("names a file that cannot be removed, and the folder that cannot be looked into", async () => {
    const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-clearing-"));
    // A folder in a file's place, which is not removed with what is in it.
    mkdirSync(join(dir, "trades.kept"));
    const removing = await expectRejection(clearCache(dir, {}), "WRITE_FAILED", /whose folder it is.*KALSHI_CACHE_DIR/);
    expect(removing.message).toContain(join(dir, "trades.kept"));
    const file = join(dir, "file");
    writeFileSync(file, "");
    const looking = await expectRejection(clearCache(file, {}), "FILE_UNREADABLE", /KALSHI_CACHE_DIR names another/);
    expect(looking.message).toContain(file);
    expect(await clearCache(join(dir, "not there"), {})).toEqual({ files: 0, bytes: 0, unclear: 0 });
    rmSync(dir, { recursive: true });
  });
});

describe("clearing what is kept of a series", () => {
  /** The market `E1-A` of the event `E1`. */
  const market = (ticker: string): string => JSON.stringify({ ticker, event_ticker: ticker.split("-")[0] });

  async function folderOf(kept: readonly (readonly [KeptKind, string, ...string[]])[]): Promise<string> {
    const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-clear-"));
    const shelf = new Shelf(dir, "x");
    for (const [kind, key, ...tickers] of kept) {
      const known = { span: ALWAYS, cutoff: 0, closed: true };
      await shelf.put({ kind, key, interval: null }, known, tickers.map(market));
    }
    return dir;
  }

  const keysIn = async (dir: string): Promise<string[]> =>
    (await cacheFiles(dir)).map(({ kept }) => `${kept!.kind} ${kept!.key}`).sort();

  it("removes its lists, and what was asked by event or by ticker where a list of it has the event", async () => {
    const dir = await folderOf([
      ["markets", "series_ticker=S", "E1-A", "E2-A"],
      ["markets", "event_ticker=E1", "E1-B"],
      ["trades", "E1-A"],
      ["trades", "E1-B"],
      ["market", "E2-C", "E2-C"],
      ["candlesticks", "E2-C"],
      ["markets", "series_ticker=OTHER", "E8-A"],
      ["trades", "E8-A"],
      ["trades", ""],
    ]);
    expect(await clearCache(dir, { series: "S" })).toMatchObject({ files: 6, unclear: 0 });
    expect(await keysIn(dir)).toEqual(["markets series_ticker=OTHER", "trades ", "trades E8-A"]);
    rmSync(dir, { recursive: true });
  });

  it("counts what is left of which nothing tells the series, of what was asked for otherwise", async () => {
    const dir = await folderOf([
      ["markets", "series_ticker=OTHER", "E8-A"],
      ["trades", "E8-A"],
      ["trades", "S-A"],
      ["market", "S-A", "S-A"],
      ["markets", "event_ticker=S", "S-A"],
      ["trades", ""],
    ]);
    expect(await clearCache(dir, { series: "S" })).toEqual({ files: 0, bytes: 0, unclear: 3 });
    expect(await clearCache(dir, { series: "S", ticker: "S-A" })).toEqual({ files: 0, bytes: 0, unclear: 2 });
    expect(await clearCache(dir, { series: "S", exchange: "y" })).toEqual({ files: 0, bytes: 0, unclear: 0 });
    expect(await clearCache(dir, { ticker: "S-A" })).toMatchObject({ files: 2, unclear: 0 });
    rmSync(dir, { recursive: true });
  });
});
