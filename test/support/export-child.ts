import { readFileSync } from "node:fs";
import { openRecording } from "../../src/lab/recording.js";

/** Run in a process of its own: saves a recording's depth to a file and prints what that took, as JSON. */
export interface Taken {
  readonly rows: number;
  readonly seconds: number;
  /** Resident megabytes before it began, and the most there ever were. */
  readonly start: number;
  readonly peak: number;
}

const [dir = "", path = ""] = process.argv.slice(2);

async function main(): Promise<void> {
  // The engine and the compiled code are there before what is measured.
  const recording = await openRecording(dir);
  await recording.quotes({ to: 1_795_329_091_000_000 }).save(`${path}.first.parquet`);
  const start = megabytes("VmRSS");
  const begun = performance.now();
  const { rows } = await recording.depth({ levels: 5 }).save(path);
  const seconds = (performance.now() - begun) / 1000;
  process.stdout.write(JSON.stringify({ rows, seconds, start, peak: megabytes("VmHWM") }));
}

function megabytes(name: "VmRSS" | "VmHWM"): number {
  const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync("/proc/self/status", "utf8"))!;
  return Number(kilobytes) / 1024;
}

void main();
