import { readFileSync } from "node:fs";
import type { ReadyInfo } from "../../src/sandbox/sandbox.js";
import { startCli } from "./cli.js";
import { type Member, memberOf } from "./sandbox-member.js";

/** A sandbox in a process of its own, which can be killed. */
export interface SandboxProcess {
  readonly ready: ReadyInfo;
  readonly member: Member;
  /** What it has said on stderr so far. */
  stderr(): string;
  /** Bytes of memory it has now. */
  memory(): number;
  /** Ends it, by SIGTERM unless told otherwise, and waits for that. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts `kalshi-lab sandbox` and waits until it is ready. */
export async function sandboxProcess(args: readonly string[] = []): Promise<SandboxProcess> {
  const { child, ended } = startCli(["sandbox", ...args]);
  let said = "";
  let stderr = "";
  child.stderr?.on("data", (text: string) => {
    stderr += text;
  });
  const ready = await new Promise<ReadyInfo>((resolve, reject) => {
    child.stdout?.on("data", (text: string) => {
      said += text;
      if (said.includes("\n")) resolve(JSON.parse(said.slice(0, said.indexOf("\n"))));
    });
    ended.then(({ code }) => reject(new Error(`the sandbox ended with ${code}: ${stderr}`)), reject);
  });
  return {
    ready,
    member: memberOf(ready, readFileSync(ready.private_key_path, "utf8")),
    stderr: () => stderr,
    memory: () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${ready.pid}/status`, "utf8"))?.[1]) * 1024,
    async end(signal = "SIGTERM") {
      child.kill(signal);
      await ended;
    },
  };
}
