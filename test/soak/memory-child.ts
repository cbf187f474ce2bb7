import { readFileSync } from "node:fs";
import { connect } from "../../src/lab/connect.js";

/** Run in a process of its own: downloads a ticker's trades to a file and prints what that took, a {@link Taken}, as JSON. */
export interface Taken {
  readonly rows: number;
  readonly seconds: number;
  /** Seconds from the last page to the file. */
  readonly writing: number;
  /** Resident megabytes before the download began, and the most there ever were: up to the last page, and altogether. */
  readonly start: number;
  readonly downloading: number;
  readonly peak: number;
}

const [ticker = "", path = ""] = process.argv.slice(2);

async function main(): Promise<void> {
  let lastPage = 0;
  let downloading = 0;
  const lab = await connect();
  const start = megabytes("VmRSS");
  const begun = performance.now();
  const onProgress = (): void => {
    lastPage = performance.now();
    downloading = megabytes("VmHWM");
  };
  const { rows } = await lab.trades({ ticker, onProgress }).save(path);
  const [seconds, writing] = [begun, lastPage].map((since) => (performance.now() - since) / 1000);
  await lab.close();
  process.stdout.write(JSON.stringify({ rows, seconds, writing, start, downloading, peak: megabytes("VmHWM") }));
}

function megabytes(name: "VmRSS" | "VmHWM"): number {
  const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync("/proc/self/status", "utf8"))!;
  return Number(kilobytes) / 1024;
}

void main();
