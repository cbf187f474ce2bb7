import { once } from "node:events";
import { from as tableFrom } from "arquero";
import type { Command } from "commander";
import type { BookEvent } from "../book/event.js";
import { KalshiError } from "../errors.js";
import { type FoundBook, wireFoundBook } from "../recorder/found-book.js";
import type { Quality } from "../recorder/quality.js";
import { openRecording, type ReplayAsk } from "../recorder/replay.js";
import { wireEvent } from "../recorder/wire-event.js";
import { formatTimeFull, parseTime, type Timestamp } from "../units/time.js";
import { printJson, printLine, printTable, warn } from "./output.js";
import { stopSignal } from "./stop.js";

/** Rows of a part of the quality that are printed; longer ones show head and tail. */
const ROWS = 200;

interface Flags {
  readonly ticker?: string;
  readonly at?: string;
  readonly final?: boolean;
  readonly quality?: boolean;
  readonly events?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly speed?: string;
  readonly json?: boolean;
}

/** `kalshi-lab replay DIR`: books out of a recording, its events as they came, and how good it is. */
export function registerReplay(program: Command): void {
  program
    .command("replay <dir>")
    .description("books of a recording at a moment or at its end, its events as lines of JSON, and its quality")
    .option("--ticker <id>", "market, with --at; of events only those of it")
    .option("--at <iso>", "moment of the exchange's clock; all messages up to and including it are applied")
    .option("--final", "every book as each connection left it")
    .option("--quality", "coverage, gaps and connections")
    .option("--events", "every event, one line of JSON each; so do --from, --to and --speed")
    .option("--from <iso>", "events from this moment of the exchange's clock on; first the books as they stood")
    .option("--to <iso>", "events before this moment")
    .option("--speed <x>", "so many times as fast as they were received (default as fast as can be)")
    .option("--json", "print JSON")
    .action(async (dir: string, flags: Flags) => {
      const question = readQuestion(flags);
      const json = flags.json === true;
      const recording = await openRecording(dir);
      if (question.about === "quality") showQuality(await recording.quality(), json);
      else if (question.about === "events")
        await printEvents(recording.replay({ ...question.part, signal: stopSignal() }));
      else if (question.about === "final") show(await recording.final(), json);
      else show([await recording.bookAt(question.ticker, question.at)], json);
    });
}

type Question =
  | { readonly about: "quality" }
  | { readonly about: "final" }
  | { readonly about: "events"; readonly part: ReplayAsk }
  | { readonly about: "book"; readonly ticker: string; readonly at: Timestamp };

/** @throws KalshiError `BAD_ARGUMENT` unless exactly one thing is asked, `BAD_TIME` */
function readQuestion({ ticker, at, final, quality, events, from, to, speed }: Flags): Question {
  const isPart = events === true || [from, to, speed].some((flag) => flag !== undefined);
  const given = Object.entries({
    "--at": at !== undefined,
    "--final": final === true,
    "--quality": quality === true,
    [from !== undefined ? "--from" : to !== undefined ? "--to" : speed !== undefined ? "--speed" : "--events"]: isPart,
  })
    .filter(([, isGiven]) => isGiven)
    .map(([flag]) => flag);
  if (given.length > 1) {
    throw new KalshiError("BAD_ARGUMENT", `${given.join(" and ")} ask for different things`, {
      hint: "give one of --at, --final, --quality and --events",
      context: { given },
    });
  }
  if (quality === true) return { about: "quality" };
  if (final === true) return { about: "final" };
  if (isPart) {
    const tickers = ticker === undefined ? {} : { tickers: [ticker] };
    return { about: "events", part: { ...tickers, from, to, speed: speed === undefined ? undefined : Number(speed) } };
  }
  if (ticker !== undefined && at !== undefined) return { about: "book", ticker, at: parseTime(at) };
  throw new KalshiError("BAD_ARGUMENT", "which book?", {
    hint: "give --ticker and --at, or --final, --quality, or --events",
  });
}

/** Prints events as they come, as fast as they are taken; a reader that has seen enough ends it. */
async function printEvents(events: AsyncIterable<BookEvent>): Promise<void> {
  const { stdout } = process;
  for await (const event of events) {
    if (stdout.destroyed || stdout.errored !== null) return;
    if (stdout.write(`${JSON.stringify(wireEvent(event))}\n`)) continue;
    await Promise.race([once(stdout, "drain"), once(stdout, "close")]).catch(() => undefined);
  }
}

function showQuality(quality: Quality, json: boolean): void {
  const { gaps, connections, markets, hours, rest_differences, unparsed } = quality;
  if (json) printJson({ gaps, connections, markets, hours, rest_differences });
  else {
    printRows("gaps", gaps);
    printRows("connections", connections);
    printRows("markets", markets);
    printRows(
      "hours",
      hours.map(({ latency_ms, ...hour }) => ({ ...hour, latency_ms: latency_ms?.median ?? null })),
    );
    if (rest_differences.length > 0) printRows("rest_differences", rest_differences.map(flatDifference));
  }
  if (unparsed > 0) warn(`${unparsed} message${unparsed === 1 ? "" : "s"} could not be read and kept as they came`);
}

function flatDifference({ levels, ...rest }: Quality["rest_differences"][number]): object {
  return { ...rest, levels: levels.map(({ side, price, ours, rest }) => `${side} ${price}: ${ours} not ${rest}`) };
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
  printTable(tableFrom(flat), false, ROWS);
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
