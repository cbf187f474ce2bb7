import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { until } from "../support/wait.js";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Does what `bin/kalshi-lab.js` does under too old a Node, which the test cannot count on finding. */
const starter = `
  const { spawn } = require("node:child_process");
  spawn(process.execPath, ["--import", "tsx", ${JSON.stringify(main)}, "sandbox"], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...process.env, KALSHI_LAB_RESTARTED: "1" },
  });
`;

describe("a command that was started again on another Node", () => {
  it("does not outlive the process that stands for it, however that ends", async () => {
    const standing = spawn(process.execPath, ["-e", starter], { stdio: ["ignore", "pipe", "inherit"] });
    let line = "{}";
    for await (const first of createInterface({ input: standing.stdout })) {
      line = first;
      break;
    }
    const { pid } = JSON.parse(line) as { pid: number };
    expect(isAlive(pid)).toBe(true);
    standing.kill("SIGKILL");
    await until(() => !isAlive(pid), "the end of the one it started");
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
