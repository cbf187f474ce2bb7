import { existsSync, statSync } from "node:fs";
import { type Command, Option } from "commander";
import { exportFile } from "../datasets/export-file.js";
import { type SavedFile, saveTable } from "../datasets/write.js";
import { KalshiError } from "../errors.js";
import type { Saved } from "../lab/query.js";
import type { RecordedAsk } from "../lab/recorded.js";
import { openRecording, type Recording } from "../lab/recording.js";
import { exportFrames } from "../recorder/export-frames.js";
import { maybeMoment } from "../recorder/moment.js";
import type { Timestamp } from "../units/time.js";
import { printJson, say, warn } from "./output.js";
import { stopSignal } from "./stop.js";

interface Flags {
  readonly to: string;
  readonly as?: string;
  readonly from?: string;
  readonly until?: string;
  readonly tickers?: string;
  readonly levels?: string;
  readonly within?: string;
  readonly every?: string;
  readonly json?: boolean;
}

/** Which part of what is exported. */
interface Part extends RecordedAsk {
  readonly from: Timestamp | undefined;
  readonly to: Timestamp | undefined;
}

interface Savable {
  save(path: string): Promise<Saved>;
}

/** Levels of each side where nothing says how many. */
const LEVELS = 10;

/** The tables of a recording, by `--as`. */
const tables: Readonly<Record<string, (recording: Recording, part: Part, flags: Flags) => Savable>> = {
  quotes: (recording, part) => recording.quotes(part),
  trades: (recording, part) => recording.trades(part),
  depth: (recording, part, { levels, within }) => {
    if (within === undefined)
      return recording.depth({ ...part, levels: levels === undefined ? LEVELS : numberOf("--levels", levels) });
    if (levels === undefined) return recording.depth({ ...part, within: numberOf("--within", within) });
    throw new KalshiError("BAD_ARGUMENT", "--levels and --within ask for different things", {
      hint: "give --levels for a row of each level, or --within for the contracts near the best price",
    });
  },
  deltas: (recording, part) => recording.deltas(part),
  snapshots: (recording, part, { every = "1s", levels }) =>
    recording.bookSnapshots({
      ...part,
      every,
      levels: levels === undefined ? undefined : numberOf("--levels", levels),
    }),
  bars: (recording, part, { every = "1m" }) => recording.bars({ ...part, every }),
};

/** `kalshi-lab export RECORDING|FILE --to FILE`: a recording or a file into CSV, Parquet, Arrow, or lines of frames. */
export function registerExport(program: Command): void {
  program
    .command("export <source>")
    .description("a recording's folder, or a .csv, .parquet or .arrow file, into another file")
    .requiredOption("--to <file>", "where to: .csv, .parquet or .arrow; frames to .jsonl or .jsonl.gz")
    .addOption(new Option("--as <what>", "of a recording").choices([...Object.keys(tables), "quality", "frames"]))
    .option("--from <iso>", "included; the exchange's time, of frames the time they were received")
    .option("--until <iso>", "not included")
    .option("--tickers <ids>", "markets, separated by commas")
    .option("--levels <n>", `best levels of each side, with depth (default ${LEVELS}) and snapshots (default all)`)
    .option("--within <dollars>", "contracts within so much of the best price, with depth")
    .option("--every <span>", 'moments of snapshots (default "1s"), length of bars (default "1m")')
    .option("--json", "print what was written as JSON")
    .action(async (source: string, flags: Flags) => {
      const signal = stopSignal();
      const part = { ...readPart(flags), signal };
      if (!existsSync(source)) {
        throw new KalshiError("FILE_NOT_FOUND", `no such file or folder: ${source}`, {
          hint: "give the folder of a recording, or a .csv, .parquet or .arrow file",
          context: { source },
        });
      }
      if (!statSync(source).isDirectory()) await fromFile(source, part, flags);
      else if (isFrames(flags)) await toFrames(source, part, flags);
      else if (flags.as === "quality")
        report(await saveTable(await (await openRecording(source)).qualityTable(), flags.to), flags);
      else {
        const query = tables[flags.as ?? "quotes"]!(await openRecording(source), part, flags);
        const saved = await query.save(flags.to);
        if (saved.provenance.complete) report(saved, flags);
        else report(saved, flags, `; incomplete: ${saved.provenance.why}`);
      }
    });
}

async function fromFile(source: string, { tickers, from, to }: Part, flags: Flags): Promise<void> {
  if (flags.as !== undefined) {
    throw new KalshiError("BAD_ARGUMENT", `--as ${flags.as} of a file`, {
      hint: "a file has the rows it has; --as says what to make of a recording",
    });
  }
  report(await exportFile(source, flags.to, { tickers, from, to }), flags);
}

async function toFrames(dir: string, part: Part, flags: Flags): Promise<void> {
  if (!/\.jsonl(\.gz)?$/i.test(flags.to)) {
    throw new KalshiError("FILE_FORMAT", `frames are lines of JSON, no ${flags.to}`, {
      hint: "name a file that ends in .jsonl or .jsonl.gz",
      context: { path: flags.to },
    });
  }
  const written = await exportFrames(dir, flags.to, part);
  if (flags.json === true) printJson(written);
  const damaged = written.damaged === 0 ? "" : `, ${written.damaged} damaged places as holes`;
  (written.damaged === 0 ? say : warn)(`${written.path}: ${written.frames} frames, ${written.notes} notes${damaged}`);
}

function isFrames({ as, to }: Flags): boolean {
  return as === undefined ? /\.jsonl(\.gz)?$/i.test(to) : as === "frames";
}

function report(saved: SavedFile, flags: Flags, why = ""): void {
  if (flags.json === true) printJson(saved);
  (why === "" ? say : warn)(`${saved.path}: ${saved.rows.toLocaleString("en-US")} rows${why}`);
}

function readPart({ from, until, tickers }: Flags): Omit<Part, "signal"> {
  const names = tickers?.split(",").filter((ticker) => ticker !== "");
  return {
    ...(names === undefined ? {} : { tickers: names }),
    from: maybeMoment(from),
    to: maybeMoment(until),
  };
}

function numberOf(flag: string, text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new KalshiError("BAD_ARGUMENT", `${flag} ${text} is no number`, { hint: `such as ${flag} 5` });
}
