import type { RecorderStatus } from "./recorder-status.js";

/** What the text of {@link metricsText} is, as HTTP tells it. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

interface Metric {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  /** None where the figure is not known. */
  read(status: RecorderStatus): number | null | readonly Sample[];
}

/**
 * The status of a recorder in Prometheus' text format 0.0.4: times in seconds since 1970, spans in seconds, sizes in bytes. A figure that is
 * not known is left out.
 */
export function metricsText(status: RecorderStatus): string {
  return metrics.map((metric) => metricText(metric, status)).join("");
}

function metricText({ name, type, help, read }: Metric, status: RecorderStatus): string {
  const found = read(status);
  if (found === null) return "";
  const samples: readonly Sample[] = typeof found === "number" ? [[{}, found]] : found;
  const full = `kalshi_recorder_${name}`;
  const lines = samples.map(([labels, value]) => `${full}${labelText(labels)} ${value}\n`);
  return `# HELP ${full} ${escaped(help)}\n# TYPE ${full} ${type}\n${lines.join("")}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function gauge(name: string, help: string, read: Metric["read"]): Metric {
  return { name, type: "gauge", help, read };
}

function counter(name: string, help: string, read: Metric["read"]): Metric {
  return { name: `${name}_total`, type: "counter", help, read };
}

const metrics: readonly Metric[] = [
  gauge("connected", "1 while a connection is open.", ({ state }) => (state === "recording" ? 1 : 0)),
  gauge("start_time_seconds", "When the recorder was started.", ({ startedAt }) => startedAt / 1e6),
  gauge("markets", "Markets subscribed to.", ({ markets }) => markets),
  counter("markets_joined", "Markets that have come since the start.", ({ joined }) => joined),
  counter("markets_left", "Markets that have gone since the start.", ({ left }) => left),
  gauge("stale_books", "Books that lack messages and wait for a snapshot.", ({ staleBooks }) => staleBooks),
  counter("frames", "Frames written.", ({ frames }) => frames),
  counter("written_bytes", "Bytes written to segments before compression.", ({ bytes }) => bytes),
  gauge("messages_per_second", "Frames received, over ten seconds.", ({ messagesPerSecond }) => messagesPerSecond),
  gauge("received_bytes_per_second", "Bytes of frames, over ten seconds.", ({ bytesPerSecond }) => bytesPerSecond),
  gauge("last_frame_time_seconds", "When the last frame was received.", ({ lastFrameAt }) =>
    lastFrameAt === null ? null : lastFrameAt / 1e6,
  ),
  gauge(
    "lag_seconds",
    "Receive time minus exchange time over ten seconds; below zero where clocks differ.",
    ({ lag }) => (lag === null ? null : Object.entries(lag).map(([of, millis]) => [{ of }, millis / 1e3] as const)),
  ),
  counter("connections", "Connections made.", ({ connections }) => connections),
  counter("gaps", "Times that messages were missing, lost connections included.", ({ gaps }) => gaps),
  gauge("silent_now", "Silent for longer than the stall time now, though connected.", ({ stalls }) => [
    [{ what: "connections" }, stalls.connections],
    [{ what: "markets" }, stalls.markets],
    [{ what: "clocks" }, stalls.clocks],
  ]),
  counter("stalls", "Silences told since the start.", ({ stalls }) => stalls.total),
  counter("lost_frames", "Frames that could not be written; each time is a hole.", ({ lostFrames }) => lostFrames),
  gauge("disk_problem", "1 while nothing can be written.", ({ disk }) => (disk.problem === null ? 0 : 1)),
  gauge("waiting_bytes", "Received and not written yet.", ({ disk }) => disk.waitingBytes),
  gauge("disk_free_bytes", "Free where the recording is.", ({ disk }) => disk.freeBytes),
  counter("segments", "Segments begun.", ({ segments }) => segments),
  counter("packed_segments", "Closed segments compressed.", ({ packing }) => packing.segments),
  counter("packed_before_bytes", "Their bytes before.", ({ packing }) => packing.before),
  counter("packed_after_bytes", "Their bytes after.", ({ packing }) => packing.after),
  counter("rest_books_compared", "Books compared with those of REST.", ({ rest }) => rest.compared),
  counter("rest_books_different", "Books that differed.", ({ rest }) => rest.different),
  counter("rest_books_skipped", "Books that could not be compared.", ({ rest }) => rest.skipped),
  gauge("problem", "1 for what is wrong at the moment, by its code.", ({ problem }) =>
    problem === null ? null : [[{ code: problem.code }, 1]],
  ),
];
