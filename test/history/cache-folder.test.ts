import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { cacheFolder } from "../../src/history/cache-folder.js";
import { expectError } from "../support/errors.js";

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
