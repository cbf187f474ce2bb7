import type { Command } from "commander";
import { KalshiError } from "../errors.js";
import { connect } from "../lab/connect.js";
import type { Lab, RecordAsk } from "../lab/lab.js";
import { importFrames } from "../recorder/import-frames.js";
import type { Recorder, RecorderStatus, RecordingSummary } from "../recorder/record.js";
import { type ConnectionFlags, connectionOf, withConnection } from "./connection.js";
import { counted, printJson, say, warn } from "./output.js";
import { after, readPort, readSize, readSomeSpan, readSpan } from "./record/flags.js";
import { serveMetrics } from "./record/metrics-server.js";
import { type Report, reportOn } from "./record/report.js";
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
  readonly memory?: string;
  readonly silence?: string;
  readonly compress: boolean;
  readonly useYesPrice?: boolean;
  readonly look?: string;
  readonly compare?: string;
  readonly status?: string;
  readonly metricsPort?: string;
  readonly fromFrames?: string;
  readonly json?: boolean;
}

/** `kalshi-lab record`: every frame of some markets into a folder, until stopped. */
export function registerRecord(program: Command): void {
  withConnection(program.command("record"))
    .description("record every frame of some markets into a folder, until stopped")
    .option("--tickers <ids>", "markets, separated by commas")
    .option("--event <ids>", "all markets of events, those to come included")
    .option("--series <ids>", "all markets of series, those to come included")
    .requiredOption("--out <dir>", "folder of the recording; an existing one is added to")
    .option("--for <span>", 'how long, such as "60s" or "2h" (default until stopped)')
    .option("--segment-size <size>", 'a segment is closed beyond this size, such as "64MiB" (default)')
    .option("--segment-span <span>", 'a segment is closed after this long, such as "1h" (default)')
    .option(
      "--sync <span>",
      'how often the disk is made to have what was written (default "1s"; "0s" with every write)',
    )
    .option("--memory <size>", 'how much waits there while the disk takes nothing (default "16MiB")')
    .option("--silence <span>", 'a connection is given up after so long without a sign of life (default "30s")')
    .option("--use-yes-price", "ask for NO levels in YES prices; books are the same either way")
    .option("--no-compress", "leave closed segments as they are")
    .option("--look <span>", 'how often REST is asked for new markets, besides the lifecycle channel (default "1m")')
    .option("--compare <span>", 'how often books are compared with those of REST (default "5m"; "0s" never)')
    .option("--status <span>", 'how often the status is told (default "1s")')
    .option(
      "--metrics-port <port>",
      "serve the status to Prometheus at http://127.0.0.1:PORT/metrics; 0 takes a free one",
    )
    .option("--from-frames <file>", "make the recording of frames captured elsewhere: .jsonl or .jsonl.gz")
    .option("--json", "print the status as JSON lines, and what was recorded as the last")
    .action(async (flags: Flags) => {
      const stop = stopSignal();
      const ask = readFlags(flags);
      if (flags.fromFrames !== undefined) {
        await importFile(flags.fromFrames, flags, { ...ask, signal: stop });
        return;
      }
      const told = readTold(flags);
      const lab = await connect({ ...connectionOf(flags), signal: stop });
      try {
        await run(lab, { ...ask, signal: stop }, told);
        if (stop.aborted) process.exitCode = EXIT_INTERRUPTED;
      } finally {
        await lab.close();
      }
    });
}

/** Makes a recording of a file of frames. */
async function importFile(path: string, flags: Flags, ask: RecordAsk): Promise<void> {
  const { tickers, series, event, for: span, look, compare, metricsPort, useYesPrice } = flags;
  if ([tickers, series, event, span, look, compare, metricsPort, useYesPrice].some((flag) => flag !== undefined)) {
    throw new KalshiError("BAD_ARGUMENT", "--from-frames records nothing else", {
      hint: "leave out what says which markets to record, and for how long",
    });
  }
  const made = await importFrames({ ...ask, path });
  if (flags.json === true) printJson({ type: "summary", ...made });
  const { frames, bytes, connections, segments, backwards } = made;
  say(
    `${flags.out}: ${counted(frames, "frame")}, ${counted(bytes, "byte")}, ${counted(connections, "connection")}, ${counted(segments, "segment")}`,
  );
  if (backwards === null) return;
  const { lines, firstLine, furthestMs } = backwards;
  const what = lines === 1 ? "a line is" : `${lines} lines are`;
  warn(
    `${what} earlier than the one before, by up to ${furthestMs} ms, the first is line ${firstLine}; all are kept as they come`,
  );
}

