import { readFileSync } from "node:fs";
import type { ReadyInfo } from "../../src/sandbox/sandbox.js";
import { type CliRun, startCli } from "./cli.js";
import { connectionFlags } from "./variables.js";
import { until } from "./wait.js";

/** `kalshi-lab record` in a process of its own, which can be killed. */
export interface RecorderProcess {
  readonly pid: number;
  /** What it has said on stderr so far. */
  stderr(): string;
  /** Bytes of memory it has now. */
  memory(): number;
  /** Ends it by a signal, and waits for that; gives the exit code, null where the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  /** Resolves once it says something on stderr that it had not said before; fails when it ends meanwhile. */
  says(what: RegExp, since?: number, whileWaiting?: () => void): Promise<void>;
}

/** Starts a recorder of a sandbox; `flags` say what it records and where. */
export function recorderProcess(
  sandbox: ReadyInfo,
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RecorderProcess {
  const run: CliRun = startCli(["record", ...flags, ...connectionFlags(sandbox)], env);
  let said = "";
  let hasEnded = false;
  run.child.stderr!.on("data", (text: string) => {
    said += text;
  });
  void run.ended.then(() => {
    hasEnded = true;
  });
  return {
    pid: run.child.pid!,
    stderr: () => said,
    memory: () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${run.child.pid}/status`, "utf8"))?.[1]) * 1024,
    async end(signal) {
      run.child.kill(signal);
      return (await run.ended).code;
    },
    async says(what, since = 0, whileWaiting = () => undefined) {
      await until(() => {
        whileWaiting();
        if (what.test(said.slice(since))) return true;
        if (hasEnded) throw new Error(`the recorder ended: ${said}`);
        return false;
      }, `the recorder to say ${what}`);
    },
  };
}
