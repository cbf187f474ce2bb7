import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer, take } from "./frame-processes.js";
import type { BenchResult } from "./result.js";

/** An hour of 3,300 frames a second, as fast as they can be taken: the memory grows in steps, and over fewer one cannot tell whether they end. */
const MEMORY_FRAMES = 12_000_000;
/** Of the memory of so many equal parts of the frames, those that warm up do not count. */
const PARTS = 10;
const WARM_PARTS = 2;

/**
 * Resident memory in the last tenth of the frames over that in the third, each the median of its samples: by then the compiler and the young
 * generation have what they need. A leak shows in all of the tenths, and as a slope; one that is hidden under what may be collected,
 * in what is left after a collection.
 */
export async function recorderMemory(): Promise<readonly BenchResult[]> {
  const own = mkdtempSync(join(tmpdir(), "bench-memory-"));
  const server = await startServer(MEMORY_FRAMES);
  const { rss, retained, wallMs, frames } = await take(
    "recorder_memory",
    server.url,
    MEMORY_FRAMES,
    join(own, "hour"),
    16,
  );
  server.close();
  const parts = Array.from({ length: PARTS }, (_, part) => {
    const [from, to] = [part, part + 1].map((at) => (at * MEMORY_FRAMES) / PARTS) as [number, number];
    return median(rss.filter(([at]) => at >= from && at < to).map(([, mb]) => mb));
  });
  const steady = parts.slice(WARM_PARTS);
  rmSync(own, { recursive: true, force: true });
  return [
    {
      name: "recorder memory, last tenth over the third",
      ratio: round3(steady.at(-1)! / steady[0]!),
      unit: "× (flat is 1)",
      details: {
        frames: MEMORY_FRAMES,
        per_second: Math.round((frames / wallMs) * 1000),
        by_tenths_mb: parts.map(Math.round).join(" "),
        mb_per_million_frames: round3((slope(steady) * PARTS * 1e6) / MEMORY_FRAMES),
        left_after_collection_mb: retained.map(round3).join(" "),
        peak_mb: Math.round(Math.max(...rss.map(([, mb]) => mb))),
      },
    },
  ];
}

/** Of the line nearest to some values one apart. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const [above, below] = values.reduce(
    ([sum, squares], value, at) => [sum + (at - middle) * value, squares + (at - middle) ** 2] as const,
    [0, 0] as readonly [number, number],
  );
  return above / below;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
