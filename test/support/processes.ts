import { readdirSync, readFileSync } from "node:fs";

/** The variable by which processes are found again: whoever inherits it was started by, or below, the one that got it. */
export const MARK = "KALSHI_LAB_TEST_MARK";

/** Command lines of the living processes that carry a mark, wherever they were moved to since they were started. */
export function processesOf(mark: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(`${MARK}=${mark}`)) continue;
      found.push(`${pid} ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim()}`);
    } catch {
      // It has ended meanwhile, or is not ours to look at.
    }
  }
  return found;
}
