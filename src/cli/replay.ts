import type { Command } from "commander";
import { KalshiError } from "../errors.js";
import { type FoundBook, wireFoundBook } from "../recorder/found-book.js";
import { openRecording } from "../recorder/replay.js";
import { formatTimeFull, parseTime } from "../units/time.js";
import { printJson, printLine } from "./output.js";

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
      const recording = await openRecording(dir);
      if (flags.quality === true) {
        const { gaps, connections, markets } = await recording.quality();
        printJson({ gaps, connections, markets });
        return;
      }
      if (flags.final === true) {
        show(await recording.final(), flags.json === true);
        return;
      }
      if (flags.ticker === undefined || flags.at === undefined) {
        throw new KalshiError("BAD_ARGUMENT", "which book?", {
          hint: "give --ticker and --at, or --final, or --quality",
        });
      }
      show([await recording.bookAt(flags.ticker, parseTime(flags.at))], flags.json === true);
    });
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
