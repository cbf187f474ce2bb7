import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { size, span, statusScreen } from "../../../src/cli/record/screen.js";
import { KalshiError } from "../../../src/errors.js";
import { recorderStatus } from "../../support/recorder-status.js";

const full = new KalshiError("DISK_FULL", "out/today/00000003.seg cannot be written: no space left on device", {
  hint: "free some space; frames wait in memory meanwhile, and what does not fit there is recorded as a hole",
});

describe("the screen of a recorder", () => {
  it("has a line per subject, what matters most first", () => {
    const screen = statusScreen(recorderStatus(), { dir: "out/today", columns: 100 });
    expect(screen.split("\n")).toEqual([
      "● recording · 1 m 30 s · out/today",
      "markets     12 · 3 came · 1 went",
      "messages    4,322/s · 1,234,567 written · last 0.1 s ago",
      "lag         median 13 ms · -3.3 ms to 90 ms",
      "bytes       346 MB · 1.30 MB/s · 300 MB packed to 20.0 MB",
      "gaps        1 · every book whole",
      "stalls      2",
      "connections 2",
      "disk        ok · 41.0 GB free · 6 segments",
      "REST books  120 compared · 0 differed · 2 could not be",
    ]);
  });

  it("says what is not known yet, and what is wrong", () => {
    const disk = { problem: full, waitingBytes: 3_200_000, freeBytes: 0 };
    const rest = { compared: 0, different: 0, skipped: 0, problem: null };
    const status = recorderStatus({
      state: "reconnecting",
      lag: null,
      lastFrameAt: null,
      staleBooks: 3,
      lostFrames: 17,
      stalls: { connections: 1, markets: 4, clocks: 1, total: 9 },
    });
    const screen = statusScreen({ ...status, disk, rest, problem: full }, { dir: "out/today", columns: 100 });
    expect(screen).toContain("○ reconnecting");
    expect(screen).toContain("lag         no times");
    expect(screen).toContain("gaps        1 · 3 books lack messages · 17 frames lost");
    expect(screen).toContain("stalls      9 · 1 connection silent · 4 markets silent · the exchange's time stands");
    expect(screen).toContain("connections 2 · connecting again");
    expect(screen).toContain("disk        DISK_FULL · 0 B free · 6 segments · 3.20 MB wait in memory");
    expect(screen).toContain("REST books  none compared yet");
    expect(screen).toContain("DISK_FULL: out/today/00000003.seg cannot be written");
    expect(screen).toContain("→ free some space");
  });

  it("has no line longer than the terminal is wide, and tells a problem to its last word", () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 200 }), fc.boolean(), (columns, isWrong) => {
        const screen = statusScreen(recorderStatus({ problem: isWrong ? full : null }), {
          dir: "a/b".repeat(60),
          columns,
        });
        for (const line of screen.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
        if (isWrong) expect(screen.replace(/\s+/g, " ")).toContain(`→ ${full.hint}`);
      }),
    );
  });

  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [999.6, "1.00 kB"],
    [1_234, "1.23 kB"],
    [45_678, "45.7 kB"],
    [99_960, "100 kB"],
    [999_499, "999 kB"],
    [999_500, "1.00 MB"],
    [7.5e12, "7.50 TB"],
    [3e16, "30000 TB"],
  ])("writes %d bytes as %s", (bytes, text) => {
    expect(size(bytes)).toBe(text);
  });

  it.each([
    [-5, "0.0 s"],
    [9_940, "9.9 s"],
    [59_400, "59 s"],
    [61_000, "1 m 1 s"],
    [3_600_000, "1 h 0 m"],
    [86_400_000 * 9 + 3_600_000 * 4, "9 d 4 h"],
  ])("writes %d ms as %s", (ms, text) => {
    expect(span(ms)).toBe(text);
  });
});
