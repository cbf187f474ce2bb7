import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** A run of the command line in a process of its own. */
export interface CliRun {
  readonly child: ChildProcess;
  /** Once it has ended, however that was. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }>;
}

/** Starts `kalshi-lab` from the sources, under the Node that runs the test. */
export function startCli(args: readonly string[], env: Readonly<Record<string, string>> = {}): CliRun {
  const child = spawn(process.execPath, ["--import", "tsx", main, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, KALSHI_ENV: "", KALSHI_REST_URL: "", KALSHI_API_KEY_ID: "", ...env },
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  const ended = new Promise<Awaited<CliRun["ended"]>>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, ...texts }));
  });
  return { child, ended };
}

/** Runs `kalshi-lab` to its end. */
export function runCli(args: readonly string[], env?: Readonly<Record<string, string>>): CliRun["ended"] {
  return startCli(args, env).ended;
}
