import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Taken } from "./frame-client.js";
import type { BenchResult } from "./result.js";

const FRAMES = 400_000;
const MARKETS = 100;
const ROUNDS = 3;
/** An hour of a dozen busy markets, as fast as it can be taken. */
const HOUR_FRAMES = 1_000_000;

type Kind = "ws" | "parse" | "recorder" | "recorder_raw";

/**
 * Frames a second over the socket, each way in a process of its own against one server: a bare `ws` client that counts, one that parses,
 * and the recorder with books live and bytes on the disk. And its memory over an hour's frames.
 */
export async function recording(): Promise<readonly BenchResult[]> {
  const own = mkdtempSync(join(tmpdir(), "bench-recorder-"));
  try {
    return [...(await speed(own)), await memory(own)];
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

async function speed(own: string): Promise<readonly BenchResult[]> {
  const kinds: readonly Kind[] = ["ws", "parse", "recorder", "recorder_raw"];
  const taken = new Map<Kind, Taken[]>(kinds.map((kind) => [kind, []]));
  const server = await startServer(FRAMES);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [turn] of kinds.entries()) {
      const kind = kinds[(turn + round) % kinds.length]!;
      taken.get(kind)!.push(await take(kind, server.url, FRAMES, join(own, `${kind}-${round}`)));
    }
  }
  server.close();
  const cpu = (kind: Kind): number => median(taken.get(kind)!.map(({ cpuMs, frames }) => (cpuMs * 1000) / frames));
  const perSecond = (kind: Kind): number =>
    median(taken.get(kind)!.map(({ wallMs, frames }) => (frames / wallMs) * 1000));
  const details = Object.fromEntries(
    kinds.flatMap((kind) => [
      [`${kind}_cpu_us`, round3(cpu(kind))],
      [`${kind}_per_second`, Math.round(perSecond(kind))],
    ]),
  );
  return [
    {
      name: "recorder over a bare ws client",
      ratio: round3(cpu("recorder_raw") / cpu("ws")),
      unit: "× CPU per frame",
      details: { ...details, wall_ratio: round3(perSecond("ws") / perSecond("recorder_raw")) },
    },
    {
      name: "recorder over ws + JSON.parse",
      ratio: round3(cpu("recorder_raw") / cpu("parse")),
      unit: "× CPU per frame",
      details: {
        goal: 0.83,
        wall_ratio: round3(perSecond("parse") / perSecond("recorder_raw")),
        with_packing: round3(cpu("recorder") / cpu("parse")),
      },
    },
  ];
}

/** Memory in the last fifth over that in the second, each the median: the first warms up, and one sample may hit a collection. */
async function memory(own: string): Promise<BenchResult> {
  const server = await startServer(HOUR_FRAMES);
  const { rss, wallMs, frames } = await take("recorder", server.url, HOUR_FRAMES, join(own, "hour"), 16);
  server.close();
  const fifth = Math.ceil(rss.length / 5);
  const early = median(rss.slice(fifth, fifth * 2));
  const late = median(rss.slice(-fifth));
  return {
    name: "recorder memory, end over beginning",
    ratio: round3(late / early),
    unit: "× (flat is 1)",
    details: {
      frames: HOUR_FRAMES,
      per_second: Math.round((frames / wallMs) * 1000),
      early_mb: Math.round(early),
      late_mb: Math.round(late),
      by_fifths_mb: [0, 1, 2, 3, 4].map((at) => Math.round(median(rss.slice(at * fifth, (at + 1) * fifth)))).join(" "),
      peak_mb: Math.round(Math.max(...rss)),
    },
  };
}

interface Server {
  readonly url: string;
  close(): void;
}

async function startServer(frames: number): Promise<Server> {
  const child = run("frame-server.ts", [frames, MARKETS]);
  const [port] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { url: `ws://127.0.0.1:${port}`, close: () => child.kill() };
}

async function take(kind: Kind, url: string, frames: number, dir: string, segmentMiB = 1_024): Promise<Taken> {
  const child = run("frame-client.ts", [kind, url, frames, MARKETS, dir, segmentMiB]);
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  rmSync(dir, { recursive: true, force: true });
  return JSON.parse(line) as Taken;
}

function run(file: string, args: readonly (string | number)[]) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return spawn(process.execPath, ["--import", "tsx", path, ...args.map(String)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
