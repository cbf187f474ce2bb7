import type { KalshiError } from "../../errors.js";
import type { RecorderStatus } from "../../recorder/record.js";

/** What a status does not know. */
export interface Shown {
  readonly dir: string;
  /** Width of the terminal. */
  readonly columns: number;
}

/**
 * A recorder's status as one screen of text, one line per subject, none longer than the terminal is wide: what matters most stands first in
 * each, and narrow terminals lose the rest. A problem is told in full below, over as many lines as it takes.
 */
export function statusScreen(status: RecorderStatus, { dir, columns }: Shown): string {
  const lines = [
    headLine(status, dir),
    ...rows.map(([name, parts]) => `${name.padEnd(12)}${join(parts(status).filter((part) => part !== ""))}`),
  ];
  const width = Math.max(20, columns);
  return [...lines.map((line) => cut(line, width)), ...problemLines(status, width)].join("\n");
}

function headLine({ state, at, startedAt }: RecorderStatus, dir: string): string {
  const mark = state === "recording" ? "●" : "○";
  return join([`${mark} ${state}`, span((at - startedAt) / 1_000), dir]);
}

const rows: readonly (readonly [name: string, parts: (status: RecorderStatus) => readonly string[]])[] = [
  [
    "markets",
    ({ markets, joined, left }) => [
      number(markets),
      joined === 0 ? "" : `${number(joined)} came`,
      left === 0 ? "" : `${number(left)} went`,
    ],
  ],
  [
    "messages",
    ({ messagesPerSecond, frames, at, lastFrameAt }) => [
      `${number(messagesPerSecond)}/s`,
      `${number(frames)} written`,
      lastFrameAt === null ? "none yet" : `last ${span((at - lastFrameAt) / 1_000)} ago`,
    ],
  ],
  [
    "lag",
    ({ lag }) =>
      lag === null ? ["no times"] : [`median ${millis(lag.median)}`, `${millis(lag.lowest)} to ${millis(lag.highest)}`],
  ],
  [
    "bytes",
    ({ bytes, bytesPerSecond, packing }) => [
      size(bytes),
      `${size(bytesPerSecond)}/s`,
      packing.segments === 0 ? "" : `${size(packing.before)} packed to ${size(packing.after)}`,
    ],
  ],
  [
    "gaps",
    ({ gaps, staleBooks, lostFrames }) => [
      number(gaps),
      staleBooks === 0 ? "every book whole" : `${number(staleBooks)} books lack messages`,
      lostFrames === 0 ? "" : `${number(lostFrames)} frames lost`,
    ],
  ],
  [
    "stalls",
    ({ stalls: { connections, markets, clocks, total } }) => [
      number(total),
      connections === 0 ? "" : `${number(connections)} connection${connections === 1 ? "" : "s"} silent`,
      markets === 0 ? "" : `${number(markets)} market${markets === 1 ? "" : "s"} silent`,
      clocks === 0 ? "" : "the exchange's time stands",
    ],
  ],
  [
    "connections",
    ({ connections, state }) => [number(connections), state === "reconnecting" ? "connecting again" : ""],
  ],
  [
    "disk",
    ({ disk, segments }) => [
      disk.problem === null ? "ok" : disk.problem.code,
      disk.freeBytes === null ? "" : `${size(disk.freeBytes)} free`,
      `${number(segments)} segments`,
      disk.problem === null ? "" : `${size(disk.waitingBytes)} wait in memory`,
    ],
  ],
  [
    "REST books",
    ({ rest }) =>
      rest.compared + rest.skipped === 0
        ? ["none compared yet"]
        : [
            `${number(rest.compared)} compared`,
            `${number(rest.different)} differed`,
            rest.skipped === 0 ? "" : `${number(rest.skipped)} could not be`,
          ],
  ],
];

function problemLines({ problem, packing, rest }: RecorderStatus, width: number): string[] {
  const problems = [problem, packing.problem, rest.problem].filter((one): one is KalshiError => one !== null);
  return problems.flatMap((one) => [
    "",
    ...wrap(`${one.code}: ${one.message}`, width),
    ...wrap(`  → ${one.hint}`, width),
  ]);
}

function join(parts: readonly string[]): string {
  return parts.join(" · ");
}

function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}

/** Breaks a text between words. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "  ";
    }
    line = line === "" || line === "  " ? `${line}${word}` : `${line} ${word}`;
  }
  return [...lines, line];
}

function number(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** Clocks may be far apart: those of a sandbox are months. */
function millis(value: number): string {
  const far = Math.abs(value);
  if (far < 10_000) return `${value.toFixed(far < 10 ? 1 : 0)} ms`;
  return `${value < 0 ? "−" : ""}${span(far)}`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** A size with three figures, in powers of a thousand, as disks are sold. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(value < 9.995 ? 2 : 1)} ${UNITS[unit]}`;
}

/** `0.4 s`, `12 s`, `3 m 20 s`, `2 h 5 m`, `9 d 4 h`. */
export function span(ms: number): string {
  const seconds = Math.max(0, ms / 1_000);
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} m ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} m`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3_600)} h`;
}
