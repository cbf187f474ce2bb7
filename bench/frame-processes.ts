import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Taken } from "./frame-client.js";

const MARKETS = 100;

export type Kind = "ws" | "parse" | "recorder" | "recorder_raw" | "recorder_memory";

/** A frame server in a process of its own. */
export interface Server {
  readonly url: string;
  close(): void;
}

export async function startServer(frames: number): Promise<Server> {
  const child = run("frame-server.ts", [frames, MARKETS]);
  const [port] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { url: `ws://127.0.0.1:${port}`, close: () => child.kill() };
}

/** What a client in a process of its own took of what a server sends. */
export async function take(kind: Kind, url: string, frames: number, dir: string, segmentMiB = 1_024): Promise<Taken> {
  const flags = kind === "recorder_memory" ? ["--expose-gc"] : [];
  const child = run("frame-client.ts", [kind, url, frames, MARKETS, dir, segmentMiB], flags);
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  rmSync(dir, { recursive: true, force: true });
  return JSON.parse(line) as Taken;
}

function run(file: string, args: readonly (string | number)[], flags: readonly string[] = []) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return spawn(process.execPath, [...flags, "--import", "tsx", path, ...args.map(String)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}
