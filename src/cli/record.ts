import type { Command } from "commander";
import { KalshiError } from "../errors.js";
import { connect } from "../lab/connect.js";
import { importFrames } from "../recorder/import-frames.js";
import type { RecorderStatus } from "../recorder/record.js";
import { type ConnectionFlags, connectionOf, withConnection } from "./connection.js";
import { printJson, say } from "./output.js";
import { EXIT_INTERRUPTED, stopSignal } from "./stop.js";

interface Flags extends ConnectionFlags {
  readonly tickers?: string;
  readonly series?: string;
  readonly event?: string;
  readonly out: string;
  readonly for?: string;
  readonly segmentSize?: string;
  readonly segmentSpan?: string;
  readonly sync?: string;
  readonly compress: boolean;
  readonly fromFrames?: string;
  readonly json?: boolean;
}

const SPANS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `kalshi-lab record`: every frame of some markets into a folder, until stopped. */
export function registerRecord(program: Command): void {
  withConnection(program.command("record"))
    .description("record every frame of some markets into a folder")
    .option("--tickers <ids>", "markets, separated by commas")
    .option("--event <id>", "all open markets of an event")
    .option("--series <id>", "all open markets of a series")
    .requiredOption("--out <dir>", "folder of the recording; an existing one is added to")
    .option("--for <span>", 'how long, such as "60s" or "2h" (default until stopped)')
    .option("--segment-size <size>", 'a segment is closed beyond this size, such as "64MiB" (default)')
    .option("--segment-span <span>", 'a segment is closed after this long, such as "1h" (default)')
    .option(
      "--sync <span>",
      'how often the disk is made to have what was written (default "1s"; "0s" with every write)',
    )
    .option("--no-compress", "leave closed segments as they are")
    .option("--from-frames <file>", "make the recording of frames captured elsewhere: .jsonl or .jsonl.gz")
    .option("--json", "print what was recorded as JSON")
    .action(async (flags: Flags) => {
      const stop = stopSignal();
      if (flags.fromFrames !== undefined) {
        await importFile(flags.fromFrames, flags, stop);
        return;
      }
      const span = flags.for === undefined ? null : readSpan(flags.for);
      const storage = readStorage(flags);
      const lab = await connect({ ...connectionOf(flags), signal: stop });
      try {
        const tickers = flags.tickers?.split(",").filter((ticker) => ticker !== "");
        const recorder = await lab.record({
          tickers,
          event: flags.event,
          series: flags.series,
          dir: flags.out,
          ...storage,
          signal: stop,
        });
        let problem: KalshiError | null = null;
        const ticking = setInterval(() => {
          const status = recorder.status();
          problem = tellProblem(problem, status.problem);
          showStatus(status);
        }, 1_000);
        const cancel = span === null ? () => undefined : after(span, () => void recorder.stop());
        const summary = await recorder.done.finally(() => {
          clearInterval(ticking);
          cancel();
          eraseStatus();
        });
        if (flags.json === true) printJson(summary);
        const lost = summary.lostFrames === 0 ? "" : `, ${summary.lostFrames} frames lost`;
        say(
          `${flags.out}: ${summary.frames} frames, ${summary.bytes} bytes, ${summary.gaps} gaps, ${summary.segments} segments${lost}`,
        );
        const { problem: left } = recorder.status();
        if (left?.code === "DISK_FULL" || left?.code === "WRITE_FAILED") throw left;
        if (stop.aborted) process.exitCode = EXIT_INTERRUPTED;
      } finally {
        await lab.close();
      }
    });
}

/** Makes a recording of a file of frames. */
async function importFile(path: string, flags: Flags, signal: AbortSignal): Promise<void> {
  const asked = [flags.tickers, flags.series, flags.event, flags.for].some((flag) => flag !== undefined);
  if (asked) {
    throw new KalshiError("BAD_ARGUMENT", "--from-frames records nothing else", {
      hint: "leave out --tickers, --series, --event and --for",
    });
  }
  const { maxSegmentBytes, syncMs, compress } = readStorage(flags);
  const made = await importFrames({ path, dir: flags.out, maxSegmentBytes, syncMs, compress, signal });
  if (flags.json === true) printJson(made);
  const { frames, bytes, connections, segments } = made;
  say(`${flags.out}: ${frames} frames, ${bytes} bytes, ${connections} connections, ${segments} segments`);
}

/** A problem is told once, with or without a terminal, and so is its end. */
function tellProblem(before: KalshiError | null, now: KalshiError | null): KalshiError | null {
  if (before?.code !== now?.code) {
    eraseStatus();
    say(now === null ? "all is well again" : now.toString());
  }
  return now;
}

function showStatus(status: RecorderStatus): void {
  if (!process.stderr.isTTY) return;
  const problem = status.problem === null ? "" : ` · ${status.problem.code}: ${status.problem.message}`;
  process.stderr.write(
    `\r\x1b[K${status.state} · ${status.markets} markets · ${status.frames} frames · ${status.bytes} bytes · ${status.gaps} gaps${problem}`,
  );
}

function eraseStatus(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}

/** The longest that a timer of Node's can be. */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls after a span of any length, unless it is cancelled before. */
function after(spanMs: number, call: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    timer = setTimeout(() => (left > LONGEST_MS ? wait(left - LONGEST_MS) : call()), Math.min(left, LONGEST_MS));
  };
  wait(spanMs);
  return () => clearTimeout(timer);
}

/** How the recording is kept. @throws KalshiError `BAD_ARGUMENT` */
function readStorage({ segmentSize, segmentSpan, sync, compress }: Flags) {
  const maxSegmentMs = segmentSpan === undefined ? undefined : readSpan(segmentSpan);
  if (maxSegmentMs === 0) {
    throw new KalshiError("BAD_ARGUMENT", "a segment of no time holds nothing", {
      hint: 'write "10m" or "1h"',
      context: { segmentSpan },
    });
  }
  return {
    maxSegmentBytes: segmentSize === undefined ? undefined : readSize(segmentSize),
    maxSegmentMs,
    syncMs: sync === undefined ? undefined : readSpan(sync),
    compress,
  };
}

const SIZES: Readonly<Record<string, number>> = { kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, kb: 1e3, mb: 1e6, gb: 1e9 };

function readSize(text: string): number {
  const parts = /^(\d+(?:\.\d+)?) ?([kmg]i?b)$/i.exec(text);
  const size = parts === null ? 0 : Number(parts[1]) * SIZES[parts[2]!.toLowerCase()]!;
  if (size >= 1) return size;
  throw new KalshiError("BAD_ARGUMENT", `not a size: ${JSON.stringify(text)}`, {
    hint: 'write "64MiB" or "500MB"',
    context: { text },
  });
}

function readSpan(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (parts !== null) return Number(parts[1]) * SPANS[parts[2]!]!;
  throw new KalshiError("BAD_ARGUMENT", `not a span: ${JSON.stringify(text)}`, {
    hint: 'write "90s", "10m" or "2h"',
    context: { text },
  });
}
