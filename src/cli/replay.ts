import { from } from "arquero";
import type { Command } from "commander";
import { KalshiError } from "../errors.js";
import { type FoundBook, wireFoundBook } from "../recorder/found-book.js";
import type { Quality } from "../recorder/quality.js";
import { openRecording } from "../recorder/replay.js";
import { formatTimeFull, parseTime, type Timestamp } from "../units/time.js";
import { printJson, printLine, printTable, say } from "./output.js";

/** Rows of a part of the quality that are printed; longer ones show head and tail. */
const ROWS = 200;

interface Flags {
  readonly ticker?: string;
  readonly at?: string;
  readonly final?: boolean;
  readonly quality?: boolean;
  readonly json?: boolean;
}

/** `kalshi-lab replay DIR`: books out of a recording, and how good it is. */
export function registerReplay(program: Command): void {
  program
    .command("replay <dir>")
    .description("books of a recording at a moment or at its end, and its quality")
    .option("--ticker <id>", "market, with --at")
    .option("--at <iso>", "moment of the exchange's clock; all messages up to and including it are applied")
    .option("--final", "every book as each connection left it")
    .option("--quality", "coverage, gaps and connections")
    .option("--json", "print JSON")
    .action(async (dir: string, flags: Flags) => {
      const question = readQuestion(flags);
      const json = flags.json === true;
      const recording = await openRecording(dir);
      if (question.about === "quality") showQuality(await recording.quality(), json);
      else if (question.about === "final") show(await recording.final(), json);
      else show([await recording.bookAt(question.ticker, question.at)], json);
    });
}

type Question =
  | { readonly about: "quality" }
  | { readonly about: "final" }
  | { readonly about: "book"; readonly ticker: string; readonly at: Timestamp };

/** @throws KalshiError `BAD_ARGUMENT` unless exactly one thing is asked, `BAD_TIME` */
function readQuestion({ ticker, at, final, quality }: Flags): Question {
  const given = Object.entries({ "--at": at !== undefined, "--final": final === true, "--quality": quality === true })
    .filter(([, isGiven]) => isGiven)
    .map(([flag]) => flag);
  if (given.length > 1) {
    throw new KalshiError("BAD_ARGUMENT", `${given.join(" and ")} ask for different things`, {
      hint: "give one of --at, --final and --quality",
      context: { given },
    });
  }
  if (quality === true) return { about: "quality" };
  if (final === true) return { about: "final" };
  if (ticker !== undefined && at !== undefined) return { about: "book", ticker, at: parseTime(at) };
  throw new KalshiError("BAD_ARGUMENT", "which book?", { hint: "give --ticker and --at, or --final, or --quality" });
}

function showQuality({ gaps, connections, markets, unparsed }: Quality, json: boolean): void {
  if (json) printJson({ gaps, connections, markets });
  else {
    printRows("gaps", gaps);
    printRows("connections", connections);
    printRows("markets", markets);
  }
  if (unparsed > 0) say(`${unparsed} message${unparsed === 1 ? "" : "s"} could not be read and kept as they came`);
}

/** A part of the quality as a table under its name. */
function printRows(name: string, rows: readonly object[]): void {
  if (rows.length === 0) {
    printLine(`${name}: none`);
    return;
  }
  const flat = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [key, Array.isArray(value) ? value.join(" ") : value]),
    ),
  );
  printLine(`${name}:`);
  printTable(from(flat), false, ROWS);
}

function show(books: readonly FoundBook[], json: boolean): void {
  if (json) {
    printJson({ books: books.map(wireFoundBook) });
    return;
  }
  for (const found of books) {
    const trust = found.trust === "ok" ? "ok" : `unknown: ${found.reason}`;
    printLine(`${found.ticker} at ${formatTimeFull(found.at)}, connection ${found.connection ?? "none"}: ${trust}`);
    if (found.book !== null) printLine(found.book.toString());
  }
}