/** How it is told of, and for how long. */
interface Told {
  readonly json: boolean;
  readonly statusMs: number;
  readonly metricsPort: number | null;
  readonly forMs: number | null;
}

async function run(lab: Lab, ask: RecordAsk, { json, statusMs, metricsPort, forMs }: Told): Promise<void> {
  const report = reportOn(ask.dir, json);
  let recorder: Recorder | null = null;
  const metrics = metricsPort === null ? null : await serveMetrics(metricsPort, () => recorder?.status() ?? null);
  try {
    if (metrics !== null) say(`metrics at ${metrics.url}`);
    recorder = await lab.record({ ...ask, statusMs, onStatus: (status) => report.hear(status) });
    tellTails(recorder.status());
    const summary = await watched(recorder, report, statusMs, forMs);
    tellSummary(ask.dir, summary, json);
    const { disk } = recorder.status();
    if (disk.problem !== null) throw disk.problem;
  } finally {
    await metrics?.close();
  }
}

/** What an earlier recorder has left behind. */
function tellTails({ repaired, damaged }: RecorderStatus): void {
  if (repaired !== null) {
    const { segment, bytes, frames } = repaired;
    warn(
      `segment ${segment} ended in an unfinished batch, as a crash leaves it: ${bytes} bytes, of some ${frames} frames, were cut off; a gap tells`,
    );
  }
  if (damaged === null) return;
  warn(
    `segment ${damaged.segment} is damaged at its end: ${damaged.bytes} bytes cannot be read and are left as they are; a gap tells`,
  );
}

/** Shows the status until the end. */
async function watched(
  recorder: Recorder,
  report: Report,
  statusMs: number,
  forMs: number | null,
): Promise<RecordingSummary> {
  const show = (): void => report.show(recorder.status());
  show();
  const ticking = setInterval(show, statusMs);
  const cancel = forMs === null ? () => undefined : after(forMs, () => void recorder.stop());
  try {
    return await recorder.done;
  } finally {
    clearInterval(ticking);
    cancel();
    report.end();
  }
}

function tellSummary(dir: string, summary: RecordingSummary, json: boolean): void {
  if (json) printJson({ type: "summary", ...summary });
  const { frames, bytes, gaps, segments, lostFrames } = summary;
  const lost = lostFrames === 0 ? "" : `, ${lostFrames} frames lost`;
  (gaps === 0 && lostFrames === 0 ? say : warn)(
    `${dir}: ${counted(frames, "frame")}, ${counted(bytes, "byte")}, ${counted(gaps, "gap")}, ${counted(segments, "segment")}${lost}`,
  );
}

/** What is recorded, and how it is kept. @throws KalshiError `BAD_ARGUMENT` */
function readFlags(flags: Flags): RecordAsk {
  const { segmentSize, segmentSpan, sync, memory, silence, compress, useYesPrice, look, compare } = flags;
  return {
    tickers: listed(flags.tickers),
    event: listed(flags.event),
    series: listed(flags.series),
    dir: flags.out,
    maxSegmentBytes: segmentSize === undefined ? undefined : readSize(segmentSize),
    maxSegmentMs:
      segmentSpan === undefined ? undefined : readSomeSpan(segmentSpan, "a segment of no time holds nothing"),
    syncMs: sync === undefined ? undefined : readSpan(sync),
    maxPendingBytes: memory === undefined ? undefined : readSize(memory),
    silenceMs: silence === undefined ? undefined : readSpan(silence),
    compress,
    useYesPrice,
    lookMs: look === undefined ? undefined : readSomeSpan(look, "looking without a pause would use up the rate limit"),
    compareMs: compare === undefined ? undefined : readSpan(compare),
  };
}

/** @throws KalshiError `BAD_ARGUMENT` */
function readTold(flags: Flags): Told {
  const { status, metricsPort, json = false } = flags;
  return {
    json,
    statusMs: status === undefined ? 1_000 : readSomeSpan(status, "a status cannot be told without a pause"),
    metricsPort: metricsPort === undefined ? null : readPort(metricsPort),
    forMs: flags.for === undefined ? null : readSpan(flags.for),
  };
}

function listed(ids: string | undefined): string[] | undefined {
  return ids?.split(",").filter((id) => id !== "");
}
