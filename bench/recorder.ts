import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Taken } from "./frame-client.js";
import { type Kind, startServer, take } from "./frame-processes.js";
import type { BenchResult } from "./result.js";

const FRAMES = 1_200_000;
const ROUNDS = 3;
/**
 * Frames a second over the socket, each way in a process of its own against one server: a bare `ws` client that counts, one that parses,
 * and the recorder with books live and bytes on the disk.
 */
export async function recording(): Promise<readonly BenchResult[]> {
  const own = mkdtempSync(join(tmpdir(), "bench-recorder-"));
  try {
    return await speed(own);
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

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
